/** The business time zone: from settings once signed in, Shanghai until then. */
import { createContext, useContext } from "react";

export const TimezoneContext = createContext("Asia/Shanghai");

export function useTimezone(): string {
  return useContext(TimezoneContext);
}
