import en from "./en.json";
import { defineText } from "./i18n";
import zh from "./zh-CN.json";

export const useCommon = defineText(zh, en);
