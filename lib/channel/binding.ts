// The addon's functions, and whether it can be had. native/binding/addon.cc defines them.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire, fs } from "../builtin.js";

/** What `onEvent` reports. */
export const EVENT_END = 0;
export const EVENT_DRAIN = 1;
export const EVENT_CONNECTED = 2;
export const EVENT_ACCEPT = 3;
export const EVENT_ACCEPT_ERROR = 4;
/** Of a greeting: the size of its line, 0 if the peer hung up before, or a negative errno. */
export const EVENT_GREETED = 5;

/** `busyPollMicros: "auto"`, as the addon takes it. */
export const BUSY_POLL_AUTO = -1;

export interface AttachOptions {
  readonly slab: Uint8Array;
  readonly inTable: Uint32Array;
  readonly outTable: Uint32Array;
  readonly refTable: Uint32Array;
  readonly refs: Uint8Array[];
  readonly control: Int32Array;
  onFrames(handle: number, count: number): void;
  onLargeFrame(handle: number, buffer: Buffer): void;
  onEvent(kind: number, handle: number, value: number): void;
}

/** Handles are positive; functions that can fail return a negative errno instead. A stale handle does nothing. */
export interface Binding {
  attach(options: AttachOptions): void;
  setArena(arena: Uint8Array): void;
  flush(): void;
  connectUnix(path: string): number;
  connectTcp(ip: string, port: number): number;
  connectVsock(cid: number, port: number): number;
  /** Connects, sends `request` and reads one line, once started: `EVENT_GREETED`. */
  greetUnix(path: string, request: string, maxLineBytes: number): number;
  /** What a greeting has read: a line with its end, or `maxLineBytes` bytes. */
  greetingLine(handle: number): string;
  /** Makes the socket of a greeting that is over a connection, with a handle of its own. */
  carry(handle: number): number;
  adopt(fd: number): number;
  adoptListener(fd: number): number;
  listenUnix(path: string, mode: number, backlog: number): number;
  listenTcp(ip: string, port: number, backlog: number): number;
  listenVsock(cid: number, port: number, backlog: number): number;
  localAddress(handle: number): string;
  peerAddress(handle: number): string;
  peerCredentials(handle: number): readonly [pid: number, uid: number, gid: number] | undefined;
  /** Whether the peer of a unix socket still reads, though it may have ended its sending. */
  peerReads(handle: number): boolean;
  start(handle: number): void;
  pause(handle: number): void;
  resume(handle: number): void;
  ref(handle: number): void;
  unref(handle: number): void;
  close(handle: number): void;
  queuedBytes(handle: number): number;
  setMaxMessageBytes(handle: number, bytes: number): void;
  setBusyPoll(handle: number, micros: number): void;
  openCount(): number;
}

export type Loaded = { readonly binding: Binding; readonly reason?: undefined } | { readonly binding?: undefined; readonly reason: Error };

let loaded: Loaded | undefined;

/** The addon, or why there is none. Loaded on first use, once. */
export function loadBinding(): Loaded {
  loaded ??= load();
  return loaded;
}

function load(): Loaded {
  const { env, versions, platform } = process;
  if (!["", "0"].includes(env["TTRPC_NO_NATIVE"] ?? "")) return { reason: new Error("TTRPC_NO_NATIVE is set") };
  // Asked before anything of the addon runs: these abort the process on libuv calls that they do not have.
  if (versions["bun"] !== undefined || versions["deno"] !== undefined) return { reason: new Error("the addon needs Node's event loop") };
  if (platform === "win32") return { reason: new Error("the addon has no Windows sockets") };
  try {
    const root = packageRoot();
    const usual = usualPath(root);
    if (usual !== undefined) return { binding: open(usual) };
    const find = createRequire(import.meta.url)("node-gyp-build") as (root: string) => Binding;
    return { binding: find(root) };
  } catch (cause) {
    return { reason: cause instanceof Error ? cause : new Error(String(cause)) };
  }
}

/** Addons of this event loop, by path: an addon serves one, however often this module is loaded there. */
const opened = Symbol.for("ttrpc.addons");

function open(path: string): Binding {
  const holder = globalThis as { [opened]?: Map<string, Binding> };
  holder[opened] ??= new Map();
  let binding = holder[opened].get(path);
  if (binding === undefined) {
    const module = { exports: {} as Binding };
    process.dlopen(module, path);
    binding = module.exports;
    holder[opened].set(path, binding);
  }
  return binding;
}

/**
 * Where node-gyp-build would find the addon on most machines. It knows all others, but to load it costs a process 3 ms
 * at its start, and to look here 0.1.
 */
function usualPath(root: string): string | undefined {
  const { env, platform, arch } = process;
  if (platform !== "linux" || env["TTRPC_PREBUILD"] !== undefined || fs().existsSync("/etc/alpine-release")) return undefined;
  const built = join(root, "build/Release/ttrpc.node");
  if (env["PREBUILDS_ONLY"] === undefined && fs().existsSync(built)) return built;
  const prebuilt = join(root, `prebuilds/linux-${arch}/ttrpc.glibc.node`);
  return fs().existsSync(prebuilt) ? prebuilt : undefined;
}

function packageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!fs().existsSync(join(at, "package.json")) && at !== dirname(at)) at = dirname(at);
  return at;
}
