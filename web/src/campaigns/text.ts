import { defineText } from "../shared/i18n/i18n";
import en from "./en.json";
import zh from "./zh-CN.json";

export const useText = defineText(zh, en);
