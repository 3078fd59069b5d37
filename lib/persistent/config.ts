// Options of persistent(): names, defaults, units and checks.
import { type Check, type ClientOptions, clientChecks, CONNECT_TIMEOUT_MS, positiveMs, type Resolved, resolveOptions } from "../config.js";
import type { Interceptor } from "../interceptor.js";

/** How long a persistent client waits between attempts to connect that fail. */
export interface BackoffOptions {
  /** After the first. Default 50. */
  readonly initialMs?: number | undefined;
  /** At most. Default 1000. */
  readonly maxMs?: number | undefined;
  /** Each wait is so many times the one before. Default 2. */
  readonly factor?: number | undefined;
  /** The part of a wait that is left to chance, 0 to 1. Default 0.2: 80 to 100 % of it. */
  readonly jitter?: number | undefined;
}

/** With an address, a persistent client also takes the options of `connect`, but `onClose`. */
export interface PersistentOptions extends Pick<ClientOptions, "interceptors" | "defaultTimeoutMs" | "connectTimeoutMs" | "signal" | "logger"> {
  /**
   * What a call does without a connection. false (default): it waits for one attempt to connect, the one that runs or the
   * next, and fails with Unavailable if that fails. true: it waits until there is one, its deadline has passed, or its signal aborts.
   */
  readonly waitForReady?: boolean | undefined;
  /**
   * Which unary calls are made once more on a new connection when theirs is closed. "unsent" (default): those whose request was
   * never written. "closed": all, as containerd's ttrpcutil does; for methods that may run twice.
   */
  readonly retry?: "unsent" | "closed" | undefined;
  readonly backoff?: BackoffOptions | undefined;
}

export type BackoffConfig = Readonly<Record<keyof BackoffOptions, number>>;
export type PersistentConfig = Resolved<PersistentOptions, "interceptors" | "connectTimeoutMs" | "waitForReady" | "retry"> & {
  readonly backoff: BackoffConfig;
};

/** Options of `connect` that a persistent client sees to itself. */
const takenOver = ["interceptors", "defaultTimeoutMs", "connectTimeoutMs", "signal"] as const;

const ownChecks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries([...takenOver, "logger"].map((name) => [name, clientChecks[name] as Check])),
  waitForReady: (value) => (typeof value === "boolean" ? undefined : "true or false"),
  retry: (value) => (value === "unsent" || value === "closed" ? undefined : '"unsent" or "closed"'),
  backoff: (value) => (typeof value === "object" && value !== null ? undefined : "an object"),
};

const backoffChecks: Readonly<Record<string, Check>> = {
  initialMs: positiveMs,
  maxMs: positiveMs,
  factor: (value) => (typeof value === "number" && value >= 1 && value < Infinity ? undefined : "a number of at least 1"),
  jitter: (value) => (typeof value === "number" && value >= 0 && value <= 1 ? undefined : "a number from 0 to 1"),
};

const defaults = {
  interceptors: [] as readonly Interceptor[],
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  waitForReady: false,
  retry: "unsent",
  backoff: {},
} as const;

/** Options, and those among them that each attempt to connect to an address gets. */
export function persistentConfig(options: object, target: "address" | "function"): { readonly config: PersistentConfig; readonly forConnect: ClientOptions } {
  const { onClose: _, ...connectChecks } = clientChecks;
  const resolved = resolveOptions("persistent", options, target === "address" ? { ...connectChecks, ...ownChecks } : ownChecks, defaults);
  const backoff = resolveOptions("persistent: backoff", resolved.backoff, backoffChecks, { initialMs: 50, maxMs: 1_000, factor: 2, jitter: 0.2 });
  const forConnect = Object.fromEntries(Object.entries(resolved).filter(([name]) => Object.hasOwn(connectChecks, name)));
  for (const name of takenOver) delete forConnect[name];
  return { config: { ...resolved, backoff }, forConnect };
}
