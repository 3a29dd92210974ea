import { defineText } from "./i18n";
import en from "./fields.en.json";
import zh from "./fields.zh-CN.json";

/** Names of config fields that nodes and channels declare in their JSON Schema. */
export const useFieldText = defineText(zh, en);
