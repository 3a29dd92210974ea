import { Select } from "antd";
import { useSearchParams } from "react-router";
import type { ChannelSettings, Page } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { useBilingual } from "../shared/i18n/i18n";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import { ChannelPanel } from "./ChannelPanel";
import { ChannelState } from "./ChannelState";
import { useText } from "./text";
import "./channels.css";

/** All channels and how they do, the settings of one beside them. */
export default function Channels() {
  const t = useText();
  const say = useBilingual();
  const [params, setParams] = useSearchParams();
  const { data, error, refetch } = useGet<Page<ChannelSettings>>("/channels");
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={8} height={480} />;
  const all = data.items;
  const shown = all.find(({ channel }) => channel === params.get("channel")) ?? all[0];
  const pick = (channel: string) => setParams({ channel }, { replace: true });
  return (
    <div className="stack">
      <p className="dim">{t("channels.hint")}</p>
      <div className="channels">
        <nav className="panel channel-list" aria-label={t("channels.pick")}>
          {all.map((channel) => (
            <button
              key={channel.channel}
              type="button"
              className="channel-item"
              aria-current={channel === shown ? "true" : undefined}
              onClick={() => pick(channel.channel)}
            >
              <span className="ellipsis">{say(channel.label)}</span>
              <ChannelState settings={channel} />
            </button>
          ))}
        </nav>
        <Select
          className="channel-select"
          size="large"
          aria-label={t("channels.pick")}
          value={shown?.channel ?? null}
          onChange={pick}
          options={all.map((channel) => ({
            value: channel.channel,
            label: (
              <span className="row">
                <span className="ellipsis">{say(channel.label)}</span>
                <ChannelState settings={channel} />
              </span>
            ),
          }))}
        />
        {shown && <ChannelPanel key={shown.channel} settings={shown} />}
      </div>
    </div>
  );
}
