// The page: what was measured where, the plots, and every figure as a table.
import { format, range, times } from "../format.js";
import {
  advantagesOver,
  casesOf,
  counterpart,
  figures,
  measured,
  median,
  placementsOf,
  REFERENCE,
  type Results,
  type Row,
  spread,
  valueOf,
} from "../results.js";
import { PLACEMENTS, type System, systemsOf } from "../systems.js";
import type { Figure } from "./plot.js";
import { colourOf, PAGE_CSS, PLOT_CSS, styleOf } from "./theme.js";

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function facts({ date, machine, versions, options }: Results): string {
  const list: readonly (readonly [string, string])[] = [
    ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}`],
    [
      "Versions",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    ["Rounds", `${options.rounds} of ${options.seconds} s${options.quick ? ", a quick run: read it as a smoke test" : ""}`],
    ["Date", date.replace("T", " ").replace(/:\d\d(\.\d+)?Z$/, " UTC")],
  ];
  return `<dl>${list.map(([name, text]) => `<dt>${name}</dt><dd>${escape(text)}</dd>`).join("")}</dl>`;
}

function key(systems: readonly System[]): string {
  const item = ({ id, name }: System): string => {
    const ours = id === "ours";
    const line = `<line x1="1" x2="29" y1="6" y2="6" stroke="${colourOf(id)}" stroke-width="${ours ? 4 : 2.5}" stroke-dasharray="${styleOf(id).dash.join(" ")}"/>`;
    return `<li><svg viewBox="0 0 30 12" aria-hidden="true">${line}</svg>${ours ? `<b>${escape(name)}</b>` : escape(name)}</li>`;
  };
  return `<ul class="key">${systems.map(item).join("")}</ul>`;
}

function notes({ options, missing }: Results, absent: readonly string[]): string {
  const rounds = `Every figure is the median of ${options.rounds} rounds. In a round each system runs once, one after the other, so that a noisy moment hurts all of them.`;
  const lines = [
    options.rounds > 1 ? rounds : "There was one round: no figure here has a spread, and none should be trusted.",
    "Other programs may have run on this machine: read the ratios, not the absolute figures. Ratios are medians of each round's own ratio.",
    "A ratio says how many times better than Go: above 1 is better, whether the figure is a time, a size or a rate.",
    ...missing.map((line) => `Left out: ${line}`),
    ...absent.map((title) => `No data for: ${title}`),
  ];
  return `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>`;
}

/** Green or red only where all rounds agree on the side. */
function ratio(rows: readonly Row[], row: Row): string {
  const reference = row.system === REFERENCE ? undefined : counterpart(rows, row);
  const advantages = reference === undefined ? [] : advantagesOver(row, reference);
  if (advantages.length === 0) return "";
  const { min, max } = spread(advantages);
  return `<span class="${min > 1 ? "good" : max < 1 ? "bad" : "even"}">${times(median(advantages))}</span>`;
}

function cell(rows: readonly Row[], row: Row | undefined): string {
  if (row === undefined) return "<td></td>";
  const { min, max } = spread(figures(row));
  const value = `<b>${format(row.metric, valueOf(row))}</b>${ratio(rows, row)}`;
  return `<td${row.system === "ours" ? ' class="ours"' : ""}>${value}<small>${range(row.metric, min, max)}</small></td>`;
}

function table(rows: readonly Row[]): string {
  const systems = systemsOf(rows);
  const head = systems.map(({ name }) => `<th scope="col">${escape(name)}</th>`).join("");
  const body = casesOf(rows).map((one) => {
    const cells = systems.map(({ id }) =>
      cell(
        rows,
        rows.find((row) => row.case === one.case && row.system === id),
      ),
    );
    return `<tr><th scope="row">${escape(one.label)}</th>${cells.join("")}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th></th>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

/** `svgs` has the drawing of each plot by its name. */
export function page(results: Results, all: readonly Figure[], svgs: ReadonlyMap<string, string>): string {
  const rows = measured(results.rows);
  const [shown, absent] = [all.filter(({ plots }) => plots.length > 0), all.filter(({ plots }) => plots.length === 0)];
  const sections = shown.map(({ title, note, plots }) => {
    const drawings = plots.map(({ name }) => `<figure>${svgs.get(name) ?? ""}</figure>`).join("");
    return `<section><h2>${escape(title)}</h2><p class="muted">${escape(note)}</p><div class="plots">${drawings}</div></section>`;
  });
  const tables = placementsOf(rows).map((placement) => `<h3>${PLACEMENTS[placement]}</h3>${table(rows.filter((row) => row.placement === placement))}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ttrpc benchmark, ${escape(results.date.slice(0, 10))}</title>
<style>${PAGE_CSS}${PLOT_CSS}</style>
</head>
<body>
<h1>ttrpc benchmark</h1>
<p class="muted">Calls over local sockets: this library, Go's ttrpc and others, measured in one interleaved run.</p>
${facts(results)}
${key(systemsOf(rows))}
${notes(
  results,
  absent.map(({ title }) => title),
)}
${sections.join("\n")}
<section><h2>All figures</h2><p class="muted">Median, times better than Go, and below them the least and the greatest round.
Green and red: all rounds agree that it is better or worse than Go.</p>${tables.join("\n")}</section>
</body>
</html>
`;
}
