import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { api, isOffline, subscribeOffline } from "../api";
import { useCommon } from "../i18n/common";

const TRY_EVERY_MS = 3000;

/** Says that the server is out of reach, keeps trying, and refreshes what is in view once it is back. */
export function OfflineBanner() {
  const t = useCommon();
  const client = useQueryClient();
  const offline = useSyncExternalStore(subscribeOffline, isOffline);
  useEffect(() => {
    if (!offline) return;
    const ask = () =>
      void api.get("/session").then(
        () => client.refetchQueries({ type: "active" }),
        () => undefined,
      );
    const timer = window.setInterval(ask, TRY_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [offline, client]);
  return offline ? (
    <div className="offline" role="status">
      {t("error.offline")}
    </div>
  ) : null;
}
