import type { ReactNode } from "react";

type Props = { title: string; children?: ReactNode; example?: ReactNode; action?: ReactNode };

/** An empty list teaches: what this is for, one example, one button. */
export function EmptyState({ title, children, example, action }: Props) {
  return (
    <div className="empty">
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {example && <div className="example">{example}</div>}
      {action}
    </div>
  );
}
