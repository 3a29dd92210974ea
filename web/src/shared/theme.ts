/** One accent, plenty of white. Colours mirror the custom properties in global.css so our own marks match antd's. */
import { theme, type ThemeConfig } from "antd";

const LIGHT = {
  colorPrimary: "#3f5fd6",
  colorInfo: "#3f5fd6",
  colorLink: "#3553c4",
  colorSuccess: "#2b8a5a",
  colorError: "#cf3a3a",
  colorWarning: "#c77700",
  colorTextBase: "#1c2024",
  colorBgLayout: "#f7f8fa",
  colorTextDescription: "#6f7682",
  colorTextPlaceholder: "#858c97",
  colorBorder: "#dcdfe5",
  colorBorderSecondary: "#e9ebef",
};

const DARK = {
  colorPrimary: "#6c86ec",
  colorInfo: "#6c86ec",
  colorLink: "#93a8f5",
  colorSuccess: "#48b383",
  colorError: "#ec6a6a",
  colorWarning: "#e0a13c",
  colorTextBase: "#ecedee",
  colorBgBase: "#16171a",
  colorBgLayout: "#101113",
  colorBgContainer: "#16171a",
  colorBgElevated: "#1e2024",
  colorTextDescription: "#8d939e",
  colorTextPlaceholder: "#7a808b",
  colorBorder: "#363940",
  colorBorderSecondary: "#26282d",
};

export const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
export const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

export function themeFor(dark: boolean, compact: boolean, still: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    hashed: false,
    token: {
      ...(dark ? DARK : LIGHT),
      motion: !still,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      borderRadius: 8,
      controlHeight: compact ? 30 : 34,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.18s",
    },
    components: {
      Table: {
        headerBg: "transparent",
        headerSplitColor: "transparent",
        cellPaddingBlock: compact ? 7 : 12,
        cellPaddingInline: 12,
        rowHoverBg: dark ? "#1c1e22" : "#f7f8fb",
      },
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
      Tabs: { horizontalItemGutter: 24, titleFontSize: 14 },
      Card: { headerFontSize: 15 },
      Tag: { defaultBg: dark ? "#22252a" : "#f1f3f6" },
    },
  };
}
