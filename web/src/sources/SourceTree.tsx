import { formatCount } from "../shared/formats";
import { Info } from "../shared/Marks";
import { LinkButton } from "../shared/LinkButton";
import { lookup } from "../shared/i18n/i18n";
import { Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { useText } from "./text";

type Place = { path: string; sources: string[]; buyers: number; inside: number; came: number; covered: boolean };

/** The source tree in two levels, and where people buy but nobody comes into the private domain from. */
export function SourceTree() {
  const t = useText();
  const places = useGet<Place[]>("/sources/coverage", { staleMs: 300_000 }).data ?? [];
  if (places.length === 0) return null;
  const name = (part: string) => lookup(t, "place", part);
  const full = ({ path }: Place) => path.split("/").map(name).join(" / ");
  const tops = [...new Set(places.map(({ path }) => path.split("/")[0] ?? path))];
  const bare = places.filter(({ covered }) => !covered);
  return (
    <Panel
      title={
        <>
          {t("tree")} <Info text={t("tree.formula")} />
        </>
      }
    >
      <div className="stack">
        {bare.length > 0 && (
          <p className="note warn row wrap between">
            <span>{t("tree.bare", { n: bare.length, names: bare.map(full).join("、") })}</span>
            <LinkButton to="/codes">{t("tree.mend")}</LinkButton>
          </p>
        )}
        <div style={{ overflowX: "auto" }}>
          <table className="plain-table source-tree">
            <thead>
              <tr>
                <th>{t("tree.place")}</th>
                <th className="end">{t("tree.buyers")}</th>
                <th className="end">{t("tree.inside")}</th>
                <th className="end">{t("tree.came")}</th>
                <th />
              </tr>
            </thead>
            {tops.map((top) => (
              <tbody key={top}>
                <tr>
                  <th colSpan={5}>{name(top)}</th>
                </tr>
                {places
                  .filter(({ path }) => path.split("/")[0] === top)
                  .map((place) => (
                    <tr key={place.path}>
                      <td title={place.sources.join("、")}>{name(place.path.split("/")[1] ?? place.sources.join("、"))}</td>
                      <td className="num end">{formatCount(place.buyers)}</td>
                      <td className="num end">{formatCount(place.inside)}</td>
                      <td className="num end">{formatCount(place.came)}</td>
                      <td className="end">{!place.covered && <span className="tag warn">{t("tree.uncovered")}</span>}</td>
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      </div>
    </Panel>
  );
}
