/** Which fields each kind of file may fill, and which it must. */
import type { ImportEntity } from "../shared/api-types";

type FieldSpec = { name: string; required?: boolean };

const WHO: FieldSpec = { name: "identifier", required: true };

export const FIELDS: Record<ImportEntity, FieldSpec[]> = {
  orders: [
    WHO,
    { name: "paid_at", required: true },
    { name: "amount", required: true },
    { name: "order_id" },
    { name: "units" },
    { name: "product" },
    { name: "currency" },
    { name: "status" },
  ],
  persons: [
    WHO,
    { name: "name" },
    { name: "mobile" },
    { name: "email" },
    { name: "gender" },
    { name: "birthday" },
    { name: "city" },
  ],
  events: [WHO, { name: "event", required: true }, { name: "time", required: true }, { name: "amount" }],
  spend: [
    { name: "date", required: true },
    { name: "channel", required: true },
    { name: "cost", required: true },
    { name: "campaign" },
  ],
};

export const IDENTIFIER_TYPES = ["mobile", "email", "user_id", "member_card", "unionid", "external_userid"];

export function missingFields(entity: ImportEntity, mapping: Record<string, string>): string[] {
  return FIELDS[entity].filter(({ name, required }) => required && !mapping[name]).map(({ name }) => name);
}
