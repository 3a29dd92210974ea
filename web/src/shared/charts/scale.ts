/** Round steps for an axis: 0 to just above the largest value, in at most five lines. */
export function ticksFor(largest: number): number[] {
  if (largest <= 0) return [0, 1];
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough) ?? 10;
  // Persons and orders come whole: no line between 0 and 1.
  const step = Math.max(nice * power, 1);
  const count = Math.ceil(largest / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Every how many labels to write so that they don't touch. */
export function labelEvery(points: number, width: number, labelWidth = 56): number {
  return Math.max(1, Math.ceil(points / Math.max(1, Math.floor(width / labelWidth))));
}
