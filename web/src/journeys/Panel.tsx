/** What a step is set to, where its branches lead, and what is wrong with it. */
import { CloseOutlined, CopyOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import type { GraphNode } from "../shared/api-types";
import { useBilingual } from "../shared/i18n/i18n";
import { SchemaForm } from "../shared/SchemaForm";
import { groupOf, useBoard, useBranches, useBrief, useStepName } from "./board";
import { WIDGETS } from "./fields";
import { canConnect, edgeAt, inOrder, nodeOf } from "./graph";
import { SigningSecret } from "./SigningSecret";
import { KindIcon } from "./Step";
import { useText } from "./text";

type Props = {
  node: GraphNode;
  stamp: number;
  onConfig: (config: Record<string, unknown>) => void;
  onClose: () => void;
};

export function StepPanel({ node, stamp, onConfig, onClose }: Props) {
  const t = useText();
  const say = useBilingual();
  const name = useStepName()(node);
  const { kinds, problems, edit } = useBoard();
  const kind = kinds.get(node.kind);
  const faults = problems.get(node.id) ?? [];
  return (
    <aside className="panel step-panel" aria-label={name}>
      <div className="panel-head">
        <KindIcon group={groupOf(kind)} />
        <h2 className="grow ellipsis">{name}</h2>
        {edit && (
          <>
            <Button size="small" type="text" icon={<CopyOutlined />} aria-label={t("step.duplicate")} title={t("step.duplicate")} onClick={() => edit.duplicate([node.id])} />
            <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t("step.remove")} title={t("step.remove")} onClick={() => edit.remove([node.id])} />
          </>
        )}
        <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("step.close")} onClick={onClose} />
      </div>
      <div className="panel-body stack">
        {faults.length > 0 && (
          <ul className="note bad" role="alert">
            {faults.map((fault, index) => (
              <li key={index}>{say(fault)}</li>
            ))}
          </ul>
        )}
        {!edit && <p className="faint small">{t("step.readOnly")}</p>}
        {kind && (
          <SchemaForm
            key={`${node.id} ${stamp}`}
            schema={kind.config_schema}
            value={node.config}
            onChange={onConfig}
            disabled={!edit}
            widgets={WIDGETS}
            live
          />
        )}
        {node.kind === "webhook" && edit && <SigningSecret />}
        <Ways node={node} />
        <code className="faint small">{node.id}</code>
      </div>
    </aside>
  );
}

/** Each branch with the step it leads to; the way to draw lines without a mouse. */
function Ways({ node }: { node: GraphNode }) {
  const t = useText();
  const { graph, kinds, edit } = useBoard();
  const branches = useBranches()(node);
  const name = useStepName();
  const brief = useBrief();
  if (branches.length === 0) return null;
  const steps = inOrder(graph, kinds).map((step) => step.node);
  const label = (step: GraphNode) => [name(step), brief(step)].filter(Boolean).join(" · ");
  return (
    <section className="ways">
      <h3>{t("step.next")}</h3>
      {branches.map(({ name: branch, label: said }) => {
        const spot = { from: node.id, branch };
        const next = nodeOf(graph, edgeAt(graph, kinds, spot)?.to);
        return (
          <label key={branch} className="col way-pick">
            {branches.length > 1 && <span className="small dim">{said}</span>}
            <Select
              aria-label={said}
              value={next?.id ?? null}
              allowClear
              disabled={!edit}
              showSearch={{ optionFilterProp: "label" }}
              placeholder={t("step.nowhere")}
              onChange={(to: string | undefined) => (to ? edit?.connect(spot, to) : edit?.disconnect(spot))}
              options={steps
                .filter((step) => step.id === next?.id || canConnect(graph, kinds, spot, step.id))
                .map((step) => ({ value: step.id, label: label(step) }))}
            />
          </label>
        );
      })}
    </section>
  );
}
