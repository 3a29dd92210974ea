import { Button, Input } from "antd";
import { useState } from "react";
import { useCommon } from "./i18n/common";

type Props = { value?: Record<string, string>; onChange?: (value: Record<string, string>) => void; id?: string };

/** Names with a text each, such as the variables of a template. Half-written lines stay while they are typed. */
export function Pairs({ value, onChange, id }: Props) {
  const t = useCommon();
  const [lines, setLines] = useState<[string, string][]>(Object.entries(value ?? {}));
  const put = (next: [string, string][]) => {
    setLines(next);
    onChange?.(Object.fromEntries(next.map(([name, text]) => [name.trim(), text] as const).filter(([name]) => name)));
  };
  const change = (place: number, line: [string, string]) => put(lines.map((old, at) => (at === place ? line : old)));
  return (
    <div className="col" style={{ gap: 8 }} id={id}>
      {lines.map(([name, text], place) => (
        <div className="row" key={place}>
          <Input
            aria-label={t("form.pair.name")}
            placeholder={t("form.pair.name")}
            value={name}
            onChange={(event) => change(place, [event.target.value, text])}
            style={{ flex: "0 1 38%" }}
          />
          <Input
            aria-label={t("form.pair.value")}
            placeholder={t("form.pair.value")}
            value={text}
            onChange={(event) => change(place, [name, event.target.value])}
          />
          <Button size="small" onClick={() => put(lines.filter((_, at) => at !== place))}>
            {t("form.remove")}
          </Button>
        </div>
      ))}
      <Button type="dashed" onClick={() => setLines([...lines, ["", ""]])}>
        {t("form.add")}
      </Button>
    </div>
  );
}
