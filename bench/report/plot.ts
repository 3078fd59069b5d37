// What all plots have in common: a frame of fixed size, axes with written ticks, and a Vega-Lite specification around them.
import { casesOf, type Placement, placementsOf, type Row } from "../results.js";
import type { Scale } from "./scale.js";
import { CONFIG } from "./theme.js";

export type Spec = Readonly<Record<string, unknown>>;

export interface Plot {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly placement: Placement;
  /** For those who cannot see it. */
  readonly description: string;
  readonly spec: Spec;
}

/** Plots that show one thing, one for each placement. */
export interface Figure {
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  /** None: there is no data, and the page says so. */
  readonly plots: readonly Plot[];
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** The axis of a scale, its ticks as `text` writes them but for zeros at the end: a tick is exact. */
export function axis(scale: Scale, title: string | null, text: (value: number) => string, more: Spec = {}): Spec {
  const exact = (tick: number): string =>
    text(tick)
      .replace(/\d+\.\d+/, (number) => String(Number(number)))
      .replace(/^0 .*/, "0");
  const texts = Object.fromEntries(scale.ticks.map((tick) => [tick, exact(tick)]));
  return { title, values: scale.ticks, labelExpr: `${JSON.stringify(texts)}[datum.value]`, labelFlush: false, labelOverlap: false, ...more };
}

export function encoding(field: string, scale: Scale, axis: Spec): Spec {
  return {
    field,
    type: "quantitative",
    scale: { type: scale.type, domain: scale.domain, nice: false, ...(scale.type === "linear" ? { zero: false } : {}) },
    axis,
  };
}

/** A place in pixels, which a layer has already reckoned. */
export const pixels = (field: string): Spec => ({ field, type: "quantitative", scale: null });

/** A colour that is written in the data. */
export const colour: Spec = { field: "colour", type: "nominal", scale: null, legend: null };

/** Named, so that a plot alone in its file still says what it is; the y axis is named below that, because lying text is hard to read. */
export function spec(frame: Frame, title: string, yTitle: string | undefined, layer: readonly Spec[]): Spec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    autosize: { type: "none" },
    ...frame,
    title: {
      text: title,
      ...(yTitle === undefined ? {} : { subtitle: yTitle }),
      anchor: "start",
      frame: "group",
      orient: "top",
      dx: 4 - frame.padding.left,
      offset: 16,
    },
    layer,
  };
}

/** Rows that satisfy `wanted`: those of a case and a placement together, in the order of cases, then placements. */
export function panels(rows: readonly Row[], wanted: (row: Row) => boolean): readonly (readonly Row[])[] {
  const found = rows.filter(wanted);
  return casesOf(found).flatMap((one) => {
    const own = found.filter((row) => row.case === one.case);
    return placementsOf(own).map((placement) => own.filter((row) => row.placement === placement));
  });
}
