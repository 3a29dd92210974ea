import { Drawer } from "antd";
import { useState } from "react";
import type { PersonOrder } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatMoney } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { JsonView, When } from "../shared/Marks";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

export function PersonOrders({ id }: { id: string }) {
  const t = useText();
  const [open, setOpen] = useState<PersonOrder | null>(null);
  const paged = usePaged<PersonOrder>(`/persons/${id}/orders`, {});
  const columns: Column<PersonOrder>[] = [
    {
      key: "id",
      title: t("orders.id"),
      lead: true,
      render: (order) => (
        <span className="ellipsis num" title={order.order_id}>
          {order.order_id}
        </span>
      ),
    },
    { key: "paid", title: t("orders.paid"), width: 142, render: (order) => <When at={order.paid_at} /> },
    {
      key: "amount",
      title: t("orders.amount"),
      end: true,
      width: 96,
      render: (order) => formatMoney(order.amount_fen, order.currency),
    },
    {
      key: "refunded",
      title: t("orders.refunded"),
      end: true,
      width: 84,
      render: (order) =>
        order.refunded_fen ? formatMoney(order.refunded_fen, order.currency) : <span className="faint">—</span>,
    },
    { key: "units", title: t("orders.units"), end: true, width: 56, render: (order) => formatCount(order.units) },
    { key: "status", title: t("orders.status"), width: 76, render: (order) => lookup(t, "state", order.status) },
    {
      key: "source",
      title: t("orders.source"),
      width: 120,
      render: (order) => <span className="ellipsis">{order.source_name}</span>,
    },
  ];
  return (
    <>
      <ResourceTable
        paged={paged}
        columns={columns}
        rowKey={(order) => order.order_id}
        onRow={setOpen}
        minWidth={700}
        empty={<EmptyState title={t("orders.empty")} />}
      />
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={open?.order_id} size={560}>
        <h3 style={{ marginBottom: 8 }}>{t("orders.raw")}</h3>
        {open && <JsonView value={open.raw} />}
      </Drawer>
    </>
  );
}
