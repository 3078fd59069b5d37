// The systems that are compared: ours in its forms, the others, and ours with Go.
import { join } from "node:path";
import { ROOT } from "../test/support/root.js";
import type { Case } from "./cases.js";
import { type PeerClient, peers } from "./peers.js";

export interface Server {
  readonly interceptor: boolean;
}

export interface System {
  readonly name: string;
  /** Why it cannot be had here, or false. */
  skip(): string | false;
  /** Builds what is missing. */
  prepare(): Promise<void>;
  can(one: Case): boolean;
  server(address: string, options: Server): readonly string[];
  client(address: string, options: PeerClient): readonly string[];
}

function ours(name: string, channel: "native" | "node", ...flags: readonly string[]): System {
  const all = ["-channel", channel, ...flags];
  const program = (file: string): string[] => [process.execPath, join(ROOT, "dist-test/bench", file)];
  return {
    name,
    skip: () => false,
    prepare: async () => {},
    can: () => true,
    server: (address, { interceptor }) => [...program("server.js"), "-address", address, ...all, ...(interceptor ? ["-interceptor"] : [])],
    client: (address, { case: one, inFlight, bytes, connections, seconds, warmUpMs, intervalMs }) => {
      if (one === "once") return [...program("once.js"), address, channel];
      const numbers = { inflight: inFlight, size: bytes, connections, seconds, "warmup-ms": warmUpMs, "interval-ms": intervalMs };
      return [
        ...program("client.js"),
        "-address",
        address,
        "-case",
        one,
        ...Object.entries(numbers).flatMap(([flag, value]) => [`-${flag}`, String(value)]),
        ...all,
      ];
    },
  };
}

/** One system's client against another's server. */
function across(client: System, server: System): System {
  return {
    name: `${client.name}->${server.name}`,
    skip: () => client.skip() || server.skip(),
    async prepare() {
      await client.prepare();
      await server.prepare();
    },
    can: (one) => client.can(one) && server.can(one),
    server: server.server,
    client: client.client,
  };
}

const native = ours("ours", "native");
const others: readonly System[] = peers.map((peer) => ({
  name: peer.name,
  skip: () => peer.skip(),
  prepare: () => peer.prepare(),
  can: (one) => peer.cases.has(one.name),
  server: (address, options) => peer.server(address, options),
  client: (address, options) => peer.client(address, options),
}));
const go = others.find(({ name }) => name === "go") as System;

/** A client that does nothing, beside which cold starts are seen. */
const empty: System = {
  ...native,
  name: "empty",
  can: ({ name }) => name === "once",
  client: () => [process.execPath, join(ROOT, "dist-test/bench/empty.js")],
};

export const systems: readonly System[] = [
  native,
  ours("ours-poll", "native", "-busy-poll", "50"),
  ours("ours-nopoll", "native", "-busy-poll", "0"),
  ours("ours-node", "node"),
  ...others,
  empty,
  across(native, go),
  across(go, native),
];
