/** The HTTP contract of webhooks. */

export const TOPICS = ["person.merged", "person.split", "audience.entered", "audience.left", "event"] as const;
export type Webhook = {
  id: string;
  name: string;
  url: string;
  topics: string[];
  events: string[];
  enabled: boolean;
  created_at: string;
  failing_since: string | null;
  last_ok_at: string | null;
  waiting: number;
  failed: number;
  version: number;
  secret: string | null;
};
export type WebhookDelivery = {
  id: string;
  topic: string;
  state: "waiting" | "sent" | "failed";
  at: string;
  due_at: string | null;
  attempts: number;
  answer: string;
  body: unknown;
};
