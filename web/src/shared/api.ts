/** The one way the console talks to its server: JSON, CSRF, language, problem details, and whether the network is up. */

export type Problem = {
  type?: string;
  title?: string;
  status: number;
  detail?: string;
  code?: string;
  params?: Record<string, unknown>;
  errors?: { field: string; message: string }[];
};

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title || `HTTP ${problem.status}`);
    this.status = problem.status;
    this.code = problem.code ?? "";
    this.problem = problem;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type CallOptions = {
  ifMatch?: number | undefined;
  signal?: AbortSignal | undefined;
  /** A POST that only asks: nothing is created, so nothing needs protecting from a retry. */
  asks?: boolean;
};

const link = { csrf: "", language: "zh-CN", offline: false };
const etags = new Map<string, number>();
const listeners = new Set<() => void>();
let onSignedOut: () => void = () => undefined;

export function setCsrf(token: string): void {
  link.csrf = token;
}

export function setRequestLanguage(language: string): void {
  link.language = language;
}

export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

export function subscribeOffline(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isOffline(): boolean {
  return link.offline;
}

function setOffline(offline: boolean): void {
  if (link.offline === offline) return;
  link.offline = offline;
  for (const listener of listeners) listener();
}

/** A key that makes a retried creation harmless. `crypto.randomUUID` needs a secure context; a LAN address has none. */
function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function headersFor(method: Method, body: unknown, options: CallOptions): Headers {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": link.language });
  if (method !== "GET") headers.set("X-CSRF-Token", link.csrf);
  if (method === "POST" && !options.asks) headers.set("Idempotency-Key", idempotencyKey());
  if (body !== undefined && !(body instanceof FormData)) headers.set("Content-Type", "application/json");
  if (options.ifMatch !== undefined) headers.set("If-Match", `"${options.ifMatch}"`);
  return headers;
}

async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    return { ...(JSON.parse(text) as Problem), status: response.status };
  } catch {
    return { status: response.status, title: response.statusText };
  }
}

async function call<T>(method: Method, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers: headersFor(method, body, options),
      credentials: "same-origin",
      body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    setOffline(true);
    throw new ApiError({ status: 0, code: "network_down" });
  }
  setOffline(false);
  if (response.ok) {
    const etag = /"(\d+)"/.exec(response.headers.get("etag") ?? "")?.[1];
    if (method === "GET" && etag) etags.set(path, Number(etag));
    const text = response.status === 204 ? "" : await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
  const problem = await readProblem(response);
  if (response.status === 401 && !(method === "POST" && path === "/session")) onSignedOut();
  throw new ApiError(problem);
}

/** The version last read from `path`, for a resource that carries it only in its ETag header. */
export function versionOf(path: string): number | undefined {
  return etags.get(path);
}

export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>("GET", path, undefined, options),
  post: <T>(path: string, body: unknown = {}, options?: CallOptions) => call<T>("POST", path, body, options),
  put: <T>(path: string, body: unknown, options?: CallOptions) => call<T>("PUT", path, body, options),
  patch: <T>(path: string, body: unknown, options?: CallOptions) => call<T>("PATCH", path, body, options),
  remove: <T>(path: string) => call<T>("DELETE", path),
};

export type QueryParams = Record<string, string | number | boolean | null | undefined>;

/** `path` with the non-empty parameters appended. */
export function withParams(path: string, params: QueryParams): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
