// What ttrpc adds to the start of a process: medians of interleaved runs, and of each run's difference from the empty
// program's run right before it, because the speed of a shared machine drifts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../test/support/root.js";

const ROUNDS = 20;
const entry = pathToFileURL(join(ROOT, "dist/bundle/index.js")).href;
const programs = {
  "an empty program": "",
  'import "ttrpc"': `import ${JSON.stringify(entry)};`,
  "and the addon, and a connect": `import { connect } from ${JSON.stringify(entry)}; await connect("/nobody.sock").catch(() => {});`,
};

const folder = mkdtempSync(join(tmpdir(), "ttrpc-startup-"));
const runs = Object.entries(programs).map(([name, source], i) => {
  const file = join(folder, `${i}.mjs`);
  writeFileSync(file, `${source}\nconst { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));`);
  return { name, file, ms: [] as number[], cpuMs: [] as number[] };
});
for (let round = 0; round < ROUNDS; round++) {
  for (const { file, ms, cpuMs } of runs) {
    const startMs = performance.now();
    const { stdout } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    ms.push(performance.now() - startMs);
    cpuMs.push(Number(stdout));
  }
}
rmSync(folder, { recursive: true, force: true });

const [empty] = runs;
for (const run of runs) console.log(`${run.name.padEnd(30)} ${column(run.ms, empty?.ms)}   CPU ${column(run.cpuMs, empty?.cpuMs)}`);

function column(values: readonly number[], base: readonly number[] = []): string {
  const added = median(values.map((value, round) => value - (base[round] ?? 0)));
  return `median ${median(values).toFixed(1)} ms (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}) +${added.toFixed(1)}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[ROUNDS / 2 - 1] ?? 0) + (sorted[ROUNDS / 2] ?? 0)) / 2;
}
