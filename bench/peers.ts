// The systems that ours is compared with, as programs with one command line: see bench/peers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { goProgram, skipGo } from "../test/support/go.js";
import { ROOT } from "../test/support/root.js";
import { buildCrate, skipRust } from "../test/support/rust.js";

export interface PeerClient {
  readonly case: string;
  readonly inFlight: number;
  /** Of text in each message. */
  readonly bytes: number;
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpMs: number;
  /** Of the case `paced`, which only ours has. */
  readonly intervalMs: number;
}

export interface Peer {
  readonly name: string;
  readonly cases: ReadonlySet<string>;
  /** Why it cannot be had here, or false. */
  skip(): string | false;
  /** Builds what is missing. */
  prepare(): Promise<void>;
  server(address: string, options: { readonly interceptor: boolean }): string[];
  client(address: string, options: PeerClient): string[];
}

const SOURCE = join(ROOT, "bench/peers");
const TARGET = join(ROOT, ".cache/bench");

const STREAMS = ["serverStream", "clientStream", "bidi"];
const ALL = ["unary", "bytes", "rich", ...STREAMS, "connections", "once"];

function clientFlags(address: string, { case: one, inFlight, bytes, connections, seconds, warmUpMs }: PeerClient): string[] {
  const numbers = { inflight: inFlight, size: bytes, connections, seconds, "warmup-ms": warmUpMs };
  return ["-address", address, "-case", one, ...Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)])];
}

function serverFlags(address: string, { interceptor }: { readonly interceptor: boolean }): string[] {
  return ["-address", address, ...(interceptor ? ["-interceptor"] : [])];
}

/** Whether `output` is there and newer than what it is made of. */
function isFresh(output: string, ...inputs: readonly string[]): boolean {
  return existsSync(output) && inputs.every((input) => statSync(input).mtimeMs <= statSync(output).mtimeMs);
}

/** What a program says when it fails, or undefined. */
function failure(program: string, ...args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n")[0] ?? `${program} ended with ${status}`);
}

function must(program: string, ...args: readonly string[]): void {
  const why = failure(program, ...args);
  if (why !== undefined) throw new Error(`${program} ${args.join(" ")}: ${why}`);
}

const go: Peer = {
  name: "go",
  cases: new Set([...ALL, "idle"]),
  skip: skipGo,
  async prepare() {
    console.log("go: building test/peers/go");
    goProgram("bench");
  },
  server: (address, options) => [goProgram("bench"), "server", ...serverFlags(address, options)],
  client: (address, options) => [goProgram("bench"), "client", ...clientFlags(address, options)],
};

const CRATE = join(SOURCE, "rust");

function rust(name: string, runtime: "current_thread" | "multi_thread"): Peer {
  const program = (role: "server" | "client"): string => join(TARGET, "rust/release", role);
  return {
    name,
    cases: new Set([...ALL, "idle"]),
    skip() {
      const why = skipRust();
      if (why !== false || existsSync(program("client"))) return why;
      const offline = failure("cargo", "fetch", "--quiet", "--locked", "--manifest-path", join(CRATE, "Cargo.toml"));
      return offline === undefined ? false : `its crates cannot be fetched: ${offline}`;
    },
    async prepare() {
      console.log(`${name}: building bench/peers/rust, two minutes the first time`);
      buildCrate(CRATE, join(TARGET, "rust"));
    },
    // The library has no interceptors.
    server: (address) => [program("server"), "-address", address, "-runtime", runtime],
    client: (address, options) => [program("client"), ...clientFlags(address, options), "-runtime", runtime],
  };
}

const LOCK = join(SOURCE, "package-lock.json");
const INSTALLED = join(SOURCE, "node_modules/.package-lock.json");

/** A program on Node, with packages that only it needs. */
function node(name: string, folder: string): Peer {
  const program = (role: "server" | "client"): string[] => [process.execPath, join(SOURCE, folder, `${role}.mjs`)];
  return {
    name,
    cases: new Set(ALL),
    skip() {
      if (isFresh(INSTALLED, LOCK)) return false;
      const why = failure("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", SOURCE);
      return why === undefined ? false : `its packages cannot be installed from npm: ${why}`;
    },
    async prepare() {
      console.log(`${name}: generating messages in bench/peers`);
      const protos = ["streaming.proto", "peer.proto"].map((file) => join(ROOT, "test/proto", file));
      if (!isFresh(join(SOURCE, "build/peer_pb.js"), LOCK, ...protos)) must("npm", "run", "--silent", "--prefix", SOURCE, "generate");
    },
    server: (address, options) => [...program("server"), ...serverFlags(address, options)],
    client: (address, options) => [...program("client"), ...clientFlags(address, options)],
  };
}

/** No RPC at all: what the socket allows. */
function raw(): Peer {
  const source = join(SOURCE, "raw/pingpong.c");
  const program = join(TARGET, "raw/pingpong");
  return {
    name: "raw",
    cases: new Set(["unary", "bytes"]),
    skip: () => (failure("cc", "--version") === undefined ? false : "there is no C compiler"),
    async prepare() {
      console.log("raw: compiling bench/peers/raw");
      if (isFresh(program, source)) return;
      mkdirSync(join(TARGET, "raw"), { recursive: true });
      must("cc", "-O2", "-pthread", "-o", program, source);
    },
    server: (address) => [program, "server", "-address", address],
    // It has no messages: a text and bytes are the same to it.
    client: (address, options) => [program, "client", ...clientFlags(address, { ...options, case: "unary" })],
  };
}

export const peers: readonly Peer[] = [
  go,
  rust("rust", "current_thread"),
  rust("rust-mt", "multi_thread"),
  node("grpc-js", "grpc"),
  node("connect", "connect"),
  raw(),
];
