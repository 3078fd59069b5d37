// Results as tables: in Markdown for documents, and in plain text for the terminal.
import { format, range, times } from "./format.js";
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
} from "./results.js";
import { nameOf, PLACEMENTS, systemsOf } from "./systems.js";

const RATIOS = "Nx: times better than Go, above 1 is better whatever is measured";

/** Undefined for the reference itself, and where it was not measured. */
function advantageOf(rows: readonly Row[], row: Row): string | undefined {
  const reference = row.system === REFERENCE ? undefined : counterpart(rows, row);
  const advantages = reference === undefined ? [] : advantagesOver(row, reference);
  return advantages.length === 0 ? undefined : times(median(advantages));
}

function rangeOf(row: Row): string {
  const { min, max } = spread(figures(row));
  return range(row.metric, min, max);
}

/** Where, with what and how it was measured, in one line. */
export function heading({ date, machine, versions, options }: Results): string {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    `medians of ${options.rounds} interleaved rounds of ${options.seconds} s${options.quick ? " (a quick run)" : ""}`,
    date.slice(0, 10),
  ].join("; ");
}

/** A table for each placement: a row for each case, a column for each system. */
export function markdown(results: Results): string {
  const rows = measured(results.rows);
  const parts = [`${heading(results)}. Ranges in brackets; ${RATIOS}.`];
  for (const placement of placementsOf(rows)) {
    const here = rows.filter((row) => row.placement === placement);
    const systems = systemsOf(here);
    const lines = [
      [PLACEMENTS[placement], ...systems.map(({ name }) => name)],
      ["---", ...systems.map(() => "---")],
    ];
    for (const one of casesOf(here)) {
      const cells = systems.map(({ id }) => {
        const row = here.find((row) => row.case === one.case && row.system === id);
        if (row === undefined) return "";
        return [`${format(row.metric, valueOf(row))} (${rangeOf(row)})`, advantageOf(here, row)].filter((part) => part !== undefined).join(", ");
      });
      lines.push([one.label, ...cells]);
    }
    parts.push(lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
  }
  if (results.missing.length > 0) parts.push(results.missing.map((line) => `- Left out: ${line}`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

/** A line for each system below its case: it fits into 80 columns with any number of systems. */
export function terminal(results: Results): string {
  const rows = measured(results.rows);
  const lines = [heading(results), `${RATIOS}.`];
  for (const placement of placementsOf(rows)) {
    const here = rows.filter((row) => row.placement === placement);
    lines.push("", PLACEMENTS[placement]);
    for (const one of casesOf(here)) {
      lines.push(`  ${one.label}`);
      for (const { id } of systemsOf(here)) {
        const row = here.find((row) => row.case === one.case && row.system === id);
        if (row === undefined) continue;
        const value = format(row.metric, valueOf(row)).padStart(12);
        lines.push(`    ${nameOf(id).padEnd(17)} ${value}   ${rangeOf(row).padEnd(24)} ${advantageOf(here, row) ?? ""}`.trimEnd());
      }
    }
  }
  if (results.missing.length > 0) lines.push("", ...results.missing.map((line) => `left out: ${line}`));
  return `${lines.join("\n")}\n`;
}
