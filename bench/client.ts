// The benchmark's client of ours: `client ADDRESS CHANNEL CASE IN_FLIGHT BYTES SECONDS WARM_UP_MS`. Prints what Go's prints.
import { type Client, connect } from "ttrpc";
import { Peer } from "../test/proto/peer_ttrpc.js";
import { Streaming } from "../test/proto/streaming_ttrpc.js";

const [address = "", channel = "native", name = "unary", inFlightText = "1", bytesText = "32", secondsText = "1", warmUpText = "300"] = process.argv.slice(2);
const inFlight = Number(inFlightText);
const msg = "x".repeat(Number(bytesText));
const client = await connect(address, { channel: channel as "native" | "node" });

/** Latencies of the measured window, in microseconds; room for all that a run can make. */
const samples = new Float64Array(1 << 23);
let count = 0;
let calls = 0;

async function unary(one: Client, untilMs: number, keep: boolean): Promise<void> {
  const { echo } = one.service(Streaming);
  const request = { seq: 1, msg };
  const worker = async (): Promise<void> => {
    for (let startMs = performance.now(); startMs < untilMs; ) {
      await echo(request);
      const endMs = performance.now();
      if (keep) samples[count++] = (endMs - startMs) * 1000;
      calls++;
      startMs = endMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function stream(one: Client, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    for await (const _ of one.service(Peer).count({ seq: 100_000, msg })) calls++;
  }
}

const run = (untilMs: number, keep: boolean): Promise<void> => (name === "stream" ? stream(client, untilMs) : unary(client, untilMs, keep));

await run(performance.now() + Number(warmUpText), false);
calls = 0;
const cpu = process.cpuUsage();
const startMs = performance.now();
await run(startMs + Number(secondsText) * 1000, true);
const seconds = (performance.now() - startMs) / 1000;
const { user, system } = process.cpuUsage(cpu);
const sorted = samples.subarray(0, count).sort();
const at = (share: number): number => sorted[Math.floor(count * share)] ?? 0;
console.log(
  JSON.stringify({ case: name, calls, seconds, perSecond: calls / seconds, p50us: at(0.5), p99us: at(0.99), cpuUserMs: user / 1000, cpuSysMs: system / 1000 }),
);
await client.close();
