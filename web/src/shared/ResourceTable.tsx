/** The list of every noun: a table where there is room, cards on a phone, bones while it loads, a teacher when empty. */
import { Button, Table } from "antd";
import type { ColumnType } from "antd/es/table";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";
import { formatCount } from "./formats";
import { useCommon } from "./i18n/common";
import { Bones } from "./Page";
import { usePhone } from "./preferences";
import type { Paged } from "./query";

export type Column<T> = {
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  width?: number;
  /** Numbers sit on the right. */
  end?: boolean;
  /** The heading of the card on a phone. */
  lead?: boolean;
  hideOnPhone?: boolean;
};

type Rows<T> = { items: T[]; isPending: boolean; error: unknown; refetch: () => void; isStale?: boolean };

type Props<T> = {
  columns: Column<T>[];
  rowKey: (row: T) => string;
  paged?: Paged<T>;
  rows?: Rows<T>;
  empty: ReactNode;
  onRow?: (row: T) => void;
  selection?: { selected: string[]; onSelect: (keys: string[]) => void; selectable?: (row: T) => boolean };
  minWidth?: number;
  label?: string;
};

function rowsOf<T>(props: Props<T>): Rows<T> {
  if (props.rows) return props.rows;
  const { query, items } = props.paged!;
  return {
    items,
    isPending: query.isPending,
    error: query.data ? null : query.error,
    refetch: () => void query.refetch(),
    isStale: query.isPlaceholderData,
  };
}

export function ResourceTable<T extends object>(props: Props<T>) {
  const phone = usePhone();
  const rows = rowsOf(props);
  if (rows.error) return <ErrorState error={rows.error} retry={rows.refetch} />;
  if (rows.isPending) return <Bones lines={7} height={360} />;
  if (rows.items.length === 0 && !props.paged?.previous) return <>{props.empty}</>;
  return (
    <div style={rows.isStale ? { opacity: 0.6, transition: "opacity 0.15s" } : undefined}>
      {phone ? <Cards {...props} items={rows.items} /> : <Grid {...props} items={rows.items} />}
      {props.paged && <Pager paged={props.paged} />}
    </div>
  );
}

function Grid<T extends object>(props: Props<T> & { items: T[] }) {
  const columns: ColumnType<T>[] = props.columns.map((column) => ({
    key: column.key,
    title: column.title,
    align: column.end ? "end" : "start",
    render: (_: unknown, row: T) => column.render(row),
    ...(column.width ? { width: column.width } : {}),
    ellipsis: { showTitle: false },
  }));
  const { selection, onRow } = props;
  return (
    <Table<T>
      columns={columns}
      dataSource={props.items}
      rowKey={props.rowKey}
      pagination={false}
      tableLayout="fixed"
      scroll={{ x: props.minWidth ?? 760 }}
      {...(onRow
        ? {
            onRow: (row: T) => ({
              onClick: () => onRow(row),
              onKeyDown: (event) => event.key === "Enter" && event.target === event.currentTarget && onRow(row),
              tabIndex: 0,
              className: "clickable-row",
            }),
          }
        : {})}
      {...(selection
        ? {
            rowSelection: {
              selectedRowKeys: selection.selected,
              onChange: (keys) => selection.onSelect(keys.map(String)),
              getCheckboxProps: (row: T) => ({ disabled: selection.selectable ? !selection.selectable(row) : false }),
              columnWidth: 44,
            },
          }
        : {})}
    />
  );
}

function Cards<T extends object>({ columns, items, rowKey, onRow, selection }: Props<T> & { items: T[] }) {
  const lead = columns.find((column) => column.lead) ?? columns[0]!;
  const rest = columns.filter((column) => column !== lead && !column.hideOnPhone);
  const toggle = (key: string) => {
    const { selected, onSelect } = selection!;
    onSelect(selected.includes(key) ? selected.filter((other) => other !== key) : [...selected, key]);
  };
  return (
    <div className="record-cards">
      {items.map((row) => {
        const key = rowKey(row);
        const selectable = selection && (selection.selectable?.(row) ?? true);
        return (
          <div
            key={key}
            className={onRow ? "record-card clickable" : "record-card"}
            {...(onRow
              ? {
                  role: "button",
                  tabIndex: 0,
                  onClick: () => onRow(row),
                  onKeyDown: (event) => event.key === "Enter" && event.target === event.currentTarget && onRow(row),
                }
              : {})}
          >
            <div className="row strong">
              {selectable && (
                <input
                  type="checkbox"
                  aria-label={key}
                  checked={selection.selected.includes(key)}
                  onClick={(event) => event.stopPropagation()}
                  onChange={() => toggle(key)}
                />
              )}
              <div className="grow">{lead.render(row)}</div>
            </div>
            <dl>
              {rest.map((column) => (
                <Pair key={column.key} title={column.title}>
                  {column.render(row)}
                </Pair>
              ))}
            </dl>
          </div>
        );
      })}
    </div>
  );
}

function Pair({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Pager<T>({ paged }: { paged: Paged<T> }) {
  const t = useCommon();
  if (!paged.next && !paged.previous) {
    if (paged.total === null) return null;
    return (
      <div className="pager">
        <span className="num">{t("table.total", { count: formatCount(paged.total) })}</span>
      </div>
    );
  }
  return (
    <nav className="pager" aria-label={t("table.page", { page: paged.page })}>
      {paged.total !== null && <span className="num">{t("table.total", { count: formatCount(paged.total) })}</span>}
      <span className="grow" />
      <span className="num">{t("table.page", { page: paged.page })}</span>
      <Button size="small" disabled={!paged.previous} onClick={() => paged.previous?.()}>
        {t("table.previous")}
      </Button>
      <Button size="small" disabled={!paged.next} onClick={() => paged.next?.()}>
        {t("table.next")}
      </Button>
    </nav>
  );
}
