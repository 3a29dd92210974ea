/** What was, what is and what was undone. Changes of one group in a row (typing in one form) are undone together. */
export type History<T> = { past: T[]; now: T; future: T[]; group: string | null };

const DEPTH = 100;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [], group: null };
}

export function record<T>(history: History<T>, next: T, group: string | null = null): History<T> {
  if (next === history.now) return history;
  if (group !== null && group === history.group) return { ...history, now: next, future: [] };
  return { past: [...history.past, history.now].slice(-DEPTH), now: next, future: [], group };
}

export function undo<T>({ past, now, future }: History<T>): History<T> {
  const before = past.at(-1);
  if (before === undefined) return { past, now, future, group: null };
  return { past: past.slice(0, -1), now: before, future: [now, ...future], group: null };
}

export function redo<T>({ past, now, future }: History<T>): History<T> {
  const [next, ...rest] = future;
  if (next === undefined) return { past, now, future, group: null };
  return { past: [...past, now], now: next, future: rest, group: null };
}
