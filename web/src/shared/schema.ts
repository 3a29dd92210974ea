/** Reading a JSON Schema the way a form needs it: references followed, nullable unwrapped, one widget a field. */
import type { JsonSchema } from "./api-types";

export type Widget = "text" | "secret" | "long" | "number" | "integer" | "switch" | "choice" | "list" | "rows" | "pairs" | "object" | "json" | "own";
export type Field = {
  name: string;
  schema: JsonSchema;
  widget: Widget;
  required: boolean;
  choices: unknown[];
};

export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let current = schema;
  for (let depth = 0; depth < 8; depth += 1) {
    if (current.$ref) {
      const name = current.$ref.split("/").at(-1) ?? "";
      const { $ref: _, ...own } = current;
      current = { ...(root.$defs?.[name] ?? {}), ...own };
      continue;
    }
    const options = current.anyOf?.filter((option) => option.type !== "null") ?? current.allOf;
    if (options?.length === 1) {
      const { anyOf: _any, allOf: _all, ...own } = current;
      current = { ...options[0], ...own };
      continue;
    }
    return current;
  }
  return current;
}

const SECRET = /password|secret|token|api_?key|credential/i;

export function typeOf(schema: JsonSchema): string {
  return Array.isArray(schema.type) ? (schema.type.find((type) => type !== "null") ?? "") : (schema.type ?? "");
}

function isText(schema: JsonSchema["additionalProperties"]): boolean {
  return typeof schema === "object" && typeOf(schema) === "string";
}

function widgetFor(name: string, schema: JsonSchema, root: JsonSchema): Widget {
  if (schema["x-widget"]) return "own";
  if (schema["x-options"] || schema.enum || schema.const !== undefined) return "choice";
  switch (typeOf(schema)) {
    case "boolean":
      return "switch";
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "array":
      if (!schema.items) return "json";
      if (resolve(schema.items, root).properties) return "rows";
      return ["string", "integer", "number"].includes(typeOf(schema.items)) ? "list" : "json";
    case "object":
      if (schema.properties) return "object";
      return isText(schema.additionalProperties) ? "pairs" : "json";
    case "string":
      if (schema.writeOnly || schema.format === "password" || SECRET.test(name)) return "secret";
      if (/_id$/.test(name)) return "text";
      return /body|html|template|content|text$/.test(name) || schema.format === "textarea" ? "long" : "text";
    default:
      return "json";
  }
}

export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): Field[] {
  const whole = resolve(schema, root);
  const required = new Set(whole.required ?? []);
  return Object.entries(whole.properties ?? {}).map(([name, raw]) => {
    const field = resolve(raw, root);
    return {
      name,
      schema: field,
      widget: widgetFor(name, field, root),
      required: required.has(name),
      choices: field.enum ?? (field.const !== undefined ? [field.const] : []),
    };
  });
}
