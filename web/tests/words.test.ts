/** Both languages say the same things: same keys, same placeholders, every key used, no Chinese outside its files. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fill } from "../src/shared/i18n/i18n";

const root = join(import.meta.dirname, "../src");

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

const files = walk(root);
const chinese = files.filter((path) => path.endsWith("zh-CN.json"));
const code = files.filter((path) => /\.tsx?$/.test(path) && !path.endsWith("openapi.ts"));
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
/** Whether a template literal, or a look-up with what the server sent, makes this key out of one of its beginnings. */
const built = (source: string, key: string) =>
  key.split(".").some((_, n, parts) => {
    const beginning = parts.slice(0, n).join(".");
    return n > 0 && (source.includes(`\`${beginning}.\${`) || source.includes(`, "${beginning}", `));
  });
const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;

describe.each(chinese.map((path) => [path.slice(root.length + 1), path]))("%s", (_, path) => {
  const zh = read(path);
  const en = read(path.replace("zh-CN.json", "en.json"));

  it("has the same keys in English", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it("has the same placeholders in English", () => {
    for (const key of Object.keys(zh)) expect([key, placeholders(en[key]!)]).toEqual([key, placeholders(zh[key]!)]);
  });

  it("leaves no text empty and no English text in Chinese", () => {
    for (const [key, text] of Object.entries(zh)) expect([key, text.trim()]).not.toEqual([key, ""]);
    for (const [key, text] of Object.entries(en)) expect([key, /[\u4e00-\u9fff]/.test(text) && key !== "top.language"]).toEqual([key, false]);
  });

  it("is used", () => {
    const folder = dirname(path);
    const open = /^(messageState|stage|channel|identifier|role|reason|error|field|choice|op|state|kind|audit|policy|scope|entity|outcome|topic|delivery|receipt|level)\./;
    const lent = `"../${folder.slice(root.length + 1)}/text"`;
    const source = (folder.includes("shared") ? code : code.filter((file) => file.startsWith(folder) || readFileSync(file, "utf8").includes(lent)))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const unused = Object.keys(zh).filter(
      (key) => !open.test(key) && !source.includes(`"${key}"`) && !built(source, key),
    );
    expect(unused).toEqual([]);
  });
});

it("keeps Chinese text in the language files", () => {
  const allowed = /formats\.ts$|i18n\.tsx$/;
  const strays = code.filter((path) => !allowed.test(path) && /[\u4e00-\u9fff]/.test(readFileSync(path, "utf8")));
  expect(strays.map((path) => path.slice(root.length + 1))).toEqual([]);
});

it("keeps every file under 400 lines", () => {
  const long = code.filter((path) => readFileSync(path, "utf8").split("\n").length > 400);
  expect(long).toEqual([]);
});

it("fills parameters and picks the singular", () => {
  expect(fill("{n} {n#person|people} in {where}", { n: 1, where: "A" })).toBe("1 person in A");
  expect(fill("{n} {n#person|people} in {where}", { n: 2, where: "A" })).toBe("2 people in A");
  expect(fill("{missing}")).toBe("{missing}");
});
