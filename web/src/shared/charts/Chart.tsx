import { useEffect, useRef } from "react";
import { init, type ChartOption } from "./echarts";

type Props = { option: ChartOption; height: number; label: string };

/** One ECharts canvas that follows its box. The words for those who can't see it are in `label` and the table view. */
export default function Chart({ option, height, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(null);
  useEffect(() => {
    const element = box.current!;
    const instance = init(element, null, { renderer: "svg" });
    chart.current = instance;
    const observer = new ResizeObserver(() => instance.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      instance.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, true);
  }, [option]);
  return <div ref={box} role="img" aria-label={label} style={{ height }} />;
}
