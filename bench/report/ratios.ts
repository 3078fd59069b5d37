// All cases at a glance: a dot for each system, as many times better than Go as it is, and Go itself as a line.
import { digits, times } from "../format.js";
import { advantagesOver, casesOf, counterpart, measured, median, placementsOf, REFERENCE, type Results, type Row, spread } from "../results.js";
import { nameOf, type System, systemsOf } from "../systems.js";
import { axis, colour, encoding, type Figure, type Frame, pixels, type Spec, spec } from "./plot.js";
import { ratioScale, type Scale } from "./scale.js";
import { colourOf, PAPER, styleOf, TEXT } from "./theme.js";

interface Dot {
  readonly system: string;
  readonly label: string;
  readonly placement: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

function dotsOf(rows: readonly Row[]): Dot[] {
  return rows.flatMap((row) => {
    const reference = row.system === REFERENCE ? undefined : counterpart(rows, row);
    const advantages = reference === undefined ? [] : advantagesOver(row, reference);
    if (advantages.length === 0) return [];
    const { min, max } = spread(advantages);
    return [{ system: row.system, label: row.label, placement: row.placement, ratio: median(advantages), low: min, high: max }];
  });
}

const ROW_HEIGHT = 22;
const WIDTH = 440;
/** Of a letter, as wide as they come. */
const LETTER_WIDTH = 6.2;
const KEY_COLUMNS = 3;
const KEY_COLUMN_WIDTH = 142;
const KEY_ROW_HEIGHT = 18;

/** What each mark stands for, above the frame: there is no room for names beside the dots. */
function key(systems: readonly System[], left: number): Spec[] {
  const rows = Math.ceil(systems.length / KEY_COLUMNS);
  const entries = systems.map(({ id, name }, index) => ({
    name,
    colour: colourOf(id),
    shape: styleOf(id).shape,
    x: 12 - left + (index % KEY_COLUMNS) * KEY_COLUMN_WIDTH,
    y: (Math.floor(index / KEY_COLUMNS) - rows) * KEY_ROW_HEIGHT - 14,
  }));
  const [x, y] = [pixels("x"), pixels("y")];
  return [
    {
      data: { values: entries },
      mark: { type: "point", filled: true, opacity: 1, size: 60 },
      encoding: { x, y, fill: colour, shape: { field: "shape", type: "nominal", scale: null, legend: null } },
    },
    {
      data: { values: entries },
      mark: { type: "text", align: "left", baseline: "middle", dx: 10, color: TEXT },
      encoding: { x, y, text: { field: "name" } },
    },
  ];
}

function dotsSpec(placement: string, dots: readonly Dot[], labels: readonly string[], x: Scale): Spec {
  const systems = systemsOf(dots);
  const keyHeight = Math.ceil(systems.length / KEY_COLUMNS) * KEY_ROW_HEIGHT;
  const left = 14 + LETTER_WIDTH * Math.max(...labels.map(({ length }) => length));
  const padding = { left, right: 54, top: 60 + keyHeight, bottom: 46 };
  const frame: Frame = { width: Math.max(150, WIDTH - left - padding.right), height: labels.length * ROW_HEIGHT, padding };
  const values = dots.map((dot) => ({
    ...dot,
    colour: colourOf(dot.system),
    name: nameOf(dot.system),
    times: times(dot.ratio),
    text: `${nameOf(dot.system)}, ${dot.label}: ${times(dot.ratio)}`,
  }));
  const y = {
    field: "label",
    type: "nominal",
    sort: null,
    title: null,
    scale: { domain: labels },
    axis: { labelColor: TEXT, labelLimit: 0, domain: false, grid: true, gridDash: [1, 3] },
  };
  const ratio = encoding(
    "ratio",
    x,
    axis(x, "times better than Go, log", (value) => `${digits(value)}x`),
  );
  const drawn = systems.toReversed().flatMap(({ id }): Spec[] => {
    const own = values.filter(({ system }) => system === id);
    const ours = id === "ours";
    const dot: Spec = {
      data: { values: own },
      mark: { type: "point", filled: true, opacity: 1, shape: styleOf(id).shape, size: ours ? 120 : 52, stroke: PAPER, strokeWidth: 1 },
      encoding: {
        x: encoding(
          "ratio",
          x,
          axis(x, "times better than Go, log", (value) => `${digits(value).replace(/\.?0+$/, "")}x`),
        ),
        y,
        fill: colour,
        description: { field: "text" },
      },
    };
    if (!ours) return [dot];
    return [
      {
        data: { values: own },
        mark: { type: "rule", strokeWidth: 5, opacity: 0.28 },
        encoding: { y, x: { ...ratio, field: "low" }, x2: { field: "high" }, color: colour },
      },
      dot,
      {
        data: { values: own },
        mark: { type: "text", align: "left", baseline: "middle", dx: 10, fontWeight: "bold" },
        encoding: { y, x: { value: frame.width }, text: { field: "times" }, color: colour },
      },
    ];
  });
  const line: Spec = {
    data: { values: [{ one: 1, name: nameOf(REFERENCE) }] },
    encoding: { x: { ...ratio, field: "one" } },
    layer: [
      { mark: { type: "rule", strokeWidth: 2, color: colourOf(REFERENCE) } },
      { mark: { type: "text", fontWeight: "bold", color: colourOf(REFERENCE) }, encoding: { y: { value: -9 }, text: { field: "name" } } },
    ],
  };
  return spec(frame, placement, undefined, [...key(systems, left), line, ...drawn]);
}

export function ratios({ rows }: Results): Figure {
  const found = measured(rows);
  const dots = dotsOf(found);
  const x = ratioScale(dots.flatMap(({ ratio, low, high, system }) => (system === "ours" ? [low, high] : [ratio])));
  return {
    title: "Against Go",
    note: "How many times better than Go, which is the line at 1x: right of it is faster or smaller, left of it slower or larger. Figures on the right are ours, and the band around our dot is the spread of the rounds. The axis is logarithmic.",
    plots: placementsOf(found).flatMap((placement) => {
      const here = dots.filter((dot) => dot.placement === placement);
      const labels = casesOf(found.filter((row) => row.placement === placement))
        .map(({ label }) => label)
        .filter((label) => here.some((dot) => dot.label === label));
      if (here.length === 0) return [];
      const ours = here.filter(({ system }) => system === "ours").map(({ label, ratio }) => `${label} ${times(ratio)}`);
      return [
        {
          name: `ratios-${placement}`,
          placement,
          description: `Times better than Go, ${placement}. Ours: ${ours.join("; ")}`,
          spec: dotsSpec(placement, here, labels, x),
        },
      ];
    }),
  };
}
