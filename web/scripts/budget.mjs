// First load = what index.html names plus the chunks of the frame and the overview page. Budget: 350 kB gzipped.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 350 * 1024;
const folder = join(import.meta.dirname, "../../src/siyu/console/static");
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
const seen = new Set();

function take(key) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const needed of chunk.imports ?? []) take(needed);
}

const doors = ["index.html", "src/shared/layout/Shell.tsx", "src/overview/OverviewPage.tsx"];
for (const door of doors) take(door);
let total = gzipSync(readFileSync(join(folder, "index.html"))).length;
for (const file of seen) {
  const size = gzipSync(readFileSync(join(folder, file))).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} kB  ${file}`);
}
const assets = readdirSync(join(folder, "assets")).length;
console.log(`${(total / 1024).toFixed(1).padStart(7)} kB  first load gzipped (${assets} assets in all)`);
if (total > BUDGET) {
  console.error(`over the budget of ${BUDGET / 1024} kB`);
  process.exit(1);
}
