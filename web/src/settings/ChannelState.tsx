import type { ChannelSettings } from "../shared/api-types";
import { useText } from "./text";

/** One word for how a channel does. */
export function ChannelState({ settings }: { settings: ChannelSettings }) {
  const t = useText();
  if (!settings.enabled) return <span className="tag">{t("channels.state.off")}</span>;
  if (settings.sandbox) return <span className="tag accent">{t("channels.state.sandbox")}</span>;
  if (settings.last_error) return <span className="tag bad">{t("channels.state.error")}</span>;
  return <span className="tag good">{t("channels.state.on")}</span>;
}
