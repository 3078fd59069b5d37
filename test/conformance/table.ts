// What was seen as a document: one table per section, the list of differences, and notes.
import { type ClientCase, isGo, type Outcome, type ServerCase, titleOf, wanted } from "./cases.js";
import { type Difference, differences } from "./differences.js";
import { notes } from "./notes.js";
import { readable } from "./readable.js";
import { type RowId, rows, sections } from "./rows.js";
import { allCases } from "./suites.js";

export type Column = "go" | "native" | "node";

/** By the title of the case. */
export type Seen = Readonly<Record<string, Readonly<Partial<Record<Column, Outcome>>>>>;

const sameLines = (a: Outcome, b: Outcome): boolean => a.length === b.length && a.every((line, i) => line === b[i]);

/** All as it should be. */
export function expected(): Seen {
  return Object.fromEntries(allCases.map((one) => [titleOf(one), { go: one.go, native: wanted(one), node: wanted(one) }]));
}

/** The cases that did not go as they should, with what was seen. */
export function surprises(seen: Seen): string[] {
  const found: string[] = [];
  for (const one of allCases) {
    for (const column of ["go", "native", "node"] as const) {
      const outcome = seen[titleOf(one)]?.[column] ?? [];
      if (column === "go" ? isGo(one, outcome) : sameLines(outcome, wanted(one))) continue;
      found.push(`${titleOf(one)} [${column}]: ${outcome.map(readable).join("; ")}`);
    }
  }
  return found;
}

/** The whole document. */
export function documentOf(seen: Seen): string {
  return [
    "# Conformance with Go",
    "",
    "<!-- Written by `npm run conformance -- --write`. Do not edit. -->",
    "",
    "The same bytes to Go's ttrpc (v1.2.10) and to this implementation, over both channels: what each does with them. `npm run conformance` runs all cases and",
    "prints this table; as tests they are `test/conformance`, where a difference that is not listed here fails.",
    "",
    `${allCases.length} cases, ${allCases.filter((one) => one.ours !== undefined).length} of them with a difference on purpose, for ${Object.keys(differences).length} reasons.`,
    "",
    'How to read it: `1: code 3 "text"` is a Response on stream 1 with a status; `1: message 2 "m"` one with a message; `1: Data 05` a Data frame with these flags.',
    "*lives*: the connection answered one more call. In the client tables the lines are what the caller was given; *error* is one without a code.",
    "",
    "## Differences on purpose",
    "",
    "| | why |",
    "|---|---|",
    ...Object.entries(differences).map(([name, why]) => `| ${name} | ${why} |`),
    "",
    ...sections.flatMap(([letter, title]) => section(letter, title, seen)),
    "## Notes",
    "",
    "What Go's peer does that its documents, or its texts, do not say; found by running these cases.",
    "",
    ...notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}

function section(letter: string, title: string, seen: Seen): string[] {
  const lines = [`## ${title}`, ""];
  for (const id of Object.keys(rows) as RowId[]) {
    if (!id.startsWith(letter)) continue;
    lines.push(`### ${id}: ${rows[id]}`, "", "| case | Go | ours, native | ours, node | |", "|---|---|---|---|---|");
    for (const one of allCases) if (one.row === id) lines.push(line(one, seen[titleOf(one)] ?? {}));
    lines.push("");
  }
  return lines;
}

function line(one: ServerCase | ClientCase, { go = [], native = [], node = [] }: Seen[string]): string {
  const told = isGo(one, go) ? cell(one.go) : `**${cell(go)}**`;
  const ours = (outcome: Outcome): string => (!sameLines(outcome, wanted(one)) ? `**${cell(outcome)}**` : one.ours === undefined ? "same" : cell(outcome));
  return `| ${one.name} | ${told} | ${ours(native)} | ${ours(node)} | ${verdict(one.ours?.because, one.goAtTimes?.because)} |`;
}

function verdict(always: Difference | undefined, atTimes: Difference | undefined): string {
  const parts = [always === undefined ? "same" : `on purpose: *${always}*`];
  if (atTimes !== undefined) parts.push(`Go is different at times: *${atTimes}*`);
  return parts.join("; ");
}

function cell(outcome: Outcome): string {
  return shortened(outcome.map(readable))
    .map((text) => text.replaceAll("|", "\\|"))
    .join("<br>");
}

/** Long runs of lines that differ only in their numbers, as their first and last. */
function shortened(lines: readonly string[]): string[] {
  const shape = (text: string | undefined): string | undefined => text?.replaceAll(/\d+/g, "0");
  const out: string[] = [];
  for (let at = 0; at < lines.length; ) {
    let end = at + 1;
    while (end < lines.length && shape(lines[end]) === shape(lines[at])) end++;
    if (end - at < 5) out.push(...lines.slice(at, end));
    else out.push(lines[at] as string, `... (${end - at} such)`, lines[end - 1] as string);
    at = end;
  }
  return out;
}
