/** Where the bars and ribbons of a flow go. Pure: numbers in, boxes out. */

export type Link = { source: string; target: string; persons: number };
export type Bar = { name: string; persons: number; y: number; height: number };
export type Ribbon = Link & { from: number; to: number; thick: number };
export type Layout = { left: Bar[]; right: Bar[]; ribbons: Ribbon[] };

/** Bars keep the order of `order`; a side that is empty has no bar. `least`: the height below which nothing is drawn. */
export function layOut(links: Link[], order: string[], height: number, gap: number, least = 2): Layout {
  const total = links.reduce((sum, { persons }) => sum + persons, 0);
  const side = (end: "source" | "target"): Bar[] => {
    const names = order.filter((name) => links.some((link) => link[end] === name));
    const room = height - gap * Math.max(0, names.length - 1);
    // Bars too thin to see take their least from those that have enough.
    const raw = names.map((name) => links.filter((link) => link[end] === name).reduce((sum, { persons }) => sum + persons, 0));
    const thin = raw.map((persons) => (persons / total) * room < least);
    const left = room - least * thin.filter(Boolean).length;
    const rest = raw.reduce((sum, persons, index) => sum + (thin[index] ? 0 : persons), 0) || 1;
    let y = 0;
    return names.map((name, index) => {
      const tall = thin[index] ? least : (raw[index]! / rest) * left;
      const bar = { name, persons: raw[index]!, y, height: tall };
      y += tall + gap;
      return bar;
    });
  };
  const [left, right] = total > 0 ? [side("source"), side("target")] : [[], []];
  const used = new Map<string, number>();
  const take = (key: string, bar: Bar, persons: number): [number, number] => {
    const start = used.get(key) ?? 0;
    const thick = (persons / bar.persons) * bar.height;
    used.set(key, start + thick);
    return [bar.y + start, thick];
  };
  const ribbons = [...links]
    .sort((one, other) => order.indexOf(one.source) - order.indexOf(other.source) || order.indexOf(one.target) - order.indexOf(other.target))
    .map((link) => {
      const [from, thickFrom] = take(`l ${link.source}`, left.find(({ name }) => name === link.source)!, link.persons);
      const [to, thickTo] = take(`r ${link.target}`, right.find(({ name }) => name === link.target)!, link.persons);
      return { ...link, from: from + thickFrom / 2, to: to + thickTo / 2, thick: Math.max(1, Math.min(thickFrom, thickTo)) };
    });
  return { left, right, ribbons };
}

/** Where the labels of bars go: at their middle, but so far apart that they can be read. */
export function spread(bars: Bar[], apart: number, height: number): number[] {
  const places: number[] = [];
  for (const bar of bars) places.push(Math.max(bar.y + bar.height / 2, (places.at(-1) ?? -apart) + apart, apart / 2));
  let limit = height - apart / 2;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index]!, limit);
    limit = places[index]! - apart;
  }
  return places;
}
