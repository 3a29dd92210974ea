/** The part of JSON Schema that forms are drawn from. */
import type { Bilingual } from "./api-types";

export type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  "x-label"?: Bilingual;
  "x-hint"?: Bilingual;
  /** What the text names (an audience, an event …), for a form that offers a choice. */
  "x-widget"?: string;
  /** Things to choose from that have names of their own. */
  "x-options"?: { value: string; label: string }[];
  format?: string;
  writeOnly?: boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  maxItems?: number;
  additionalProperties?: JsonSchema | boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};
