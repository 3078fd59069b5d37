// What ttrpc adds to the start of a process: medians of interleaved runs, against an empty program.
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
  // A connection that cannot be made loads the addon all the same.
  "and the addon, and a connect": `import { connect } from ${JSON.stringify(entry)}; await connect("/nobody.sock").catch(() => {});`,
};

const folder = mkdtempSync(join(tmpdir(), "ttrpc-startup-"));
const runs = Object.entries(programs).map(([name, source], i) => {
  const file = join(folder, `${i}.mjs`);
  writeFileSync(file, source);
  return { name, file, ms: [] as number[] };
});
for (let round = 0; round < ROUNDS; round++) {
  for (const { file, ms } of runs) {
    const startMs = performance.now();
    spawnSync(process.execPath, [file]);
    ms.push(performance.now() - startMs);
  }
}
rmSync(folder, { recursive: true, force: true });

let emptyMs: number | undefined;
for (const { name, ms } of runs) {
  ms.sort((a, b) => a - b);
  const medianMs = ((ms[ROUNDS / 2 - 1] ?? 0) + (ms[ROUNDS / 2] ?? 0)) / 2;
  emptyMs ??= medianMs;
  console.log(
    `${name.padEnd(30)} median ${medianMs.toFixed(1)} ms (${ms[0]?.toFixed(1)} to ${ms.at(-1)?.toFixed(1)})   +${(medianMs - emptyMs).toFixed(1)} ms`,
  );
}
