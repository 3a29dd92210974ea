/** Days of the shop's calendar, wherever the operator sits; kept as the moments at which they begin and end there. */
import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo } from "react";
import { dayOn, momentsOf, useTimezone } from "../shared/timezone";

const FORMAT = "YYYY-MM-DD";

function shown(moment: unknown, zone: string) {
  return typeof moment === "string" && moment ? dayjs(dayOn(moment, zone)) : null;
}

export function DayInput({ value, onChange }: { value: unknown; onChange: (moment: string | undefined) => void }) {
  const zone = useTimezone();
  return (
    <DatePicker value={shown(value, zone)} onChange={(day) => onChange(day ? momentsOf(day.format(FORMAT), zone)[0] : undefined)} />
  );
}

type RangeProps = { value: [unknown, unknown]; onChange: (moments: [string, string] | undefined) => void; clear?: boolean };

export function DayRange({ value, onChange, clear = true }: RangeProps) {
  const zone = useTimezone();
  const [from, to] = value;
  // The picker forgets the first day picked when it is handed other objects before the second, however equal.
  const days = useMemo((): [Dayjs | null, Dayjs | null] => [shown(from, zone), shown(to, zone)], [from, to, zone]);
  return (
    <DatePicker.RangePicker
      allowClear={clear}
      value={days}
      onChange={(picked) => {
        const [first, last] = [picked?.[0], picked?.[1]];
        onChange(first && last ? [momentsOf(first.format(FORMAT), zone)[0], momentsOf(last.format(FORMAT), zone)[1]] : undefined);
      }}
    />
  );
}
