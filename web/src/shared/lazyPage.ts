import { lazy, type ComponentType } from "react";
import { api, ApiError } from "./api";

const TRY_EVERY_MS = 3000;

async function serverIsThere(): Promise<boolean> {
  try {
    await api.get("/session");
    return true;
  } catch (error) {
    return error instanceof ApiError && error.status !== 0;
  }
}

/** Waits out a lost connection. A chunk missing while the server answers means a new version: that is an error. */
async function persistently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await serverIsThere()) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}

// Props of pages differ; what matters is that they are kept.
export function lazyPage<C extends ComponentType<any>>(load: () => Promise<{ default: C }>) {
  return lazy(() => persistently(load));
}
