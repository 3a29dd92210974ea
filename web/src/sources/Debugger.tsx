import { PauseOutlined, CaretRightOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import type { Page, Source } from "../shared/api-types";
import { useGet } from "../shared/query";
import { EventStream } from "./EventStream";
import { useText } from "./text";

const EVERY_MS = 2000;

export default function Debugger() {
  const t = useText();
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState("");
  const [sourceId, setSourceId] = useState<string>();
  const sources = useGet<Page<Source>>("/sources?limit=100");
  return (
    <div className="stack">
      <p className="dim">{t("debugger.hint")}</p>
      <div className="filters">
        <Select
          allowClear
          placeholder={t("debugger.source")}
          value={sourceId}
          onChange={(id: string | undefined) => setSourceId(id)}
          options={sources.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
          style={{ minWidth: 180, maxWidth: "100%" }}
        />
        <Input
          allowClear
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          placeholder={t("debugger.filter")}
          style={{ width: 240, maxWidth: "100%" }}
        />
        <Button icon={paused ? <CaretRightOutlined /> : <PauseOutlined />} onClick={() => setPaused(!paused)}>
          {paused ? t("debugger.resume") : t("debugger.pause")}
        </Button>
        <span className="row faint" role="status">
          <span className={paused ? "dot" : "dot good"} />
          {paused ? t("debugger.paused") : t("debugger.live")}
        </span>
      </div>
      <div className="panel">
        <EventStream sourceId={sourceId} filter={filter} everyMs={paused ? false : EVERY_MS} limit={100} />
      </div>
    </div>
  );
}
