import { Button } from "antd";
import { useCallback } from "react";
import { ApiError } from "./api";
import { useCommon } from "./i18n/common";
import { lookup } from "./i18n/i18n";

/** What went wrong in the server's words, or what to do by kind of answer. */
export function useErrorText(): (error: unknown) => string {
  const t = useCommon();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
      if (error.status === 0) return t("error.network_down");
      const fields = error.problem.errors ?? [];
      if (error.problem.detail) return error.problem.detail;
      if (fields[0]) return fields[0].message;
      return adviceFor(t, error.status);
    },
    [t],
  );
}

function adviceFor(t: ReturnType<typeof useCommon>, status: number): string {
  const key = status === 0 ? "network_down" : status >= 500 && status !== 503 ? "500" : String(status);
  return lookup(t, "error", key);
}

/** A failed read: the reason, what to do, and a way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useCommon();
  const text = useErrorText()(error);
  const status = error instanceof ApiError ? error.status : -1;
  const advice = status >= 0 ? adviceFor(t, status) : "";
  return (
    <div className="error-state panel" role="alert">
      <span className="dot bad" style={{ marginTop: 7 }} />
      <div className="col grow">
        <h3>{t("error.title")}</h3>
        <p className="dim">{text}</p>
        {advice && advice !== text && <p className="faint small">{advice}</p>}
        {error instanceof ApiError && error.code && status >= 500 && (
          <code className="faint">{`${status} ${error.code}`}</code>
        )}
        {retry && (
          <div>
            <Button onClick={retry}>{t("action.retry")}</Button>
          </div>
        )}
      </div>
    </div>
  );
}
