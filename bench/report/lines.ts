// Lines, one for each system, with its name at its end.
import { REFERENCE } from "../results.js";
import { systemsOf } from "../systems.js";
import { axis, colour, encoding, type Frame, pixels, type Spec, spec } from "./plot.js";
import type { Scale } from "./scale.js";
import { AXIS, colourOf, PAPER, styleOf } from "./theme.js";

export interface Point {
  readonly system: string;
  readonly x: number;
  readonly y: number;
  /** The rounds' spread. */
  readonly low: number;
  readonly high: number;
  /** Shown where the mouse rests. */
  readonly text: string;
}

export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly xTitle: string;
  readonly yTitle: string;
  xText(value: number): string;
  yText(value: number): string;
}

const frame: Frame = { width: 256, height: 240, padding: { left: 62, right: 122, top: 60, bottom: 44 } };
const LABEL_HEIGHT = 15;
const LABEL_GAP = 16;

/** Pushes labels apart, first all down, then those that fell out of the frame up again. */
function apart(wanted: readonly number[], bottom: number): number[] {
  const places = [...wanted];
  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i] ?? 0, (places[i - 1] ?? 0) + LABEL_HEIGHT);
  for (let i = places.length - 1, limit = bottom; i >= 0; i--, limit -= LABEL_HEIGHT) places[i] = Math.min(places[i] ?? 0, limit);
  return places;
}

/** A name beside the end of each line, and a hair between the two. */
function labels(points: readonly Point[], { x, y }: Axes): Spec[] {
  const ends = systemsOf(points)
    .map(({ id, name }) => ({ id, name, end: points.findLast(({ system }) => system === id) }))
    .map(({ id, name, end }) => ({
      name,
      colour: colourOf(id),
      weight: id === "ours" ? "bold" : "normal",
      fromX: x.position(end?.x ?? 0) * frame.width + 4,
      fromY: (1 - y.position(end?.y ?? 0)) * frame.height,
    }))
    .sort((a, b) => a.fromY - b.fromY);
  const places = apart(
    ends.map(({ fromY }) => fromY),
    frame.height,
  );
  const values = ends.map((end, index) => ({ ...end, toX: frame.width + LABEL_GAP - 2, toY: places[index] }));
  const weighted = (weight: string): Spec => ({
    data: { values: values.filter((value) => value.weight === weight) },
    mark: { type: "text", align: "left", baseline: "middle", dx: LABEL_GAP, fontWeight: weight },
    encoding: { x: { value: frame.width }, y: pixels("toY"), text: { field: "name" }, color: colour },
  });
  return [
    {
      data: { values },
      mark: { type: "rule", strokeWidth: 0.75, color: AXIS },
      encoding: { x: pixels("fromX"), y: pixels("fromY"), x2: { field: "toX" }, y2: { field: "toY" } },
    },
    weighted("normal"),
    weighted("bold"),
  ];
}

export function lines(title: string, points: readonly Point[], axes: Axes): Spec {
  const values = points.map((point) => ({ ...point, colour: colourOf(point.system) }));
  const x = encoding("x", axes.x, axis(axes.x, axes.xTitle, axes.xText, { grid: false, labelOverlap: "greedy" }));
  const y = encoding("y", axes.y, axis(axes.y, null, axes.yText, { domain: false }));
  // Backwards: what is first in every list lies on top.
  const drawn = systemsOf(points)
    .toReversed()
    .flatMap(({ id }): Spec[] => {
      const own = values.filter(({ system }) => system === id);
      const ours = id === "ours";
      const { dash, shape } = styleOf(id);
      const spread: Spec = {
        data: { values: own },
        mark: { type: "rule", strokeWidth: ours ? 5 : 4, opacity: 0.28 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: colour },
      };
      return [
        // Only of the two that the eye compares: nine of them are a thicket.
        ...(ours || id === REFERENCE ? [spread] : []),
        {
          data: { values: own },
          mark: { type: "line", strokeWidth: ours ? 3.25 : 1.75, strokeDash: dash, strokeJoin: "round", aria: false },
          encoding: { x, y, color: colour },
        },
        {
          data: { values: own },
          mark: { type: "point", filled: true, opacity: 1, size: ours ? 62 : 34, shape, stroke: PAPER, strokeWidth: 1 },
          encoding: { x, y, fill: colour, description: { field: "text" } },
        },
      ];
    });
  return spec(frame, title, axes.yTitle, [...drawn, ...labels(points, axes)]);
}
