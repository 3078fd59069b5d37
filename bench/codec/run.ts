// Our generated code against protobufjs 8's static code and protobuf-es, in interleaved processes.
// `npm run bench:codec -- [--rounds N] [--only small] [--operation decode] [--node PATH]`
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../test/support/root.js";
import type { Size } from "./systems.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    operation: { type: "string" },
    node: { type: "string", default: process.execPath },
  },
});
const names = ["ours", "ours, toBinary", "protobufjs 8 static", "protobuf-es"];
const program = join(ROOT, "dist-test/bench/codec/case.js");
const version = execFileSync(values.node, ["--version"], { encoding: "utf8" }).trim();
console.log(`codec: Node ${version}; nanoseconds an operation, medians of ${values.rounds} interleaved processes, each the least of 60 rounds\n`);

for (const size of ["small", "fresh", "medium", "blob"] satisfies Size[]) {
  if (values.only !== undefined && values.only !== size) continue;
  for (const operation of ["encode", "decode"]) {
    if (values.operation !== undefined && values.operation !== operation) continue;
    const results = new Map(names.map((name) => [name, [] as number[]]));
    let bytes = 0;
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, list] of results) {
        const result = JSON.parse(execFileSync(values.node, [program, name, size, operation], { cwd: ROOT, encoding: "utf8" })) as {
          bytes: number;
          ns: number;
        };
        bytes = result.bytes;
        list.push(result.ns);
      }
    }
    console.log(`${operation} ${size} (${bytes} bytes)`);
    const ours = median(results.get("ours") ?? []);
    for (const [name, list] of results) {
      const ns = median(list);
      console.log(
        `  ${name.padEnd(20)} ${ns.toFixed(0).padStart(8)}   (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})   ours is ${(ns / ours).toFixed(2)}x as fast`,
      );
    }
  }
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}
