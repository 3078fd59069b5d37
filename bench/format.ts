// Figures for people: three digits, SI prefixes, a unit.
import type { Metric } from "./results.js";

/** Three significant digits, or the whole number where it has more. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))))));
  return value.toFixed(decimals);
}

/** Rounded before its prefix is chosen: 999.7 µs are 1.00 ms. */
function scaled(value: number, unit: string, steps: readonly (readonly [size: number, prefix: string])[]): string {
  const rounded = Number(value.toPrecision(3));
  const [size, prefix] = steps.find(([size]) => rounded >= size) ?? steps.at(-1) ?? [1, ""];
  return `${digits(value / size)} ${prefix}${unit}`;
}

const SI = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

/** Of microseconds. */
const TIME = [
  [1e6, ""],
  [1e3, "m"],
  [1, "µ"],
  [1e-3, "n"],
] as const;

const MICROS_PER_MILLI = 1e3;

export function micros(valueUs: number): string {
  return valueUs === 0 ? "0 s" : scaled(valueUs, "s", TIME);
}

export function count(value: number): string {
  return scaled(value, "", SI).replace(" ", "");
}

/** A size in powers of 1024, as cases are named by it. */
export function bytes(value: number): string {
  return scaled(value, "B", [
    [1024 ** 3, "Gi"],
    [1024 ** 2, "Mi"],
    [1024, "Ki"],
    [1, ""],
  ]);
}

export function format(metric: Metric, value: number): string {
  switch (metric) {
    case "p50us":
      return micros(value);
    case "coldMs":
      return micros(value * MICROS_PER_MILLI);
    case "perSecond":
      return scaled(value, "/s", SI);
    case "bytesPerSecond":
      return scaled(value, "B/s", SI);
    case "kibPerConnection":
      return value < 1024 ? `${digits(value)} KiB` : `${digits(value / 1024)} MiB`;
    default:
      return metric satisfies never;
  }
}

/** "11.1 to 15.5 µs": the unit once where both have the same. */
export function range(metric: Metric, min: number, max: number): string {
  const [low, high] = [format(metric, min), format(metric, max)];
  const [number = "", unit = ""] = low.split(" ");
  return high.endsWith(` ${unit}`) ? `${number} to ${high}` : `${low} to ${high}`;
}

/** "1.94x". */
export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(2) : digits(ratio)}x`;
}
