import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";
import { useCommon } from "./i18n/common";
import "./shared.css";

type PageProps = {
  title: ReactNode;
  documentTitle?: string;
  hint?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
};

export function Page({ title, documentTitle, hint, back, actions, children }: PageProps) {
  const t = useCommon();
  const name = documentTitle ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = name ? `${name} · ${t("brand")}` : t("brand");
  }, [name, t]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="grow" style={{ minWidth: "min(100%, 240px)" }}>
          {back && (
            <Link to={back.to} className="crumb">
              ← {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {hint && <div className="hint">{hint}</div>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = {
  title?: ReactNode;
  extra?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
};

export function Panel({ title, extra, flush, className, children }: PanelProps) {
  return (
    <section className={`panel ${className ?? ""}`}>
      {(title || extra) && (
        <div className="panel-head">
          {title && <h2>{title}</h2>}
          {extra && <div className="extra">{extra}</div>}
        </div>
      )}
      <div className={flush ? "panel-body flush" : "panel-body"}>{children}</div>
    </section>
  );
}

/** Grey bones of roughly the height to come, so nothing jumps when the answer arrives. */
export function Bones({ lines = 4, height }: { lines?: number; height?: number }) {
  const widths = ["72%", "94%", "58%", "82%", "66%"];
  return (
    <div className="bones" aria-busy="true" style={height ? { minHeight: height } : undefined}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="bone" style={{ width: widths[index % widths.length] }} />
      ))}
    </div>
  );
}
