// What is measured, on which systems, and where server and client run.
import type { Row } from "./results.js";

export type Placement = Row["placement"];

export interface Case {
  readonly id: string;
  readonly label: string;
  readonly group: Row["group"];
  /** The case of the benchmark programs. */
  readonly name: string;
  readonly inFlight: number;
  readonly bytes: number;
  readonly connections: number;
  /** Between two calls, of the case `paced`. */
  readonly intervalMs: number;
  readonly metric: Row["metric"];
  readonly parameter?: number;
  /** Systems beside those that run every case. */
  readonly also: readonly string[];
  readonly placements: readonly Placement[];
}

/** What is run in every case it can do. */
export const everywhere: readonly string[] = ["ours", "ours-node", "go", "rust", "rust-mt"];

const ALL: readonly Placement[] = ["apart", "together", "free"];
const FREE: readonly Placement[] = ["free"];
const POLLING = ["ours-poll", "ours-nopoll"];
const ACROSS = ["ours->go", "go->ours"];
const OTHERS = ["grpc-js", "connect"];

const base = { inFlight: 1, bytes: 32, connections: 1, intervalMs: 0, also: [] as readonly string[], placements: ALL };

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${bytes / 1024} KiB` : bytes === LARGEST ? "4 MiB" : `${bytes / (1 << 20)} MiB`;
}

/** The largest text that fits a frame of 4 MiB with its envelope. */
const LARGEST = (4 << 20) - 64;

function unary(inFlight: number, also: readonly string[]): Case {
  const metric = inFlight === 1 ? "p50us" : "perSecond";
  const group = inFlight === 1 ? "latency" : "throughput";
  return { ...base, id: `unary-32-${inFlight}`, label: `unary 32 B, ${inFlight} in flight`, group, name: "unary", inFlight, metric, parameter: inFlight, also };
}

function sized(bytes: number, metric: Row["metric"], also: readonly string[]): Case {
  return { ...base, id: `bytes-${bytes}`, label: `unary, bytes of ${sizeText(bytes)}`, group: "size", name: "bytes", bytes, metric, parameter: bytes, also };
}

function streamed(name: "serverStream" | "clientStream", bytes: number, also: readonly string[]): Case {
  const label = `${name === "serverStream" ? "server" : "client"} stream ${sizeText(bytes)}`;
  return { ...base, id: `${name}-${bytes}`, label, group: "stream", name, bytes, metric: "perSecond", parameter: bytes, also };
}

function connected(connections: number): Case {
  const label = `${connections} connection${connections === 1 ? "" : "s"}, one call each in turn`;
  return {
    ...base,
    id: `connections-${connections}`,
    label,
    group: "connections",
    name: "connections",
    connections,
    metric: "perSecond",
    parameter: connections,
    placements: FREE,
  };
}

/** What polling costs where it does not pay. */
function paced(connections: number, intervalMs: number): Case {
  const label = `a call every ${intervalMs} ms${connections === 1 ? "" : `, ${connections} connections`}`;
  return {
    ...base,
    id: `paced-${connections}-${intervalMs}`,
    label,
    group: "polling",
    name: "paced",
    connections,
    intervalMs,
    metric: "p50us",
    also: POLLING,
    placements: FREE,
  };
}

export const cases: readonly Case[] = [
  unary(1, [...POLLING, ...ACROSS, ...OTHERS, "raw"]),
  unary(8, []),
  unary(64, [...POLLING, ...ACROSS, ...OTHERS, "raw"]),
  unary(512, []),
  {
    ...base,
    id: "rich-32-64",
    label: "the same, metadata, deadline, interceptors",
    group: "throughput",
    name: "rich",
    inFlight: 64,
    metric: "perSecond",
    also: OTHERS,
  },
  sized(4096, "p50us", ["raw"]),
  sized(65_536, "p50us", [...OTHERS, "raw"]),
  sized(1 << 20, "bytesPerSecond", ["raw"]),
  sized(LARGEST, "bytesPerSecond", ["raw"]),
  streamed("serverStream", 32, [...ACROSS, ...OTHERS]),
  streamed("serverStream", 16_384, []),
  streamed("clientStream", 32, [...ACROSS, ...OTHERS]),
  streamed("clientStream", 16_384, []),
  { ...base, id: "bidi-32-1", label: "bidi ping-pong 32 B", group: "latency", name: "bidi", metric: "p50us", also: POLLING },
  { ...base, id: "bidi-32-64", label: "bidi ping-pong, 64 streams", group: "throughput", name: "bidi", inFlight: 64, metric: "perSecond" },
  {
    ...base,
    id: "bidi-32-10000",
    label: "bidi ping-pong, 10,000 streams",
    group: "throughput",
    name: "bidi",
    inFlight: 10_000,
    metric: "perSecond",
    placements: FREE,
  },
  ...[1, 100, 1_000, 10_000].map(connected),
  {
    ...base,
    id: "idle",
    label: "memory of an idle connection",
    group: "memory",
    name: "idle",
    connections: 2_000,
    metric: "kibPerConnection",
    placements: FREE,
  },
  ...[1, 100, 1_000].flatMap((connections) => [paced(connections, 1)]),
  paced(1, 100),
  { ...base, id: "cold", label: "a process: start, connect, one call, exit", group: "cold", name: "once", metric: "coldMs", also: ["empty"], placements: FREE },
];

/** A minute's worth, for daily use. */
export const quick: ReadonlySet<string> = new Set(["unary-32-1", "unary-32-64", "bytes-65536", "serverStream-32", "clientStream-32", "bidi-32-1"]);
