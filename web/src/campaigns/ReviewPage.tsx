import { useParams } from "react-router";
import type { Review } from "../shared/campaign-types";
import { Page, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { ReviewPanel } from "./Review";
import { useText } from "./text";

/** The review of a journey, or of a campaign by its address alone. */
export default function ReviewPage() {
  const t = useText();
  const { id = "" } = useParams();
  const { data } = useGet<Review>(`/reviews/${id}`);
  const back = id.startsWith("cmp_") ? `/campaigns/${id}` : `/journeys/${id}`;
  const name = data?.name ?? t("review");
  return (
    <Page title={data ? `${t("review")} · ${name}` : name} back={{ to: back, label: name }}>
      <Panel>
        <ReviewPanel id={id} />
      </Panel>
    </Page>
  );
}
