// `npm run bench`: ours against Go and others in one interleaved run. Its flags are in `options` below, and in docs/performance.md.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../test/support/root.js";
import { type Case, cases, everywhere, type Placement, quick } from "./cases.js";
import { compare } from "./compare.js";
import { Progress } from "./progress.js";
import type { Results, Round, Row } from "./results.js";
import { measure, type Times } from "./round.js";
import { type System, systems } from "./programs.js";
import { terminal } from "./table.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    /** Placements, with commas. */
    placement: { type: "string" },
    /** Cases with this in their id or label. */
    only: { type: "string", default: "" },
    /** Systems, with commas. */
    peers: { type: "string" },
    /** Under a minute. */
    quick: { type: "boolean", default: false },
    /** Results of an earlier run. */
    compare: { type: "string" },
    /** Busy loops beside, for a machine that has other work. */
    load: { type: "string", default: "0" },
    out: { type: "string", default: join(ROOT, ".cache/bench/results") },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 0.25 : 0.4));
const warmUpMs = 300;
const placements = (values.placement?.split(",") ?? (values.quick ? ["free"] : ["apart", "together", "free"])) as Placement[];
const wanted = values.peers?.split(",") ?? (values.quick ? ["ours", "ours-node", "go"] : undefined);

const missing: string[] = [];
const ready: System[] = [];
for (const system of systems) {
  if (wanted !== undefined && !wanted.includes(system.name)) continue;
  try {
    const why = system.skip();
    if (why === false) {
      await system.prepare();
      ready.push(system);
    } else missing.push(`${system.name}: ${why}`);
  } catch (error) {
    missing.push(`${system.name} could not be built: ${(error as Error).message}`);
  }
}
if (wanted !== undefined) for (const name of wanted) if (!systems.some((system) => system.name === name)) throw new Error(`--peers: no system "${name}"`);
for (const line of missing) console.log(line);

const chosen = cases.filter(({ id, label }) => (!values.quick || quick.has(id)) && (id.includes(values.only) || label.includes(values.only)));
if (chosen.length === 0) throw new Error(`--only ${values.only}: no such case`);

const folder = mkdtempSync(join(tmpdir(), "ttrpc-bench-"));
const rows: Row[] = [];
const jobs = chosen.flatMap((one) => {
  const able = ready.filter((system) => (everywhere.includes(system.name) || one.also.includes(system.name) || wanted !== undefined) && system.can(one));
  return placements.filter((placement) => one.placements.includes(placement)).map((placement) => ({ one, placement, able }));
});
const progress = new Progress(jobs.reduce((sum, { able }) => sum + able.length * rounds, 0));
let sockets = 0;
/** Ten thousand streams take a while to open; calls with rests in between are few. */
const timesOf = ({ inFlight, intervalMs }: Case): Times => {
  if (inFlight >= 10_000) return { seconds: Math.max(seconds, 1), warmUpMs: 2_000 };
  return intervalMs > 0 ? { seconds: Math.max(seconds, 2), warmUpMs } : { seconds, warmUpMs };
};
const load = Array.from({ length: Number(values.load) }, () => spawn(process.execPath, ["-e", "for (;;);"]));
for (const { one, placement, able } of jobs) {
  const measured = new Map<System, Round[]>(able.map((system) => [system, []]));
  for (let round = 0; round < rounds; round++) {
    for (const system of able) {
      progress.step(`${one.label}, ${placement}, ${system.name}, round ${round + 1}`);
      try {
        measured.get(system)?.push(await measure(system, one, placement, `unix://${join(folder, `${++sockets}.sock`)}`, timesOf(one)));
      } catch (error) {
        const line = `${system.name}, ${one.label}, ${placement}: ${(error as Error).message}`;
        if (!missing.includes(line)) missing.push(line);
        measured.get(system)?.push({});
      }
    }
  }
  const { id, label, group, metric, parameter } = one;
  for (const [{ name }, list] of measured) {
    if (list.every((round) => round[metric] === undefined)) continue;
    rows.push({ case: id, label, group, placement, system: name, metric, rounds: list, ...(parameter === undefined ? {} : { parameter }) });
  }
}
progress.end();
for (const child of load) child.kill();
rmSync(folder, { recursive: true, force: true });

function version(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8" }).trim();
  } catch {
    return "none";
  }
}

const results: Results = {
  date: new Date().toISOString(),
  machine: { cpu: cpus()[0]?.model ?? "", cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), kernel: release() },
  versions: { node: process.versions.node, go: version("go", "env", "GOVERSION"), rust: version("rustc", "--version") },
  options: { rounds, seconds, quick: values.quick },
  rows,
  missing,
};
console.log(terminal(results));
if (values.compare !== undefined) console.log(compare(JSON.parse(readFileSync(values.compare, "utf8")) as Results, results));
mkdirSync(values.out, { recursive: true });
const file = join(values.out, `${values.quick ? "quick" : "results"}.json`);
writeFileSync(file, JSON.stringify(results));
console.log(`${file}${values.quick ? "" : `; as a page: npm run bench:report -- ${file}`}`);
