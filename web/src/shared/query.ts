/** Reading and changing server data: thin hooks over react-query so pages name only a path. */
import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { App } from "antd";
import { useState } from "react";
import { api, ApiError, withParams, type QueryParams } from "./api";
import type { Page } from "./api-types";
import { useErrorText } from "./ErrorState";

function worthRetrying(failures: number, error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  return failures < 2 && (error.status === 0 || error.status >= 502);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // "always": being offline must show as a failed call, not as a page that waits in silence.
    queries: { staleTime: 10_000, retry: worthRetrying, refetchOnWindowFocus: true, networkMode: "always" },
    mutations: { retry: false, networkMode: "always" },
  },
});

export type GetOptions = { enabled?: boolean; everyMs?: number | false; keep?: boolean; staleMs?: number };

/** GET `path`. The first path segment is the noun that `useChange` invalidates. */
export function useGet<T>(path: string, options: GetOptions = {}): UseQueryResult<T, Error> {
  return useQuery<T, Error>({
    queryKey: [nounOf(path), path],
    queryFn: ({ signal }) => api.get<T>(path, { signal }),
    enabled: options.enabled ?? true,
    refetchInterval: options.everyMs ?? false,
    ...(options.staleMs !== undefined ? { staleTime: options.staleMs } : {}),
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
}

function nounOf(path: string): string {
  return path.split(/[/?]/)[1] ?? path;
}

export type Paged<T> = {
  query: UseQueryResult<Page<T>, Error>;
  items: T[];
  page: number;
  next: (() => void) | null;
  previous: (() => void) | null;
  total: number | null;
};

/** A cursor-paged list, one page in view at a time; changing the filters starts again at the first page. */
export function usePaged<T>(path: string, params: QueryParams, limit = 50, everyMs: number | false = false): Paged<T> {
  const base = withParams(path, params);
  const [trail, setTrail] = useState<{ base: string; cursors: string[] }>({ base, cursors: [] });
  const cursors = trail.base === base ? trail.cursors : [];
  const query = useGet<Page<T>>(withParams(path, { ...params, after: cursors.at(-1), limit }), {
    keep: true,
    everyMs,
  });
  const next = query.data?.next ?? null;
  return {
    query,
    items: query.data?.items ?? [],
    page: cursors.length + 1,
    next: next === null ? null : () => setTrail({ base, cursors: [...cursors, next] }),
    previous: cursors.length === 0 ? null : () => setTrail({ base, cursors: cursors.slice(0, -1) }),
    total: query.data?.total_estimate ?? null,
  };
}

type ChangeOptions<T> = {
  nouns: string[];
  done?: string;
  onDone?: (answer: T) => void;
  onError?: (error: Error) => boolean;
};

/** A mutation that refreshes the named nouns, says it is done, and shows the server's own words when it fails. */
export function useChange<In, Out>(act: (input: In) => Promise<Out>, options: ChangeOptions<Out>) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  return useMutation<Out, Error, In>({
    mutationFn: act,
    onSuccess: async (answer) => {
      if (options.done) message.success(options.done);
      options.onDone?.(answer);
      await Promise.all(options.nouns.map((noun) => client.invalidateQueries({ queryKey: [noun] })));
    },
    onError: (error) => {
      if (options.onError?.(error)) return;
      message.error(errorText(error), 6);
    },
  });
}
