/** Every kind of step, by what it is for. Click to add behind the selected step, or drag it to where it belongs. */
import { useBilingual } from "../shared/i18n/i18n";
import { grouped, useBoard, useGroupName } from "./board";
import { KindIcon } from "./Step";
import { useText } from "./text";
import { DRAGGED } from "./useDrop";



export function Palette() {
  const t = useText();
  const say = useBilingual();
  const groupName = useGroupName();
  const { kinds, edit } = useBoard();
  return (
    <div className="palette" role="toolbar" aria-orientation="vertical" aria-label={t("palette.label")}>
      {grouped(kinds).map(({ group, kinds: members }) => (
        <section key={group}>
          <h3 className="faint small">{groupName(group)}</h3>
          {members.map((kind) => (
            <button
              key={kind.kind}
              type="button"
              className="palette-item"
              title={say(kind.label)}
              draggable
              onDragStart={(event) => {
                event.dataTransfer.setData(DRAGGED, kind.kind);
                event.dataTransfer.effectAllowed = "copy";
              }}
              onClick={() => edit?.add(kind)}
            >
              <KindIcon group={group} />
              <span>{say(kind.label)}</span>
            </button>
          ))}
        </section>
      ))}
      <p className="faint small">{t("palette.hint")}</p>
    </div>
  );
}
