/** Inputs for what a connector's settings name. */
import { AudienceField } from "../journeys/fields";
import type { Widgets } from "../shared/SchemaForm";

export const WIDGETS: Widgets = { audience: AudienceField };
