// Options: names, defaults, units, and their validation when a client or server is made. Go: config.go.
import type { TtrpcError } from "./errors.js";
import type { Handshake } from "./handshake.js";
import type { Interceptor } from "./interceptor.js";
import { MAX_MESSAGE_BYTES } from "./wire/frame.js";

/** pino's shape: fields first. `console` is not one, but is wrapped in a line. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface CommonOptions {
  /** First is outermost. Default: none. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** Largest payload sent or received, envelope included, in bytes. Default 4194304, which is what Go peers take. */
  readonly maxMessageBytes?: number | undefined;
  /**
   * A frame over `maxMessageBytes` is discarded, and its call alone fails. One that claims to be over this is taken for a
   * stream out of step, and ends the connection. Default 4294967295: none is. 16777215 refuses what the protocol reserves.
   */
  readonly maxDiscardBytes?: number | undefined;
  /** Bytes that wait in one stream for its reader before the socket is paused. Default 1048576. */
  readonly streamBufferBytes?: number | undefined;
  /** How long such a stream may see no message taken before it fails with StreamFullError. Default 1000. */
  readonly streamStallMs?: number | undefined;
  /**
   * How long to poll a socket after it was active, instead of sleeping until the next message wakes the core: "auto"
   * (default) polls up to 100 µs and stops where that does not pay, 0 never does, a number always does. Without the addon the event
   * loop as a whole turns instead, for up to 200 µs.
   */
  readonly busyPollMicros?: number | "auto" | undefined;
  /** "auto" (default): the addon if it can be loaded, else "node". */
  readonly channel?: "auto" | "native" | "node" | undefined;
  readonly logger?: Logger | undefined;
}

export interface ClientOptions extends CommonOptions {
  /** Timeout of calls that give none. Default: none, as in Go. */
  readonly defaultTimeoutMs?: number | undefined;
  /** For all attempts together, where there are several (`hvsock://`). Default 10000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Aborts connecting, and closes the client later. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the connection is closed: by whom, `undefined` for `close()`. Go: WithOnClose. */
  readonly onClose?: ((reason: TtrpcError | undefined) => void) | undefined;
}

export interface ServerOptions extends CommonOptions {
  /** Admits or refuses a connection before anything is read from it. Go: WithServerHandshaker. */
  readonly handshake?: Handshake | undefined;
  /** Default 10000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Longest time a call gets, whatever its client asks for. Default: none. */
  readonly maxTimeoutMs?: number | undefined;
  /** Further ones are closed at once. Default 65536. */
  readonly maxConnections?: number | undefined;
  /** Further ones are answered ResourceExhausted. Default 65536. */
  readonly maxCallsPerConnection?: number | undefined;
  /**
   * "increasing" (default): a Request's stream id must be above all before it, as in Go. "unused": it must not have been used, for
   * multi-threaded Rust clients, whose requests can overtake each other; ids that were passed over are remembered, the latest 1024.
   */
  readonly streamIds?: "increasing" | "unused" | undefined;
}

type Defaulted = "maxMessageBytes" | "maxDiscardBytes" | "streamBufferBytes" | "streamStallMs" | "busyPollMicros" | "channel";
export type Resolved<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]-?: Exclude<T[P], undefined> };
export type ClientConfig = Resolved<ClientOptions, Defaulted | "connectTimeoutMs" | "interceptors">;
export type ServerConfig = Resolved<
  ServerOptions,
  Defaulted | "handshakeTimeoutMs" | "maxConnections" | "maxCallsPerConnection" | "streamIds" | "interceptors"
>;

const MAX_U32 = 0xffffffff;
export const CONNECT_TIMEOUT_MS = 10_000;

const commonDefaults = {
  interceptors: [] as readonly Interceptor[],
  maxMessageBytes: MAX_MESSAGE_BYTES,
  maxDiscardBytes: MAX_U32,
  streamBufferBytes: 1 << 20,
  streamStallMs: 1_000,
  busyPollMicros: "auto",
  channel: "auto",
} as const;

/** What a value must be, if it is not. */
export type Check = (value: unknown) => string | undefined;

const integer =
  (minimum: number, maximum: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum ? undefined : `an integer from ${minimum} to ${maximum}`;
export const positiveMs: Check = (value) => (typeof value === "number" && value > 0 ? undefined : "a positive number of milliseconds");
const aFunction: Check = (value) => (typeof value === "function" ? undefined : "a function");

const commonChecks: Readonly<Record<string, Check>> = {
  interceptors: (value) => (Array.isArray(value) && value.every(isInterceptor) ? undefined : "an array of objects with `unary`, `stream` or both"),
  maxMessageBytes: integer(1, MAX_U32),
  maxDiscardBytes: integer(1, MAX_U32),
  streamBufferBytes: integer(1, Number.MAX_SAFE_INTEGER),
  streamStallMs: positiveMs,
  busyPollMicros: (value) => (value === "auto" ? undefined : integer(0, 1_000_000)(value) && '"auto" or an integer of microseconds from 0 to 1000000'),
  channel: (value) => (value === "auto" || value === "native" || value === "node" ? undefined : '"auto", "native" or "node"'),
  logger: (value) => (isLogger(value) ? undefined : "an object with the functions debug, info, warn and error"),
};

export const clientChecks: Readonly<Record<string, Check>> = {
  ...commonChecks,
  defaultTimeoutMs: positiveMs,
  connectTimeoutMs: positiveMs,
  signal: (value) => (value instanceof AbortSignal ? undefined : "an AbortSignal"),
  onClose: aFunction,
};

const serverChecks: Readonly<Record<string, Check>> = {
  ...commonChecks,
  handshake: aFunction,
  handshakeTimeoutMs: positiveMs,
  maxTimeoutMs: positiveMs,
  maxConnections: integer(1, MAX_U32),
  maxCallsPerConnection: integer(1, MAX_U32),
  streamIds: (value) => (value === "increasing" || value === "unused" ? undefined : '"increasing" or "unused"'),
};

export function clientConfig(options: ClientOptions = {}): ClientConfig {
  return resolveOptions("connect", options, clientChecks, { ...commonDefaults, connectTimeoutMs: CONNECT_TIMEOUT_MS });
}

export function serverConfig(options: ServerOptions = {}): ServerConfig {
  const defaults = { ...commonDefaults, handshakeTimeoutMs: 10_000, maxConnections: 65_536, maxCallsPerConnection: 65_536, streamIds: "increasing" } as const;
  return resolveOptions("new Server", options, serverChecks, defaults);
}

/** Options over their defaults. Throws a TypeError that says what is right. */
export function resolveOptions<T extends object, D extends object>(where: string, options: T, checks: Readonly<Record<string, Check>>, defaults: D): T & D {
  if (typeof options !== "object" || options === null) throw new TypeError(`${where}: options must be an object, not ${String(options)}`);
  const result: Record<string, unknown> = { ...(defaults as Record<string, unknown>) };
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw new TypeError(`${where}: unknown option "${name}"; there are ${Object.keys(checks).join(", ")}`);
    if (value === undefined) continue;
    const wanted = check(value);
    if (wanted !== undefined) throw new TypeError(`${where}: option "${name}" must be ${wanted}, not ${show(value)}`);
    result[name] = value;
  }
  return result as T & D;
}

function isInterceptor(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { unary, stream } = value as Interceptor;
  return (typeof unary === "function" || unary === undefined) && (typeof stream === "function" || stream === undefined) && (unary ?? stream) !== undefined;
}

function isLogger(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    ["debug", "info", "warn", "error"].every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : typeof value === "object" && value !== null ? "an object" : String(value);
}
