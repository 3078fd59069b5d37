// Curves: a row's value against its parameter, over all rows of a group.
import { bytes, count, format, micros } from "../format.js";
import { figures, measured, placementsOf, type Group, type Results, type Row, spread, valueOf } from "../results.js";
import { nameOf } from "../systems.js";
import { lines, type Point } from "./lines.js";
import type { Figure } from "./plot.js";
import { logScale, measuredScale, type Scale, zeroScale } from "./scale.js";

interface Curve {
  readonly group: Group;
  readonly title: string;
  readonly note: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly yScale: (values: readonly number[]) => Scale;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
}

function pointsOf(rows: readonly Row[]): Point[] {
  return rows
    .flatMap((row): Point[] => {
      if (row.parameter === undefined) return [];
      const { min, max } = spread(figures(row));
      const y = valueOf(row);
      return [{ system: row.system, x: row.parameter, y, low: min, high: max, text: `${nameOf(row.system)}, ${row.label}: ${format(row.metric, y)}` }];
    })
    .sort((a, b) => a.x - b.x);
}

function curves({ rows }: Results, { group, title, note, xTitle, yTitle, yScale, xText, yText }: Curve): Figure {
  const own = measured(rows).filter((row) => row.group === group && row.parameter !== undefined);
  const all = pointsOf(own);
  // All placements share their axes, so that they can be compared.
  const [x, y] = [measuredScale(all.map(({ x }) => x)), yScale(all.flatMap(({ low, high }) => [low, high]))];
  return {
    title,
    note,
    plots: placementsOf(own).map((placement) => ({
      name: `${group}-${placement}`,
      placement,
      description: `${title}, ${placement}: ${yTitle} against ${xTitle}`,
      spec: lines(placement, pointsOf(own.filter((row) => row.placement === placement)), { x, y, xTitle, yTitle, xText, yText }),
    })),
  };
}

export const throughput = (results: Results): Figure =>
  curves(results, {
    group: "throughput",
    title: "Throughput against calls in flight",
    note: "Calls a second with so many of them open at once. Higher is better.",
    xTitle: "calls in flight, log",
    yTitle: "calls per second",
    yScale: zeroScale,
    xText: count,
    yText: (value) => format("perSecond", value),
  });

export const size = (results: Results): Figure =>
  curves(results, {
    group: "size",
    title: "Bytes per second against size",
    note: "How many bytes of payload a second arrive, by the size of one message. Higher is better; the axis is logarithmic.",
    xTitle: "size of a message, log",
    yTitle: "payload per second, log axis",
    yScale: logScale,
    xText: bytes,
    yText: (value) => format("bytesPerSecond", value),
  });

export const connections = (results: Results): Figure =>
  curves(results, {
    group: "connections",
    title: "Latency against connections",
    note: "Median latency of a call while so many connections are busy. Lower is better; the axis is logarithmic.",
    xTitle: "connections, log",
    yTitle: "median latency, log axis",
    yScale: logScale,
    xText: count,
    yText: micros,
  });
