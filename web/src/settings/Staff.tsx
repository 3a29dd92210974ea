/** Who is a staff or test account: by a rule, by a list of identifiers, by hand on the person's page. */
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { FaultsContext, RuleGroup } from "../audiences/RuleGroup";
import { asRoot, isComplete, type Fault } from "../audiences/rules";
import { api, ApiError } from "../shared/api";
import type { Rule } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useIdentifierName } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { useText } from "./text";

type Listed = { id: string; type: string; value: string };
type View = { rule: Rule | null; identifiers: Listed[]; persons: number; ruled: number; version: number };

const KINDS = ["mobile", "email", "user_id", "unionid", "external_userid", "anonymous_id"];

export default function Staff() {
  const { data, error, refetch } = useGet<View>("/staff");
  if (data) return <Editor key={data.version} view={data} />;
  return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={6} height={360} />;
}

function Editor({ view }: { view: View }) {
  const t = useText();
  const common = useCommon();
  const may = useMay();
  const kindName = useIdentifierName();
  const [rule, setRule] = useState<Rule | null>(view.rule && asRoot(view.rule));
  const [kind, setKind] = useState("mobile");
  const [text, setText] = useState("");
  const [dropped, setDropped] = useState<string[]>([]);
  const [faults, setFaults] = useState<Fault[]>([]);
  const added = text.split(/[\n,，;；\s]+/).filter(Boolean);
  const save = useChange(
    () =>
      api.put<View>(
        "/staff",
        { rule, add: added.map((value) => ({ type: kind, value })), remove: dropped },
        { ifMatch: view.version },
      ),
    {
      nouns: ["staff", "persons", "overview", "audiences", "lifecycle"],
      done: common("done.saved"),
      onError: (problem) => {
        setFaults(problem instanceof ApiError ? (problem.problem.errors ?? []) : []);
        return false;
      },
    },
  );
  const admin = may("admin");
  return (
    <div className="stack">
      <div className="note">
        <p>{t("staff.hint")}</p>
        <p className="row wrap" style={{ marginTop: 4 }}>
          <span>{t("staff.count", { n: formatCount(view.persons), ruled: formatCount(view.ruled) })}</span>
          <Link to="/persons?staff=true">{t("staff.see")}</Link>
        </p>
      </div>
      <div className="columns">
        <Panel
          className="half"
          title={t("staff.rule")}
          extra={
            admin &&
            rule && (
              <button type="button" className="link-button" onClick={() => setRule(null)}>
                {t("staff.rule.drop")}
              </button>
            )
          }
        >
          <p className="dim small" style={{ marginBottom: 10 }}>
            {t("staff.rule.hint")}
          </p>
          {rule ? (
            <FaultsContext.Provider value={faults}>
              <RuleGroup rule={rule} pointer="" onChange={setRule} />
            </FaultsContext.Provider>
          ) : (
            <div className="row wrap">
              <span className="faint">{t("staff.rule.none")}</span>
              <Button size="small" disabled={!admin} onClick={() => setRule({ all: [] })}>
                {t("staff.rule.add")}
              </Button>
            </div>
          )}
        </Panel>
        <Panel className="half" title={t("staff.list")}>
          <p className="dim small" style={{ marginBottom: 10 }}>
            {t("staff.list.hint")} {t("staff.hand")}
          </p>
          {view.identifiers.length === 0 ? (
            <p className="faint">{t("staff.list.none")}</p>
          ) : (
            <ul className="fact-rows" style={{ maxHeight: 220, overflow: "auto" }}>
              {view.identifiers.map(({ id, type, value }) => (
                <li key={id} style={dropped.includes(id) ? { textDecoration: "line-through", opacity: 0.5 } : undefined}>
                  <span className="dim">{kindName(type)}</span>
                  <span className="num">{value}</span>
                  {admin && (
                    <button
                      type="button"
                      className="link-button small"
                      onClick={() => setDropped(dropped.includes(id) ? dropped.filter((one) => one !== id) : [...dropped, id])}
                    >
                      {t("staff.remove")}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
          <Form layout="vertical" disabled={!admin} style={{ marginTop: 12 }}>
            <Form.Item label={t("staff.kind")} style={{ marginBottom: 10 }}>
              <Select aria-label={t("staff.kind")} value={kind} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: kindName(one) }))} />
            </Form.Item>
            <Form.Item label={t("staff.add")} htmlFor="staff-add" style={{ marginBottom: 0 }}>
              <Input.TextArea id="staff-add" rows={3} value={text} onChange={(event) => setText(event.target.value)} />
            </Form.Item>
          </Form>
        </Panel>
      </div>
      <div>
        <ActButton
          need="admin"
          type="primary"
          loading={save.isPending}
          disabled={rule !== null && !isComplete(rule)}
          onClick={() => save.mutate(undefined)}
        >
          {common("action.save")}
        </ActButton>
      </div>
    </div>
  );
}
