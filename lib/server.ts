// Server: services, listeners, connections, shutdown. Go: server.go, Server.
import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import type { Channel } from "./channel/channel.js";
import { listen, type Listening } from "./channel/listen.js";
import { addressOf, NodeChannel } from "./channel/node.js";
import { type ServerConfig, serverConfig, type ServerOptions } from "./config.js";
import type { ConnectionStats } from "./connection.js";
import { startTimer } from "./deadlines.js";
import { ClosedError, Code, ServerClosedError, TtrpcError } from "./errors.js";
import { handshakeNeedsCredentials } from "./handshake.js";
import type { Interceptor } from "./interceptor.js";
import type { Address } from "./peer.js";
import { type Implementation, Registry } from "./registry.js";
import { ServerConnection, type ServerHost } from "./server-connection.js";
import type { Service } from "./services.js";
import { addStats, noStats } from "./stats.js";

/** What a server accepts connections on. */
export interface Listener extends AsyncDisposable {
  /** Where clients connect: with the port that the system chose, if it did. */
  readonly address: Address;
  /** Accepts no more; connections live on. Idempotent. */
  close(): Promise<void>;
}

/** Sums over all connections since the server was made. */
export interface ServerStats extends ConnectionStats {
  readonly connections: number;
}

const DEFAULT_MODE = 0o600;

export class Server implements AsyncDisposable {
  readonly #host: ServerHost;
  readonly #config: ServerConfig;
  readonly #registry: Registry = new Registry();
  readonly #shutdown: AbortController = new AbortController();
  readonly #connections: Set<ServerConnection> = new Set();
  /** Connections whose handshake has not ended. */
  readonly #arriving: Set<Channel> = new Set();
  readonly #listeners: Set<ServerListener> = new Set();
  /** Of connections that are closed. */
  #past = noStats;
  /** open: serves. draining: finishes what it has. closed: nothing is left. */
  #state: "open" | "draining" | "closed" = "open";
  readonly #ended: Promise<void>;
  #end: () => void = () => {};

  constructor(options?: ServerOptions) {
    this.#config = serverConfig(options);
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#host = {
      config: this.#config,
      registry: this.#registry,
      shutdownSignal: this.#shutdown.signal,
      onConnectionClosed: (connection, cause) => this.#onConnectionClosed(connection, cause),
    };
  }

  /** Registers an implementation. Missing methods answer Unimplemented. Registering a service twice throws. */
  service<S extends Service>(service: S, implementation: Implementation<S>, options: { readonly interceptors?: readonly Interceptor[] } = {}): this {
    this.#registry.add(service, implementation, [...this.#config.interceptors, ...(options.interceptors ?? [])]);
    return this;
  }

  /**
   * Listens, and serves whoever connects. A unix socket's file gets `mode` (default 0600); one that a dead server left
   * is replaced, one that is answered on is an error. Rejects with a TtrpcError whose `cause` is the system's error.
   */
  async listen(address: Address, options: { readonly mode?: number } = {}): Promise<Listener> {
    if (this.#state !== "open") throw new ServerClosedError();
    const { mode = DEFAULT_MODE } = options;
    if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) throw new TypeError(`listen: mode must be permissions from 0 to 0o777, not ${String(mode)}`);
    const listening = await listen(address, {
      channel: this.#config.channel,
      busyPollMicros: this.#config.busyPollMicros,
      mode,
      onChannel: (channel) => this.#welcome(channel),
      onError: (error) => this.#config.logger?.warn({ err: error, address }, "ttrpc: failed accept"),
      onChoice: (kind) => this.#checkHandshake(kind, address),
    });
    const listener = new ServerListener(listening, (closed) => this.#listeners.delete(closed));
    // The server may have been closed meanwhile.
    if ((this.#state as string) !== "open") {
      await listener.close();
      throw new ServerClosedError();
    }
    this.#listeners.add(listener);
    return listener;
  }

  /** Go's Serve: resolves once the server is shut down; rejects if the listener is closed before. */
  async serve(listener: Listener | NetServer): Promise<void> {
    if (this.#state !== "open") {
      // However Go's Serve returns, its listener is closed: left open, this one would accept clients that nobody serves.
      void (listener as Partial<NetServer>).close?.();
      throw new ServerClosedError();
    }
    const closed = listener instanceof ServerListener ? listener.closed : this.#adopt(listener as NetServer);
    const which = await Promise.race([this.#ended.then(() => "ended"), closed.then(() => "closed")]);
    if (which === "closed" && this.#state === "open") throw new ClosedError("ttrpc: listener closed");
    await this.#ended;
  }

  /** Accepts from a listener of node:net; resolves when it is closed. */
  #adopt(server: NetServer): Promise<void> {
    const accept = (socket: Duplex): void => this.accept(socket);
    // A TLS server's "connection" is the socket below TLS.
    const event = "setSecureContext" in server ? "secureConnection" : "connection";
    server.on(event, accept);
    const done = new Promise<void>((resolve) => server.once("close", () => resolve()));
    this.#shutdown.signal.addEventListener("abort", () => {
      server.removeListener(event, accept);
      server.close();
    });
    return done;
  }

  /** Serves one connection that somebody else has accepted. */
  accept(socket: Duplex): void {
    this.#welcome(new NodeChannel(socket, { address: addressOf(socket) }, this.#config.busyPollMicros));
  }

  #welcome(channel: Channel): void {
    const { handshake, maxConnections, logger } = this.#config;
    if (this.#state !== "open") return channel.close();
    if (this.#connections.size + this.#arriving.size >= maxConnections) {
      logger?.warn({ maxConnections }, "ttrpc: refusing connection: too many");
      return channel.close();
    }
    if (handshake === undefined) return this.#serveChannel(channel);
    this.#arriving.add(channel);
    this.#shakeHands(channel).then(
      () => {
        if (this.#arriving.delete(channel)) this.#serveChannel(channel);
      },
      (error: unknown) => {
        this.#arriving.delete(channel);
        channel.close();
        logger?.warn({ err: error }, "ttrpc: refusing connection after handshake");
      },
    );
  }

  async #shakeHands(channel: Channel): Promise<void> {
    const { handshake, handshakeTimeoutMs } = this.#config;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = startTimer(handshakeTimeoutMs, () => reject(new TtrpcError(Code.DeadlineExceeded, `no handshake within ${handshakeTimeoutMs} ms`)));
    });
    try {
      await Promise.race([handshake?.(channel.peer), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #checkHandshake(kind: "native" | "node", address: Address): void {
    const { handshake } = this.#config;
    if (kind === "native" || handshake === undefined || !handshakeNeedsCredentials(handshake)) return;
    throw new TtrpcError(Code.Unimplemented, `cannot listen on ${address}: the handshake needs peer credentials, which only the native channel has`);
  }

  #serveChannel(channel: Channel): void {
    const connection = new ServerConnection(channel, this.#host);
    if (connection.state === "closed") return;
    this.#connections.add(connection);
    if (this.#state !== "open") connection.drain();
  }

  #onConnectionClosed(connection: ServerConnection, cause: Error | undefined): void {
    this.#past = addStats(this.#past, { ...connection.stats(), active: 0, queuedBytes: 0 });
    this.#connections.delete(connection);
    if (cause !== undefined) this.#config.logger?.debug({ err: cause }, "ttrpc: connection lost");
    this.#settle();
  }

  stats(): ServerStats {
    let total = this.#past;
    for (const connection of this.#connections) total = addStats(total, connection.stats());
    return { ...total, connections: this.#connections.size };
  }

  /**
   * Stops gracefully: accepts nothing new, answers new calls with Unavailable, tells handlers (`shutdownSignal`), and
   * resolves when all calls have ended. After `timeoutMs`, or when `signal` aborts, what is left is cut, as by `close()`.
   */
  async shutdown(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
    const { timeoutMs = Infinity, signal } = options;
    if (typeof timeoutMs !== "number" || !(timeoutMs >= 0))
      throw new TypeError(`shutdown: timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`);
    if (this.#state === "open") {
      this.#state = "draining";
      this.#stopAccepting();
      this.#shutdown.abort(new ServerClosedError());
      for (const connection of [...this.#connections]) connection.drain();
      this.#settle();
    }
    const cut = (): void => {
      this.#config.logger?.warn({ active: this.stats().active, connections: this.#connections.size }, "ttrpc: shutdown cut what was left");
      void this.close();
    };
    const timer = startTimer(timeoutMs, cut);
    if (signal?.aborted) cut();
    signal?.addEventListener("abort", cut);
    await this.#ended;
    clearTimeout(timer);
    signal?.removeEventListener("abort", cut);
  }

  /** Stops at once: calls in flight are cut, their handlers' signals aborted. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === "open") this.#state = "draining";
    this.#stopAccepting();
    this.#shutdown.abort(new ServerClosedError());
    for (const connection of [...this.#connections]) connection.terminate(undefined);
    this.#settle();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stopAccepting(): void {
    for (const listener of [...this.#listeners]) void listener.close();
    for (const channel of this.#arriving) channel.close();
    this.#arriving.clear();
  }

  #settle(): void {
    if (this.#state !== "draining" || this.#connections.size !== 0) return;
    this.#state = "closed";
    this.#end();
  }
}

class ServerListener implements Listener {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly #listening: Listening;
  readonly #onClosed: (listener: ServerListener) => void;
  #settle: () => void = () => {};

  constructor(listening: Listening, onClosed: (listener: ServerListener) => void) {
    this.address = listening.address;
    this.#listening = listening;
    this.#onClosed = onClosed;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
  }

  async close(): Promise<void> {
    this.#listening.close();
    this.#onClosed(this);
    this.#settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
