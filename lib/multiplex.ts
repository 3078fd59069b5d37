// Several connections over one: the multiplexer under NRI, containerd's interface for plugins of its runtime. Go: containerd/nri pkg/net/multiplex.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Check, positiveMs, resolveOptions } from "./config.js";
import { closedError } from "./connection.js";
import { ClosedError, Code, ProtocolError, TtrpcError } from "./errors.js";
import { MuxConnection, type Trunk } from "./multiplex/connection.js";
import { MAX_CONNECTION_ID, MAX_MUX_PAYLOAD_BYTES, muxHeader } from "./multiplex/frame.js";
import { MuxReader } from "./multiplex/frame-reader.js";
import { openTrunk } from "./multiplex/trunk.js";
import type { Address } from "./peer.js";

/** The connection on which a plugin serves. Go: PluginServiceConn. */
export const PLUGIN_SERVICE = 1;
/** The connection on which a runtime serves. Go: RuntimeServiceConn. */
export const RUNTIME_SERVICE = 2;

export interface MultiplexOptions {
  /** Longest payload sent or taken, in bytes. Default 4194314, which is what Go peers take. */
  readonly maxPayloadBytes?: number | undefined;
  /** Bytes that wait in one connection for its reader before the trunk is paused, and all of its connections with it. Default 1048576. */
  readonly inboxBytes?: number | undefined;
  /** How long such a connection may see nothing taken before the trunk fails with StreamFullError. Default 5000. */
  readonly stallMs?: number | undefined;
}

const positiveBytes: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_CONNECTION_ID ? undefined : `an integer from 1 to ${MAX_CONNECTION_ID}`;
const checks: Readonly<Record<string, Check>> = { maxPayloadBytes: positiveBytes, inboxBytes: positiveBytes, stallMs: positiveMs };

/** How long `close` waits for what was sent to leave. */
const CLOSE_DRAIN_MS = 1_000;

/**
 * Opens connections over `trunk`: any Duplex, or the address of a socket, such as that of NRI's runtime, or "fd:3" where the runtime
 * started the plugin. An address that cannot be connected to within 10 s ends it like any other failure of the trunk. Throws a TtrpcError,
 * InvalidArgument, for an address that is none. Go: Multiplex.
 */
export function multiplex(trunk: Duplex | Address, options: MultiplexOptions = {}): Multiplexer {
  const limits = resolveOptions("multiplex", options, checks, { maxPayloadBytes: MAX_MUX_PAYLOAD_BYTES, inboxBytes: 1 << 20, stallMs: 5_000 });
  if (typeof trunk !== "string") return Multiplexer.over(trunk, limits, (error) => error);
  const { stream, explain } = openTrunk(trunk);
  return Multiplexer.over(stream, limits, explain);
}

type Limits = Pick<Trunk, "maxPayloadBytes" | "inboxBytes" | "stallMs">;

export class Multiplexer implements AsyncDisposable {
  /** Resolves when the trunk is closed: to what broke it, or to undefined after `close()` and a peer that hung up. */
  readonly closed: Promise<TtrpcError | undefined>;
  readonly #stream: Duplex;
  readonly #trunk: Trunk;
  readonly #reader: MuxReader;
  readonly #connections: Map<number, MuxConnection> = new Map();
  /** Connections that have more unread than is good. */
  readonly #full: Set<MuxConnection> = new Set();
  /** new: nothing is read yet. open: the trunk is read. closing: what was sent leaves. closed: nothing is sent or received any more. */
  #state: "new" | "open" | "closing" | "closed" = "new";
  #settle: (reason: TtrpcError | undefined) => void = () => {};

  private constructor(stream: Duplex, limits: Limits, explain: (error: Error) => Error) {
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    this.#stream = stream;
    this.#reader = new MuxReader((id, piece) => this.#connections.get(id)?.deliver(piece), limits.maxPayloadBytes);
    this.#trunk = {
      ...limits,
      write: (id, payloads, done) => this.#write(id, payloads, done),
      onFlow: (connection, flow) => this.#onFlow(connection, flow),
      onClosed: (connection) => void (this.#connections.get(connection.id) === connection && this.#connections.delete(connection.id)),
      fail: (error) => this.#end(error),
    };
    stream.on("error", (error) => this.#end(explain(error)));
    stream.on("close", () => this.#onEnd());
    if (stream.destroyed || stream.readableEnded) process.nextTick(() => this.#end(stream.errored ?? undefined));
  }

  /** @internal */
  static over(stream: Duplex, limits: Limits, explain: (error: Error) => Error): Multiplexer {
    return new Multiplexer(stream, limits, explain);
  }

  /**
   * A connection, for `connect` or `server.accept`. The peer is told neither of its opening nor of its end: both sides know by agreement who
   * serves on which id, 1 to 4294967295. Bytes for ids that are not open are dropped; nothing is read before the first is opened, and those
   * opened in the same turn of the event loop miss nothing. Throws a TtrpcError: InvalidArgument for an id that is none, AlreadyExists for
   * one that is open, ClosedError. Go: Mux.Open.
   */
  open(id: number): Duplex {
    if (!Number.isInteger(id) || id < 1 || id > MAX_CONNECTION_ID) {
      const why = id === 0 ? "is reserved" : "is none";
      throw new TtrpcError(Code.InvalidArgument, `connection id ${String(id)} ${why}; ids are integers from 1 to ${MAX_CONNECTION_ID}`);
    }
    if (this.#state === "closing" || this.#state === "closed") throw new ClosedError(undefined, { unsent: true });
    if (this.#connections.has(id)) throw new TtrpcError(Code.AlreadyExists, `connection ${id} is open already`);
    const connection = new MuxConnection(id, this.#trunk);
    this.#connections.set(id, connection);
    if (this.#connections.size === 1 && this.#state === "new") setImmediate(() => this.#start());
    return connection;
  }

  #start(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#stream.on("end", () => this.#onEnd());
  }

  #onData(chunk: Buffer): void {
    try {
      if (this.#state === "open") this.#reader.push(chunk);
    } catch (error) {
      this.#end(error as ProtocolError);
    }
  }

  #onEnd(): void {
    const cutOff = this.#state === "open" ? this.#reader.cutOff : undefined;
    this.#end(cutOff === undefined ? undefined : new ProtocolError(`the trunk ended ${cutOff}: protocol error`));
  }

  #onFlow(connection: MuxConnection, flow: "full" | "flowing"): void {
    if (flow === "full") this.#full.add(connection);
    else this.#full.delete(connection);
    if (this.#state !== "open") return;
    if (this.#full.size === 0) this.#stream.resume();
    else this.#stream.pause();
  }

  #write(id: number, payloads: readonly (readonly Buffer[])[], done: (error?: Error | null) => void): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return done(new ClosedError());
    const buffers = payloads.flatMap((parts) => [
      muxHeader(
        id,
        parts.reduce((bytes, { length }) => bytes + length, 0),
      ),
      ...parts,
    ]);
    const last = buffers.pop();
    if (last === undefined) return done();
    stream.cork();
    for (const buffer of buffers) stream.write(buffer);
    stream.write(last, done);
    stream.uncork();
  }

  #end(cause: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const connection of [...this.#connections.values()]) {
      if (cause === undefined) connection.finish();
      else connection.destroy(cause);
    }
    this.#stream.destroy();
    this.#settle(cause === undefined ? undefined : closedError(cause));
  }

  /** The trunk keeps the process alive (default). */
  ref(): this {
    (this.#stream as Partial<Socket>).ref?.();
    return this;
  }

  /** The trunk does not keep the process alive. */
  unref(): this {
    (this.#stream as Partial<Socket>).unref?.();
    return this;
  }

  /** Ends all connections, sends what they have handed over, for a second at most, and closes the trunk. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === "new" || this.#state === "open") {
      this.#state = "closing";
      for (const connection of [...this.#connections.values()]) connection.destroy();
      const timer = setTimeout(() => this.#end(undefined), CLOSE_DRAIN_MS);
      this.#stream.end(() => this.#end(undefined));
      await this.closed;
      clearTimeout(timer);
    }
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
