/** Which fields each kind of file may fill, and which it must. Any one identifier tells who. */
import type { ImportEntity } from "../shared/api-types";

const WHO = ["identifier", "mobile", "email", "unionid", "member_card", "external_userid", "user_id", "buyer_id", "device"];

const OWN: Record<ImportEntity, { required: string[]; optional: string[] }> = {
  orders: {
    required: ["paid_at", "amount"],
    optional: [
      "order_id", "shop", "units", "product", "sku", "category", "currency", "status", "refunded", "refunded_at",
    ],
  },
  persons: { required: [], optional: ["name", "gender", "birthday", "city", "province", "registered_at"] },
  events: { required: ["event", "time"], optional: ["amount", "event_id"] },
  spend: { required: ["date", "channel", "cost"], optional: ["campaign", "clicks", "impressions"] },
};

export const IDENTIFIER_TYPES = ["mobile", "email", "user_id", "member_card", "unionid", "external_userid"];

export function fieldsOf(entity: ImportEntity): string[] {
  const { required, optional } = OWN[entity];
  return [...(entity === "spend" ? [] : WHO), ...required, ...optional];
}

/** Columns that fit no field can be kept as properties of the event, or traits of the person. */
export function freeField(entity: ImportEntity, column: string): string | null {
  if (entity === "spend") return null;
  return `${entity === "persons" ? "trait" : "prop"}.${column.trim().slice(0, 100)}`;
}

export function missingFields(entity: ImportEntity, mapping: Record<string, string>): string[] {
  const missing = OWN[entity].required.filter((name) => !mapping[name]);
  const known = entity === "spend" || WHO.some((name) => mapping[name]);
  return known ? missing : ["identifier", ...missing];
}
