/** The business time zone: from settings once signed in, Shanghai until then. */
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import { createContext, useContext } from "react";

dayjs.extend(utc);
dayjs.extend(timezone);

export const TimezoneContext = createContext("Asia/Shanghai");

export function useTimezone(): string {
  return useContext(TimezoneContext);
}

const WALL = "YYYY-MM-DD HH:mm";

/** What a clock on the wall of the zone shows at a moment: `2026-03-02 10:00`. */
export function onWall(iso: string, zone: string): string {
  return dayjs(iso).tz(zone).format(WALL);
}

/** The moment at which that clock shows so. */
export function atWall(wall: string, zone: string): string {
  return dayjs.tz(wall, zone).toISOString();
}

/** The day of a moment on the calendar of the zone, `2026-03-02`; a day stays the day it is. */
export function dayOn(moment: string, zone: string): string {
  return moment.length === 10 ? moment : onWall(moment, zone).slice(0, 10);
}

/** The first and the last moment of a day of the zone. */
export function momentsOf(day: string, zone: string): [string, string] {
  return [atWall(`${day} 00:00`, zone), atWall(`${day} 23:59:59.999`, zone)];
}

/** The day that the zone's calendar shows now, or showed some days ago. */
export function today(zone: string, ago = 0): string {
  return dayjs().tz(zone).subtract(ago, "day").format("YYYY-MM-DD");
}
