// Counts what unary calls cost, in a process of its own: `program CHANNEL IN_FLIGHT [persistent]`. Client and server are both in it, so that
// the figures are those of both sides together. Prints them per call, as JSON. Its young generation must be large enough that
// nothing is collected while bytes are counted.
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promiseHooks } from "node:v8";
import { type Binding, loadBinding } from "#lib/channel/binding.js";
import { connect, Server } from "ttrpc";
import { persistent } from "ttrpc/persistent";
import { Streaming } from "../proto/streaming_ttrpc.js";

const [channel = "native", inFlightText = "1", kind = "connection"] = process.argv.slice(2);
const inFlight = Number(inFlightText);
const WARM_UP_CALLS = 20_000;
const CALLS = 6_400;

const counts = { intoNative: 0, intoJavaScript: 0, writes: 0, promises: 0 };

/** The runtime calls the addon through its exports, whichever copy of the runtime that is. */
function countNativeCalls(binding: Binding): void {
  const { attach } = binding;
  const functions = binding as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, call] of Object.entries(functions)) {
    functions[name] = (...args) => {
      counts.intoNative++;
      return call(...args);
    };
  }
  binding.attach = (options) => {
    const { onFrames } = options;
    attach({
      ...options,
      onFrames(handle, count) {
        counts.intoJavaScript++;
        onFrames(handle, count);
      },
    });
  };
}

function countWrites(): void {
  const { write } = net.Socket.prototype;
  net.Socket.prototype.write = function (this: net.Socket, ...args: unknown[]) {
    counts.writes++;
    return write.apply(this, args as never);
  };
}

if (channel === "native") {
  const { binding } = loadBinding();
  if (binding === undefined) throw new Error("there is no addon");
  countNativeCalls(binding);
} else countWrites();

// Without the addon, polling takes turns of the loop, which allocate, and flushes early for a peer on another core.
const options = { channel: channel as "native" | "node", busyPollMicros: channel === "node" ? 0 : "auto" } as const;
const server = new Server(options).service(Streaming, { echo: ({ seq, msg }) => ({ seq: seq + 1, msg }) });
const listener = await server.listen(`unix://${join(tmpdir(), `ttrpc-budget-${process.pid}.sock`)}`);
const client = kind === "persistent" ? persistent(listener.address, options) : await connect(listener.address, options);
const { echo } = client.service(Streaming);
const request = { seq: 1, msg: "0123456789abcdef0123456789abcdef" };

/** Calls without a promise of the counter's own: `then` makes one. */
function run(total: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let started = 0;
    let ended = 0;
    const next = (): void => {
      if (started === total) return;
      started++;
      echo(request).then(finished, reject);
    };
    const finished = (): void => {
      if (++ended === total) resolve();
      else next();
    };
    for (let i = 0; i < inFlight; i++) next();
  });
}

await run(WARM_UP_CALLS);
global.gc?.();
const before = { ...counts };
const heapBytes = process.memoryUsage().heapUsed;
await run(CALLS);
const bytes = process.memoryUsage().heapUsed - heapBytes;
const { intoNative, intoJavaScript, writes } = counts;
// Apart from the bytes: the hook itself allocates.
const stop = promiseHooks.onInit(() => counts.promises++) as () => void;
await run(CALLS);
stop();
const perCall = (count: number): number => count / CALLS;
process.stdout.write(
  JSON.stringify({
    bytes: perCall(bytes),
    promises: perCall(counts.promises),
    intoNative: perCall(intoNative - before.intoNative),
    intoJavaScript: perCall(intoJavaScript - before.intoJavaScript),
    writes: perCall(writes - before.writes),
  }),
);
await client.close();
await server.close();
