// persistent(), and PersistentClient: a client that connects again when its connection is gone. Go: containerd's pkg/ttrpcutil.
import type { BidiStream, CallOptions, Stub } from "./call.js";
import { CallTargets } from "./call-target.js";
import { parseAddress } from "./channel/address.js";
import { Client, connect } from "./client.js";
import type { AnyMessageType } from "./codec.js";
import type { ClientOptions } from "./config.js";
import type { ConnectionStats } from "./connection.js";
import { Code, TtrpcError } from "./errors.js";
import type { Interceptor } from "./interceptor.js";
import type { Address, Peer } from "./peer.js";
import { PersistentCaller } from "./persistent/caller.js";
import { type PersistentConfig, persistentConfig, type PersistentOptions } from "./persistent/config.js";
import { type Dial, Redialer } from "./persistent/redialer.js";
import type { In, Method, Out, Service } from "./services.js";
import { type Abortable, unwatchSignal, watchSignal } from "./signals.js";
import { callUnary, makeStub, openHandle } from "./stub.js";

export type { BackoffOptions, PersistentOptions } from "./persistent/config.js";

/**
 * A client of an address that outlives its connections: it connects when the first call needs it, and again when one finds the
 * connection gone. Throws a TtrpcError, InvalidArgument, for an address that is none, and a TypeError for options that are none.
 */
export function persistent(target: Address, options?: PersistentOptions & Omit<ClientOptions, "onClose">): PersistentClient;
/** The same over clients that `connect` makes: what each connection needs first, such as a registration, can be done there. `signal` aborts when it is no longer wanted. */
export function persistent(target: (signal: AbortSignal) => Promise<Client>, options?: PersistentOptions): PersistentClient;
export function persistent(target: Address | ((signal: AbortSignal) => Promise<Client>), options: PersistentOptions = {}): PersistentClient {
  if (typeof target === "function")
    return PersistentClient.over(async (signal) => checkClient(await target(signal)), persistentConfig(options, "function").config);
  parseAddress(target);
  const { config, forConnect } = persistentConfig(options, "address");
  // The time for an attempt is measured outside, for functions as for addresses.
  return PersistentClient.over((signal) => connect(target, { ...forConnect, connectTimeoutMs: Infinity, signal }), config, target);
}

function checkClient(client: unknown): Client {
  if (client instanceof Client) return client;
  throw new TtrpcError(Code.InvalidArgument, `persistent: the function must resolve to a Client, not ${client === null ? "null" : typeof client}`);
}

/** Sums over all connections so far. */
export interface PersistentStats extends ConnectionStats {
  /** Connections made. */
  readonly connections: number;
}

/** Calls as on `Client`, over one connection after the other. */
export class PersistentClient implements AsyncDisposable {
  /** Resolves when it is closed, by `close()` or its signal; a lost connection does not close it. */
  readonly closed: Promise<void>;
  readonly #caller: PersistentCaller;
  readonly #redialer: Redialer;
  readonly #targets: CallTargets = new CallTargets();
  readonly #signal: AbortSignal | undefined;
  readonly #abort: Abortable = { onAbort: () => void this.close() };
  #settle: () => void = () => {};

  private constructor(dial: Dial, config: PersistentConfig, address: Address | undefined) {
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    this.#redialer = new Redialer(dial, config, address ?? "what the function connects to");
    this.#caller = new PersistentCaller(config, this.#redialer, address);
    this.#signal = config.signal;
    if (this.#signal?.aborted) void this.close();
    else if (this.#signal !== undefined) watchSignal(this.#signal, this.#abort);
  }

  /** @internal */
  static over(dial: Dial, config: PersistentConfig, address?: Address): PersistentClient {
    return new PersistentClient(dial, config, address);
  }

  /** The methods of a service as functions; they stay good from one connection to the next. Interceptors run once for a call that is made twice. */
  service<S extends Service>(service: S, options: { interceptors?: readonly Interceptor[]; defaults?: CallOptions } = {}): Stub<S> {
    return makeStub(this.#caller, service, options);
  }

  /** One unary call without a descriptor of the whole service. */
  call<I extends AnyMessageType, O extends AnyMessageType>(
    serviceName: string,
    method: Method<I, O, "unary">,
    request: In<I>,
    options?: CallOptions,
  ): Promise<Out<O>> {
    return callUnary(this.#caller, this.#targets.of(serviceName, method), request, options) as Promise<Out<O>>;
  }

  /** A stream as a handle. It belongs to one connection, and ends with it. */
  newStream<I extends AnyMessageType, O extends AnyMessageType>(serviceName: string, method: Method<I, O>, options?: CallOptions): BidiStream<In<I>, Out<O>> {
    return openHandle(this.#caller, this.#targets.of(serviceName, method), options) as unknown as BidiStream<In<I>, Out<O>>;
  }

  /** Connects now, if there is no connection. Waits and rejects as a call does. */
  async connected(options: Pick<CallOptions, "timeoutMs" | "signal"> = {}): Promise<void> {
    await this.#redialer.connection({ timeoutMs: options.timeoutMs, signal: options.signal });
  }

  /** idle: the next call connects. connecting: somebody waits. connected: calls go out at once. closed: they are refused. */
  get state(): "idle" | "connecting" | "connected" | "closed" {
    return this.#redialer.state;
  }

  /** Of the current connection, or the last; before the first only an address. */
  get peer(): Peer {
    return this.#caller.peer;
  }

  stats(): PersistentStats {
    return this.#redialer.stats();
  }

  /** Connections, and waiting for one, keep the process alive (default). */
  ref(): this {
    this.#redialer.hold("ref");
    return this;
  }

  /** They do not, but for an attempt to connect while it runs. */
  unref(): this {
    this.#redialer.hold("unref");
    return this;
  }

  /** Closes the connection as `Client.close` does, gives up connecting, and refuses further calls with ClosedError. Idempotent. */
  async close(): Promise<void> {
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this.#abort);
    await this.#redialer.close();
    this.#settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
