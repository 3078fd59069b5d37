// What a caller may say about one call, and the types of a stub.
import type { ContextValues } from "./context.js";
import { nowMs } from "./deadlines.js";
import { Code, TtrpcError } from "./errors.js";
import { Metadata, type MetadataInit } from "./metadata.js";
import type { ReceiveStream } from "./receive-queue.js";
import type { In, Method, Out, Service } from "./services.js";

export interface CallOptions {
  /** Time the call may take, waiting to be sent included; fractions are allowed. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up; the wire has no cancel, so the server goes on. */
  readonly signal?: AbortSignal | undefined;
  readonly metadata?: MetadataInit | undefined;
  /** For interceptors. */
  readonly values?: ContextValues | undefined;
}

export type Source<T> = AsyncIterable<T> | Iterable<T>;

/** `send` resolves when the message is accepted for sending and the queue is below its high-water mark. */
export interface SendStream<I> {
  send(message: I): Promise<void>;
  closeSend(): Promise<void>;
}

export interface ClientStream<I, O> extends SendStream<I>, AsyncDisposable {
  closeAndRecv(): Promise<O>;
  cancel(reason?: unknown): void;
}

export interface BidiStream<I, O> extends SendStream<I>, ReceiveStream<O> {}

export interface ClientStreamCall<I, O> {
  (requests: Source<I>, options?: CallOptions): Promise<O>;
  (options?: CallOptions): ClientStream<I, O>;
}

export interface BidiCall<I, O> {
  (requests: Source<I>, options?: CallOptions): ReceiveStream<O>;
  (options?: CallOptions): BidiStream<I, O>;
}

/** A method as it is called. */
export type Call<M extends Method> = {
  unary: (request: In<M["input"]>, options?: CallOptions) => Promise<Out<M["output"]>>;
  serverStream: (request: In<M["input"]>, options?: CallOptions) => ReceiveStream<Out<M["output"]>>;
  clientStream: ClientStreamCall<In<M["input"]>, Out<M["output"]>>;
  bidi: BidiCall<In<M["input"]>, Out<M["output"]>>;
}[M["kind"]];

export type Stub<S extends Service> = { readonly [K in keyof S["methods"]]: Call<S["methods"][K]> };

/** Call options after defaults and checks. */
export interface ResolvedCall {
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly metadata: Metadata | undefined;
  readonly values: ContextValues | undefined;
}

const noOptions: ResolvedCall = { timeoutMs: undefined, signal: undefined, metadata: undefined, values: undefined };

/** Checks a call's options. */
export function resolveCall(options: CallOptions | undefined, defaultTimeoutMs: number | undefined): ResolvedCall {
  if (options === undefined) return defaultTimeoutMs === undefined || defaultTimeoutMs === Infinity ? noOptions : { ...noOptions, timeoutMs: defaultTimeoutMs };
  for (const name in options) {
    if (name !== "timeoutMs" && name !== "metadata" && name !== "signal" && name !== "values")
      throw new TypeError(`unknown call option "${name}"; there are timeoutMs, signal, metadata, values`);
  }
  const { timeoutMs = defaultTimeoutMs, signal, metadata, values } = options;
  checkSignal(signal);
  return {
    timeoutMs: checkTimeout(timeoutMs),
    signal,
    // Its own: the call may wait, and its interceptors may edit it.
    metadata: metadata && new Metadata(metadata),
    values,
  };
}

/** A timeout that is none is undefined. */
export function checkTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs === Infinity) return undefined;
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) {
    throw new TtrpcError(Code.InvalidArgument, `timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`);
  }
  return timeoutMs;
}

/** What is left of a call's time. */
export function remainingMs(call: ResolvedCall, deadlineMs: number): number | undefined {
  return call.timeoutMs === undefined ? undefined : deadlineMs - nowMs();
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
}

/** Whether messages can be taken from it: a source of requests rather than call options, responses rather than something else. */
export function isSource(value: unknown): value is Source<object> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}
