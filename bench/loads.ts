// What the benchmark's client does, by the name of the case. Every load runs until the window is over.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, connect, type Interceptor } from "ttrpc";
import { Peer } from "../test/proto/peer_ttrpc.js";
import { Streaming } from "../test/proto/streaming_ttrpc.js";
import type { Window } from "./window.js";

export interface Work {
  /** Connections, open, one unless the case is about them. */
  readonly clients: readonly Client[];
  readonly inFlight: number;
  readonly msg: string;
  /** Between the starts of two calls of the case `paced`. */
  readonly intervalMs: number;
  readonly window: Window;
}

/** Messages of one stream: enough to forget its beginning, few enough to end soon after the window. */
function messagesPerStream(bytes: number): number {
  return Math.min(Math.max(Math.floor((16 << 20) / (bytes + 16)), 100), 100_000);
}

/** Messages between two looks at the clock. */
const CHUNK = 100;

function workers(count: number, worker: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, worker));
}

/** `inFlight` workers, each making one call after the other. */
async function calls(inFlight: number, window: Window, call: () => Promise<unknown>): Promise<void> {
  await workers(inFlight, async () => {
    for (let startMs = performance.now(), more = true; more; ) {
      await call();
      const endMs = performance.now();
      more = window.count(startMs, endMs);
      startMs = endMs;
    }
  });
}

function unary({ clients: [client], inFlight, msg, window }: Work): Promise<void> {
  const { echo } = (client as Client).service(Streaming);
  const request = { seq: 1, msg };
  return calls(inFlight, window, () => echo(request));
}

function bytes({ clients: [client], inFlight, msg, window }: Work): Promise<void> {
  const { echoBytes } = (client as Client).service(Peer);
  const request = { value: Buffer.from(msg) };
  return calls(inFlight, window, () => echoBytes(request));
}

const reading: Interceptor = {
  unary(call, next) {
    void call.metadata.get("tenant");
    return next(call);
  },
};

function rich({ clients: [client], inFlight, msg, window }: Work): Promise<void> {
  const { echo } = (client as Client).service(Streaming, { interceptors: [reading] });
  const request = { seq: 1, msg };
  const options = { timeoutMs: 5_000, metadata: { tenant: "benchmark", "request-kind": "echo" } };
  return calls(inFlight, window, () => echo(request, options));
}

async function serverStream({ clients: [client], msg, window }: Work): Promise<void> {
  const peer = (client as Client).service(Peer);
  const seq = messagesPerStream(msg.length);
  let startMs = performance.now();
  for (let more = true; more; ) {
    let count = 0;
    for await (const _ of peer.count({ seq, msg })) {
      if (++count < CHUNK) continue;
      const endMs = performance.now();
      more = window.count(startMs, endMs, count);
      if (!more) break;
      startMs = endMs;
      count = 0;
    }
  }
}

/** A stream is cut short at both ends of the window. */
async function clientStream({ clients: [client], msg, window }: Work): Promise<void> {
  const peer = (client as Client).service(Peer);
  const most = messagesPerStream(msg.length);
  function* source(): Iterable<{ seq: number; msg: string }> {
    for (let seq = 0; seq < most && (seq % CHUNK !== 0 || !window.atEdge); seq++) yield { seq, msg };
  }
  let startMs = performance.now();
  for (let more = true; more; ) {
    const { seq } = await peer.collect(source());
    const endMs = performance.now();
    more = window.count(startMs, endMs, seq);
    startMs = endMs;
  }
}

async function bidi({ clients: [client], inFlight, msg, window }: Work): Promise<void> {
  const streaming = (client as Client).service(Streaming);
  const request = { seq: 1, msg };
  await workers(inFlight, async () => {
    await using stream = streaming.echoStream();
    for (let startMs = performance.now(), more = true; more; ) {
      await stream.send(request);
      await stream.recv();
      const endMs = performance.now();
      more = window.count(startMs, endMs);
      startMs = endMs;
    }
  });
}

/** Calls that come one by one with rest in between, on each connection in turn: what polling must not make dear. */
async function paced({ clients, msg, intervalMs, window }: Work): Promise<void> {
  const calls = clients.map((client) => client.service(Streaming).echo);
  const request = { seq: 1, msg };
  for (let i = 0, more = true; more; i++) {
    await sleep(intervalMs);
    const startMs = performance.now();
    await calls[i % calls.length]?.(request);
    more = window.count(startMs, performance.now());
  }
}

async function connections({ clients, msg, window }: Work): Promise<void> {
  const calls = clients.map((client) => client.service(Streaming).echo);
  const request = { seq: 1, msg };
  for (let more = true; more; ) {
    for (const echo of calls) {
      const startMs = performance.now();
      await echo(request);
      more = window.count(startMs, performance.now());
      if (!more) break;
    }
  }
}

export const loads: Readonly<Record<string, (work: Work) => Promise<void>>> = { unary, bytes, rich, serverStream, clientStream, bidi, paced, connections };

/** Opens `count` connections, a few at a time. */
export async function openAll(address: string, count: number, options: Parameters<typeof connect>[1]): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Math.min(64, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => connect(address, options)))));
  }
  return clients;
}
