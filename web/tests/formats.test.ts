import { expect, it } from "vitest";
import { bigNumber, formatDuration, formatMoney, formatPercent, timeFormats } from "../src/shared/formats";

it("writes card numbers in 万 and 亿, or K and M", () => {
  expect(bigNumber(9999, "zh-CN")).toEqual(["9,999", ""]);
  expect(bigNumber(23570, "zh-CN")).toEqual(["2.36", "万"]);
  expect(bigNumber(250_031_563, "zh-CN")).toEqual(["2.5", "亿"]);
  expect(bigNumber(23570, "en")).toEqual(["23,570", ""]);
  expect(bigNumber(2_500_315, "en")).toEqual(["2.5", "M"]);
});

it("writes money from integer fen", () => {
  expect(formatMoney(250031563)).toBe("¥2,500,315.63");
  expect(formatMoney(-5)).toBe("-¥0.05");
  expect(formatMoney(null)).toBe("—");
});

it("writes shares with two decimals and durations in the nearest unit", () => {
  expect(formatPercent(0.12345)).toBe("12.35%");
  expect(formatPercent(Number.NaN)).toBe("—");
  expect(formatDuration(850)).toBe("850 ms");
  expect(formatDuration(90_000)).toBe("2 min");
});

it("shows times in the business zone", () => {
  const time = timeFormats("Asia/Shanghai", "zh-CN");
  expect(time.minute("2026-03-01T16:30:00Z")).toBe("2026-03-02 00:30");
  expect(time.day(null)).toBe("—");
});

it("writes thousands from a hundred thousand on", () => {
  expect(bigNumber(232_489.78, "en")).toEqual(["232.5", "K"]);
  expect(bigNumber(99_999, "en")).toEqual(["99,999", ""]);
});
