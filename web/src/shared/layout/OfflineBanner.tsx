import { useSyncExternalStore } from "react";
import { isOffline, subscribeOffline } from "../api";
import { useCommon } from "../i18n/common";

export function OfflineBanner() {
  const t = useCommon();
  const offline = useSyncExternalStore(subscribeOffline, isOffline);
  return offline ? (
    <div className="offline" role="status">
      {t("error.offline")}
    </div>
  ) : null;
}
