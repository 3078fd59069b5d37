// Two runs side by side: what changed by more than either run differs within itself.
import { format } from "./format.js";
import { better, casesOf, counterpart, figures, measured, placementsOf, type Results, type Row, spread, valueOf } from "./results.js";
import { heading } from "./table.js";
import { nameOf, PLACEMENTS, systemsOf } from "./systems.js";

function width(row: Row): number {
  const { min, max } = spread(figures(row));
  return max - min;
}

/** "better" or "worse" where the medians are further apart than the rounds of either run. */
function verdict(before: Row, after: Row): string {
  const change = valueOf(after) - valueOf(before);
  if (Math.abs(change) <= Math.max(width(before), width(after))) return "";
  return change > 0 === (better(after.metric) === "higher") ? "better" : "WORSE";
}

function percent(before: Row, after: Row): string {
  const change = (valueOf(after) / valueOf(before) - 1) * 100;
  return `${change < 0 ? "-" : "+"}${Math.abs(change).toFixed(1)} %`;
}

function line(before: Row | undefined, after: Row | undefined): string {
  const value = (row: Row | undefined): string => (row === undefined ? "-" : format(row.metric, valueOf(row))).padStart(12);
  const change = before === undefined || after === undefined ? "" : `${percent(before, after).padStart(10)}  ${verdict(before, after)}`;
  return `    ${nameOf((after ?? before)?.system ?? "").padEnd(17)} ${value(before)} ${value(after)} ${change}`.trimEnd();
}

export function compare(oldResults: Results, newResults: Results): string {
  const [before, after] = [measured(oldResults.rows), measured(newResults.rows)];
  const all = [...after, ...before];
  const lines = [
    `before: ${heading(oldResults)}`,
    `after:  ${heading(newResults)}`,
    "Marked: medians further apart than the rounds of either run. Single rounds have no spread: trust nothing below three.",
  ];
  for (const placement of placementsOf(all)) {
    const here = all.filter((row) => row.placement === placement);
    lines.push("", PLACEMENTS[placement]);
    for (const one of casesOf(here)) {
      const rows = here.filter((row) => row.case === one.case);
      lines.push(`  ${one.label}`);
      for (const { id } of systemsOf(rows)) {
        const row = rows.find((row) => row.system === id);
        if (row !== undefined) lines.push(line(counterpart(before, row, id), counterpart(after, row, id)));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}
