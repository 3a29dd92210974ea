import { Select } from "antd";
import { useState } from "react";

type Props = {
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
  placeholder?: string;
  minWidth?: number;
  "aria-label"?: string;
};

/** One word, chosen from a list or written freely; the list closes as soon as there is one. */
export function OneOf({ value, onChange, minWidth = 110, ...rest }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <Select
      {...rest}
      mode="tags"
      open={open}
      onOpenChange={setOpen}
      value={value ? [value] : []}
      onChange={(words: string[]) => {
        onChange(words.at(-1) ?? "");
        setOpen(false);
      }}
      style={{ minWidth }}
      popupMatchSelectWidth={false}
    />
  );
}
