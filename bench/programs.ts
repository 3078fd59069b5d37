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

function ours(name: string, ...flags: readonly string[]): System {
  const program = (file: string): string[] => [process.execPath, join(ROOT, "dist-test/bench", file)];
  return {
    name,
    skip: () => false,
    prepare: async () => {},
    can: () => true,
    server: (address, { interceptor }) => [...program("server.js"), "-address", address, ...flags, ...(interceptor ? ["-interceptor"] : [])],
    client: (address, { case: one, inFlight, bytes, connections, seconds, warmUpMs }) => [
      ...program("client.js"),
      ...["-address", address, "-case", one, "-inflight", String(inFlight), "-size", String(bytes), "-connections", String(connections)],
      ...["-seconds", String(seconds), "-warmup-ms", String(warmUpMs), ...flags],
    ],
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

const native = ours("ours", "-channel", "native");
const others: readonly System[] = peers.map((peer) => ({
  name: peer.name,
  skip: () => peer.skip(),
  prepare: () => peer.prepare(),
  can: (one) => peer.cases.has(one.name),
  server: (address, options) => peer.server(address, options),
  client: (address, options) => peer.client(address, options),
}));
const go = others.find(({ name }) => name === "go") as System;

export const systems: readonly System[] = [
  native,
  ours("ours-poll", "-channel", "native", "-busy-poll", "50"),
  ours("ours-nopoll", "-channel", "native", "-busy-poll", "0"),
  ours("ours-node", "-channel", "node"),
  ...others,
  across(native, go),
  across(go, native),
];
