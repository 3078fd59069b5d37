// What a handler knows of its call; also the call's entry in the connection. Go: the context of a handler.
import type { CallOptions } from "./call.js";
import { ContextValues } from "./context.js";
import { type Deadline, nowMs } from "./deadlines.js";
import { canceled, deadlineExceeded, type TtrpcError } from "./errors.js";
import { Metadata } from "./metadata.js";
import type { Peer } from "./peer.js";
import type { Registered } from "./registry.js";
import type { ServerConnection } from "./server-connection.js";
import type { Method } from "./services.js";

export interface HandlerContext {
  readonly serviceName: string;
  readonly method: Method;
  readonly metadata: Metadata;
  readonly values: ContextValues;
  readonly peer: Peer;
  /** Made on first read: aborts when the deadline has passed, the connection is gone, the call is over, or the server is closed. */
  get signal(): AbortSignal;
  /** Made on first read: a graceful shutdown has begun; streams should end. */
  get shutdownSignal(): AbortSignal;
  /** Milliseconds left, or undefined without a deadline. */
  timeoutMs(): number | undefined;
  /** Options for a call made on behalf of this one: remaining time and signal. */
  callOptions(extra?: CallOptions): CallOptions;
}

export class CallContext implements HandlerContext, Deadline {
  readonly connection: ServerConnection;
  readonly registered: Registered;
  readonly streamId: number;
  deadlineMs: number = Infinity;
  deadlineIndex = -1;
  /** running: the caller waits for an answer. answered: it has one, or is gone; what the handler still says is dropped. */
  state: "running" | "answered" = "running";
  readonly #pairs: string[] | undefined;
  #metadata: Metadata | undefined;
  #values: ContextValues | undefined;
  #controller: AbortController | undefined;
  /** Why the signal is, or would be, aborted. An error is made only for those who look. */
  #ended: TtrpcError | "over" | undefined;

  constructor(connection: ServerConnection, registered: Registered, streamId: number, pairs: string[] | undefined) {
    this.connection = connection;
    this.registered = registered;
    this.streamId = streamId;
    this.#pairs = pairs;
  }

  get serviceName(): string {
    return this.registered.serviceName;
  }

  get method(): Method {
    return this.registered.method;
  }

  get metadata(): Metadata {
    this.#metadata ??= this.#pairs === undefined ? new Metadata() : Metadata.fromPairs(this.#pairs);
    return this.#metadata;
  }

  get values(): ContextValues {
    this.#values ??= new ContextValues();
    return this.#values;
  }

  get peer(): Peer {
    return this.connection.channel.peer;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended === "over" ? canceled() : this.#ended);
    }
    return this.#controller.signal;
  }

  get shutdownSignal(): AbortSignal {
    return this.connection.shutdownSignal;
  }

  timeoutMs(): number | undefined {
    return this.deadlineMs === Infinity ? undefined : this.deadlineMs - nowMs();
  }

  callOptions(extra?: CallOptions): CallOptions {
    const leftMs = this.timeoutMs();
    const timeoutMs = leftMs === undefined ? extra?.timeoutMs : Math.min(leftMs, extra?.timeoutMs ?? Infinity);
    const { signal } = this;
    return { ...extra, timeoutMs, signal: extra?.signal === undefined ? signal : AbortSignal.any([signal, extra.signal]) };
  }

  /** Ends the handler's signal, if it has one or asks for it later. Go cancels a handler's context on its return, too. */
  abort(reason: TtrpcError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#controller?.abort(reason);
  }

  /** The call is over. */
  finish(): void {
    if (this.#ended !== undefined) return;
    this.#ended = "over";
    this.#controller?.abort(canceled());
  }

  onDeadline(): void {
    this.connection.cut(this, deadlineExceeded());
  }
}
