/** The draft as it is edited here: undo, saving by itself, the problems of what was saved, and edits made elsewhere. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, ApiError } from "../shared/api";
import type { Graph, Journey, JourneyProblem } from "../shared/api-types";
import { useErrorText } from "../shared/ErrorState";
import { begin, record, redo, undo, type History } from "./history";

export type Drawing = { name: string; graph: Graph };
export type Saving = "saved" | "unsaved" | "saving" | "failed";
export type DraftState = ReturnType<typeof useDraft>;

const QUIET_MS = 700;
const RETRY_MS = 5000;

function drawingOf({ name, graph }: Journey): Drawing {
  return { name, graph };
}

export function useDraft(journey: Journey, editable: boolean) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const [history, setHistory] = useState<History<Drawing>>(() => begin(drawingOf(journey)));
  /** Counts the times the drawing changed other than by its forms, which then have to be filled anew. */
  const [stamp, setStamp] = useState(0);
  const [saving, setSaving] = useState<Saving>("saved");
  const [failure, setFailure] = useState("");
  const [theirs, setTheirs] = useState<Journey | null>(null);
  const [problems, setProblems] = useState<JourneyProblem[] | null>(null);
  const kept = useRef({ version: journey.version, drawing: history.now });
  const now = useRef(history.now);
  now.current = history.now;
  const timer = useRef(0);
  const flying = useRef<Promise<boolean> | null>(null);
  const saveNow = useRef<() => Promise<boolean>>(() => Promise.resolve(true));
  const path = `/journeys/${journey.id}`;

  const check = useCallback(async () => {
    try {
      const answer = await api.post<{ problems: JourneyProblem[] }>(`${path}/check`, {}, { asks: true });
      setProblems(answer.problems);
    } catch {
      setProblems(null);
    }
  }, [path]);

  const failed = useCallback(
    async (error: unknown) => {
      setSaving("failed");
      if (error instanceof ApiError && error.status === 412) {
        setTheirs(await api.get<Journey>(path));
        return;
      }
      setFailure(errorText(error));
      if (error instanceof ApiError && error.status > 0 && error.status < 500) return;
      timer.current = window.setTimeout(() => void saveNow.current(), RETRY_MS);
    },
    [path, errorText],
  );

  const send = async (): Promise<boolean> => {
    window.clearTimeout(timer.current);
    const sent = now.current;
    setSaving("saving");
    try {
      const answer = await api.put<Journey>(path, sent, { ifMatch: kept.current.version });
      kept.current = { version: answer.version, drawing: sent };
      setSaving(now.current === sent ? "saved" : "unsaved");
      client.setQueryData(["journeys", path], answer);
      await check();
      return true;
    } catch (error) {
      await failed(error);
      return false;
    }
  };
  /** Saves what is there now, one request at a time; answers whether all of it is kept. */
  const save = async (): Promise<boolean> => {
    while (kept.current.drawing !== now.current) {
      flying.current ??= send().finally(() => (flying.current = null));
      if (!(await flying.current)) return false;
    }
    return true;
  };
  saveNow.current = save;

  useEffect(() => {
    if (!editable || theirs) return;
    if (kept.current.drawing === history.now) {
      if (!flying.current) setSaving("saved");
      return;
    }
    setSaving("unsaved");
    timer.current = window.setTimeout(() => void saveNow.current(), QUIET_MS);
    return () => window.clearTimeout(timer.current);
  }, [history.now, editable, theirs]);

  useEffect(() => {
    if (journey.state !== "retired") void check();
  }, [check, journey.state]);

  useEffect(() => {
    if (journey.version <= kept.current.version || flying.current || kept.current.drawing !== now.current) return;
    const drawing = drawingOf(journey);
    kept.current = { version: journey.version, drawing };
    setHistory((before) => record(before, drawing));
    setStamp((count) => count + 1);
    void check();
  }, [journey, check]);

  const dirty = saving !== "saved";
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  // Leaving for another page of the console takes the last change along.
  useEffect(() => () => void saveNow.current(), []);

  const step = (move: (before: History<Drawing>) => History<Drawing>) => {
    setHistory(move);
    setStamp((count) => count + 1);
  };
  const settle = (mine: boolean) => {
    if (!theirs) return;
    const other = drawingOf(theirs);
    kept.current = { version: theirs.version, drawing: other };
    // The drawing not taken stays one undo away.
    step((before) => (mine ? record(record(before, other), { ...before.now }) : record(before, other)));
    if (!mine) setSaving("saved");
    setTheirs(null);
    void check();
  };
  return {
    drawing: history.now,
    stamp,
    saving,
    failure,
    problems,
    theirs,
    settle,
    save,
    retry: () => void saveNow.current(),
    change: (graph: Graph, group: string | null = null) => {
      if (group === null) setStamp((count) => count + 1);
      setHistory((before) => record(before, graph === before.now.graph ? before.now : { ...before.now, graph }, group));
    },
    rename: (name: string) => setHistory((before) => record(before, { ...before.now, name }, "name")),
    undo: history.past.length > 0 ? () => step(undo) : null,
    redo: history.future.length > 0 ? () => step(redo) : null,
  };
}
