// The benchmark's client of ours. Its flags, and what it prints, are those of all systems: see bench/peers/README.md.
import { parseFlags, busyPollOf } from "./flags.js";
import { loads, openAll } from "./loads.js";
import { Streaming } from "../test/proto/streaming_ttrpc.js";
import { Window } from "./window.js";

const flags = parseFlags();
const name = flags.case ?? "unary";
const channel = (flags.channel ?? "native") as "native" | "node";
/** Flat, as a text is that came off a wire: V8 measures one that was put together 8 times slower until a collection makes it so. */
const msg = Buffer.alloc(Number(flags.size ?? 32), "x").toString("latin1");
const clients = await openAll(flags.address ?? "", Number(flags.connections ?? 1), { channel, busyPollMicros: busyPollOf(flags["busy-poll"]) });

async function run(): Promise<object> {
  if (name === "idle") {
    for (const client of clients) await client.service(Streaming).echo({ seq: 1, msg });
    process.stdout.write(`{"window":"open"}\n`);
    await new Promise((resolve) => process.stdin.resume().once("end", resolve));
    return {};
  }
  const load = loads[name];
  if (load === undefined) throw new Error(`unknown case "${name}"`);
  const window = new Window(Number(flags["warmup-ms"] ?? 300), Number(flags.seconds ?? 1));
  await load({ clients, inFlight: Number(flags.inflight ?? 1), msg, window, intervalMs: Number(flags["interval-ms"] ?? 0) });
  return window.report();
}

const result = await run();
process.stdout.write(`${JSON.stringify({ case: name, ...result })}\n`);
await Promise.all(clients.map((client) => client.close()));
