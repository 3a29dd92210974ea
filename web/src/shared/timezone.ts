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
