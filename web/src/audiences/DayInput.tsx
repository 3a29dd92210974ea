/** Days of the shop's calendar, wherever the operator sits; kept as the moments at which they begin and end there. */
import { DatePicker } from "antd";
import dayjs from "dayjs";
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
  return (
    <DatePicker.RangePicker
      allowClear={clear}
      value={[shown(value[0], zone), shown(value[1], zone)]}
      onChange={(days) => {
        const [first, last] = [days?.[0], days?.[1]];
        onChange(first && last ? [momentsOf(first.format(FORMAT), zone)[0], momentsOf(last.format(FORMAT), zone)[1]] : undefined);
      }}
    />
  );
}
