/** What came around an event, and in words which of its identifiers name nobody. */
import { useCommon } from "./i18n/common";
import { lookup } from "./i18n/i18n";
import { JsonView, useIdentifierName } from "./Marks";

type Ignored = { type: string; value: string; reason: string };
const IGNORED = "ignored_identifiers";

/** The context of an event in two: what was ignored, and the rest. */
function taken(context: unknown): { ignored: Ignored[]; rest: unknown } {
  if (typeof context !== "object" || context === null) return { ignored: [], rest: context };
  const { [IGNORED]: found, ...rest } = context as Record<string, unknown>;
  return Array.isArray(found) ? { ignored: found as Ignored[], rest } : { ignored: [], rest: context };
}

export function Carried({ context }: { context: unknown }) {
  const { ignored, rest } = taken(context);
  return (
    <>
      {ignored.length > 0 && <IgnoredIdentifiers items={ignored} />}
      <JsonView value={rest} />
    </>
  );
}

function IgnoredIdentifiers({ items }: { items: Ignored[] }) {
  const t = useCommon();
  const name = useIdentifierName();
  return (
    <div className="note">
      <p>{t("ignored.title")}</p>
      <ul>
        {items.map((item, index) => (
          <li key={index}>
            {name(item.type)} <span className="num">{item.value}</span>: {lookup(t, "ignored", item.reason)}
          </li>
        ))}
      </ul>
    </div>
  );
}
