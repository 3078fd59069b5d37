// One case in a process of its own: `case SYSTEM SIZE encode|decode`. Prints bytes and nanoseconds per operation, the least of many short rounds.
import { type Size, type System, systems } from "./systems.js";

const ROUNDS = 60;
const ROUND_NS = 8_000_000n;

const [system, size, operation] = process.argv.slice(2) as [System, Size, "encode" | "decode"];
const codec = await systems[system](size);
const bytes = codec.encode();
const run = codec[operation];

function time(count: number): bigint {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) run();
  return process.hrtime.bigint() - start;
}

let count = 16;
while (time(count) < ROUND_NS) count *= 2;
let best = Number.POSITIVE_INFINITY;
for (let round = 0; round < ROUNDS; round++) best = Math.min(best, Number(time(count)) / count);
process.stdout.write(JSON.stringify({ bytes, ns: best }));
