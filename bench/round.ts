// One measurement: a server, a client, a window.
import type { Case, Placement } from "./cases.js";
import { Program } from "./process.js";
import type { Round } from "./results.js";
import type { System } from "./programs.js";

/** Cores of server and client. */
const CORES: Readonly<Record<Placement, readonly [server: string | undefined, client: string | undefined]>> = {
  together: ["0", "0"],
  apart: ["0", "1"],
  free: [undefined, undefined],
};

export interface Times {
  readonly seconds: number;
  readonly warmUpMs: number;
}

export async function measure(system: System, one: Case, placement: Placement, address: string, times: Times): Promise<Round> {
  const [serverCore, clientCore] = CORES[placement];
  const server = new Program(system.server(address, { interceptor: one.name === "rich" }), serverCore);
  try {
    await server.line();
    const beforeKib = one.name === "idle" ? server.residentKib() : 0;
    const command = system.client(address, {
      ...times,
      case: one.name,
      inFlight: one.inFlight,
      bytes: one.bytes,
      connections: one.connections,
      intervalMs: one.intervalMs,
    });
    if (one.name === "once") return await cold(command);
    const client = new Program(command, clientCore);
    try {
      await client.line();
      if (one.name === "idle") return { kibPerConnection: (server.residentKib() - beforeKib) / one.connections };
      const cpuMs = server.cpuMs();
      const result = await client.line();
      return figures(result, server.cpuMs() - cpuMs, one);
    } finally {
      await client.end();
    }
  } finally {
    await server.end();
  }
}

/** Starts before the first that counts: the process is to be cold, not its server, which has run for long where processes are started. */
const WARM_STARTS = 3;
const STARTS = 5;

/** From the start of a process to its end. */
async function cold(command: readonly string[]): Promise<Round> {
  const allMs: number[] = [];
  for (let i = 0; i < WARM_STARTS + STARTS; i++) {
    const startMs = performance.now();
    const client = new Program(command, undefined);
    await client.line();
    await client.end();
    if (i >= WARM_STARTS) allMs.push(performance.now() - startMs);
  }
  return { coldMs: allMs.toSorted((a, b) => a - b)[STARTS >> 1] ?? Number.NaN };
}

function figures(result: Readonly<Record<string, unknown>>, serverCpuMs: number, one: Case): Round {
  const of = (name: string): number => Number(result[name]);
  const calls = of("calls");
  if (!(calls > 0)) throw new Error(`${one.label}: no call ended within the window`);
  const quantiles = Object.fromEntries(["p10us", "p25us", "p50us", "p75us", "p90us", "p99us", "p999us", "maxUs"].map((name) => [name, of(name)]));
  return {
    perSecond: of("perSecond"),
    // There and back.
    ...(one.group === "size" ? { bytesPerSecond: of("perSecond") * one.bytes * 2 } : {}),
    ...(one.group === "stream" ? {} : quantiles),
    clientCpuUsPerCall: ((of("cpuUserMs") + of("cpuSysMs")) * 1000) / calls,
    serverCpuUsPerCall: (serverCpuMs * 1000) / calls,
  };
}
