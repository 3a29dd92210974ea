/** The canvas by keyboard and clipboard. Nothing happens while somebody types in a field. */
import { useEffect, useRef } from "react";
import type { Graph } from "../shared/api-types";
import { fragmentOf, readFragment, type Spot } from "./graph";
import type { Layout } from "./layout";

export type Keys = {
  graph: Graph;
  selected: string[];
  line: Spot | null;
  onSelect: (ids: string[]) => void;
  onLine: (line: Spot | null) => void;
  undo?: (() => void) | null;
  redo?: (() => void) | null;
  remove?: (ids: string[]) => void;
  disconnect?: (spot: Spot) => void;
  duplicate?: (ids: string[]) => void;
  paste?: (fragment: Graph) => void;
};

function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return target.closest("[role=dialog], .ant-dropdown, .ant-select-dropdown") !== null;
}

export function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isElsewhere(event.target) || event.altKey) return;
      if (act(now.current, event)) event.preventDefault();
    };
    const onCopy = (event: ClipboardEvent) => copy(now.current, event);
    const onPaste = (event: ClipboardEvent) => {
      const fragment = isElsewhere(event.target) ? null : readFragment(event.clipboardData?.getData("text/plain") ?? "");
      if (!fragment || !now.current.paste) return;
      event.preventDefault();
      now.current.paste(fragment);
    };
    window.addEventListener("keydown", onKey);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, []);
}

function copy({ graph, selected, remove }: Keys, event: ClipboardEvent): void {
  if (isElsewhere(event.target) || selected.length === 0 || !getSelection()?.isCollapsed) return;
  event.clipboardData?.setData("text/plain", JSON.stringify(fragmentOf(graph, selected)));
  event.preventDefault();
  if (event.type === "cut") remove?.(selected);
}

/** Answers whether the key meant something here. */
function act(keys: Keys, { key, metaKey, ctrlKey, shiftKey }: KeyboardEvent): boolean {
  const letter = key.toLowerCase();
  if (metaKey || ctrlKey) {
    if (letter === "z" || letter === "y") return call(letter === "y" || shiftKey ? keys.redo : keys.undo);
    if (letter === "a") return call(() => keys.onSelect(keys.graph.nodes.map(({ id }) => id)));
    return letter === "d" && keys.selected.length > 0 && call(keys.duplicate && (() => keys.duplicate!(keys.selected)));
  }
  if (key === "Escape") {
    keys.onLine(null);
    return call(() => keys.onSelect([]));
  }
  if (key === "Delete" || key === "Backspace") {
    if (keys.line && keys.disconnect) return call(() => keys.disconnect!(keys.line!));
    return keys.selected.length > 0 && call(keys.remove && (() => keys.remove!(keys.selected)));
  }
  return false;
}

function call(what: (() => void) | null | undefined): boolean {
  what?.();
  return Boolean(what);
}

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** The step next to one in the direction of an arrow key. */
export function neighbour({ at }: Layout, id: string, arrow: Arrow): string | undefined {
  const here = at[id];
  if (!here) return undefined;
  const upright = arrow === "ArrowUp" || arrow === "ArrowDown";
  const sign = arrow === "ArrowUp" || arrow === "ArrowLeft" ? -1 : 1;
  const middle = ({ x, width }: { x: number; width: number }) => x + width / 2;
  const far = Object.entries(at).flatMap(([other, box]) => {
    const [down, across] = [box.y - here.y, middle(box) - middle(here)];
    const ahead = (upright ? down : across) * sign;
    const aside = Math.abs(upright ? across : down);
    if (other === id || ahead <= 0 || (!upright && aside > 1)) return [];
    return [{ other, far: ahead * (upright ? 4 : 1) + aside }];
  });
  return far.sort((a, b) => a.far - b.far)[0]?.other;
}
