// Bars, one for each system, from zero and with their figure at the end.
import { format, micros } from "../format.js";
import { figures, measured, median, type Results, type Row, valueOf } from "../results.js";
import { nameOf, systemsOf } from "../systems.js";
import { axis, colour, encoding, type Figure, type Frame, panels, type Plot, type Spec, spec } from "./plot.js";
import { type Scale, zeroScale } from "./scale.js";
import { colourOf, PAPER, TEXT } from "./theme.js";

interface Bar {
  readonly system: string;
  /** One piece after the other; later ones are paler. */
  readonly pieces: readonly number[];
  readonly text: string;
}

const BAR_HEIGHT = 26;
const frameFor = (bars: number): Frame => ({ width: 202, height: bars * BAR_HEIGHT, padding: { left: 122, right: 116, top: 38, bottom: 46 } });

function barsSpec(title: string, bars: readonly Bar[], x: Scale, xTitle: string, xText: (value: number) => string): Spec {
  const values = systemsOf(bars).flatMap(({ id, name }) => bars.filter(({ system }) => system === id).map((bar) => ({ ...bar, name })));
  const pieces = values.flatMap(({ name, system, text, pieces }) =>
    pieces.map((piece, index) => {
      const from = pieces.slice(0, index).reduce((sum, value) => sum + value, 0);
      return { name, from, to: from + piece, colour: colourOf(system), opacity: index === 0 ? 1 : 0.5, text: `${name}: ${text}` };
    }),
  );
  const ends = values.map(({ name, text, pieces }) => ({ name, text, to: pieces.reduce((sum, value) => sum + value, 0) }));
  const labelFontWeight = { condition: { test: `datum.value === '${nameOf("ours")}'`, value: "bold" }, value: "normal" };
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    title: null,
    scale: { domain: values.map(({ name }) => name) },
    axis: { labelColor: TEXT, labelFontWeight, labelLimit: 0, domain: false },
  };
  const from = encoding("from", x, axis(x, xTitle, xText));
  return spec(frameFor(values.length), title, undefined, [
    {
      data: { values: pieces },
      mark: { type: "bar", height: BAR_HEIGHT - 10, stroke: PAPER, strokeWidth: 0.5 },
      encoding: {
        y,
        x: from,
        x2: { field: "to" },
        color: colour,
        opacity: { field: "opacity", type: "quantitative", scale: null, legend: null },
        description: { field: "text" },
      },
    },
    {
      data: { values: ends },
      mark: { type: "text", align: "left", baseline: "middle", dx: 6, color: TEXT },
      encoding: { y, x: { ...from, field: "to" }, text: { field: "text" } },
    },
  ]);
}

const total = ({ pieces }: Bar): number => pieces.reduce((sum, piece) => sum + piece, 0);

function plots(kind: string, found: readonly (readonly Row[])[], barOf: (row: Row) => Bar, xTitle: string, xText: (value: number) => string): Plot[] {
  return found.flatMap((panel) => {
    const [first] = panel;
    if (first === undefined) return [];
    const title = `${first.label}, ${first.placement}`;
    // The placements of a case share their axis, so that they can be compared.
    const x = zeroScale(
      found
        .flat()
        .filter((row) => row.case === first.case)
        .map((row) => total(barOf(row))),
    );
    const bars = panel.map(barOf);
    const description = `${xTitle}, ${title}: ${bars.map(({ system, text }) => `${nameOf(system)} ${text}`).join("; ")}`;
    return [{ name: `${kind}-${first.case}-${first.placement}`, placement: first.placement, description, spec: barsSpec(title, bars, x, xTitle, xText) }];
  });
}

export function memory({ rows }: Results): Figure {
  const text = (value: number): string => format("kibPerConnection", value);
  return {
    title: "Memory of an idle connection",
    note: "What each open connection adds to resident memory. Less is better.",
    plots: plots(
      "memory",
      panels(measured(rows), ({ group }) => group === "memory"),
      (row) => ({ system: row.system, pieces: [valueOf(row)], text: text(valueOf(row)) }),
      "per connection",
      text,
    ),
  };
}

/** Where batches are full, and few enough calls wait that none of them matters for itself. */
const CPU_IN_FLIGHT = 64;

export function cpu({ rows }: Results): Figure {
  const client = (row: Row): number => median(figures(row, "clientCpuUsPerCall"));
  const server = (row: Row): number => median(figures(row, "serverCpuUsPerCall"));
  return {
    title: "CPU time of a call",
    note: `CPU time divided by calls, with ${CPU_IN_FLIGHT} calls in flight: the client's, and paler the server's. Less is better.`,
    plots: plots(
      "cpu",
      panels(rows, (row) => row.group === "throughput" && row.parameter === CPU_IN_FLIGHT && !Number.isNaN(client(row) + server(row))),
      (row) => ({ system: row.system, pieces: [client(row), server(row)], text: `${micros(client(row))} + ${micros(server(row))}` }),
      "client + server, CPU time per call",
      micros,
    ),
  };
}
