/** Who is signed in, and the token that every change must carry. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { api, setCsrf, whenSignedOut } from "../shared/api";
import type { Session } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { OperatorContext } from "../shared/may";
import { queryClient } from "../shared/query";

type SessionState = {
  session: Session;
  accept: (session: Session) => void;
  signOut: () => Promise<void>;
};

const Context = createContext<SessionState | null>(null);

export function useSession(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error("useSession needs a SessionProvider");
  return state;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  const [error, setError] = useState<unknown>(null);
  const accept = useCallback((next: Session) => {
    setCsrf(next.csrf);
    setSession(next);
    setError(null);
  }, []);
  const load = useCallback(async () => {
    try {
      accept(await api.get<Session>("/session"));
    } catch (failure) {
      setError(failure);
    }
  }, [accept]);
  const signOut = useCallback(async () => {
    await api.remove("/session").catch(() => undefined);
    queryClient.clear();
    await load();
  }, [load]);
  useEffect(() => {
    whenSignedOut(() => setSession((now) => (now ? { ...now, operator: null } : now)));
    void load();
  }, [load]);
  const state = useMemo(() => (session ? { session, accept, signOut } : null), [session, accept, signOut]);
  if (!state) {
    return error ? (
      <div style={{ maxWidth: 520, margin: "20vh auto", padding: 16 }}>
        <ErrorState error={error} retry={() => void load()} />
      </div>
    ) : null;
  }
  return (
    <Context.Provider value={state}>
      <OperatorContext.Provider value={state.session.operator}>{children}</OperatorContext.Provider>
    </Context.Provider>
  );
}
