import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { ROOMS } from "./Menu";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** `/` searches a person, `?` lists the keys, `g` then a letter goes to a room. */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    let waitingSince = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key === "/") {
        event.preventDefault();
        document.getElementById("person-search")?.focus();
      } else if (event.key === "?") {
        help.current();
      } else if (event.key === "g") {
        waitingSince = event.timeStamp;
      } else if (event.timeStamp - waitingSince < 1200) {
        const room = ROOMS.find(({ goto }) => goto === event.key);
        waitingSince = 0;
        if (room) navigate(room.to);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate]);
}
