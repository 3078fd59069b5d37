// Latency as a distribution: a line through the quantiles of each system.
import { micros } from "../format.js";
import { figures, median, type Results, type Round, type Row, spread } from "../results.js";
import { nameOf } from "../systems.js";
import { lines, type Point } from "./lines.js";
import { type Figure, panels } from "./plot.js";
import { logScale, type Scale } from "./scale.js";

const quantiles = [
  ["p10", "p10us"],
  ["p25", "p25us"],
  ["p50", "p50us"],
  ["p75", "p75us"],
  ["p90", "p90us"],
  ["p99", "p99us"],
  ["p99.9", "p999us"],
] as const satisfies readonly (readonly [string, keyof Round])[];

/** Quantiles at equal distances: the rare ones are what the plot is for. */
const x: Scale = {
  type: "linear",
  domain: [0, quantiles.length - 1],
  ticks: quantiles.map((_, index) => index),
  position: (value) => value / (quantiles.length - 1),
};

function pointsOf(row: Row): Point[] {
  return quantiles.flatMap(([name, field], x) => {
    const values = figures(row, field);
    if (values.length === 0) return [];
    const { min, max } = spread(values);
    const y = median(values);
    return [{ system: row.system, x, y, low: min, high: max, text: `${nameOf(row.system)}, ${name}: ${micros(y)}` }];
  });
}

export function latency({ rows }: Results): Figure {
  const found = panels(rows, (row) => row.group === "latency" && pointsOf(row).length > 1);
  return {
    title: "Latency",
    note: "How long calls take: half of them less than p50, all but one in a thousand less than p99.9. Lower is better; the axis is logarithmic.",
    plots: found.flatMap((panel) => {
      const [first] = panel;
      if (first === undefined) return [];
      const title = `${first.label}, ${first.placement}`;
      return [
        {
          name: `latency-${first.case}-${first.placement}`,
          placement: first.placement,
          description: `Latency quantiles of ${panel.map(({ system }) => nameOf(system)).join(", ")}: ${title}`,
          spec: lines(title, panel.flatMap(pointsOf), {
            x,
            y: scaleOf(rows, first.case),
            xTitle: "quantile of calls",
            yTitle: "latency, log axis",
            xText: (index) => quantiles[index]?.[0] ?? "",
            yText: micros,
          }),
        },
      ];
    }),
  };
}

/** Of all placements of a case, so that they can be compared. */
function scaleOf(rows: readonly Row[], name: string): Scale {
  return logScale(rows.filter((row) => row.case === name).flatMap((row) => pointsOf(row).flatMap(({ low, high }) => [low, high])));
}
