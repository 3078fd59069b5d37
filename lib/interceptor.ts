// Interceptors: code around every call, the same shape on both sides. Go: interceptor.go; Go can install none for
// streams, this can. First in the list is outermost.
import type { ContextValues } from "./context.js";
import type { Metadata } from "./metadata.js";
import type { Peer } from "./peer.js";
import type { Method } from "./services.js";

/** A call on its way through the interceptors. */
export interface InterceptedCall {
  readonly side: "client" | "server";
  readonly serviceName: string;
  readonly method: Method;
  /** "/pkg.Service/Method". */
  readonly path: string;
  /** Editable before `next`. */
  readonly metadata: Metadata;
  readonly values: ContextValues;
  readonly peer: Peer;
  /** On the client editable before `next`; undefined for none. */
  timeoutMs: number | undefined;
  get signal(): AbortSignal;
}

/** On the server `request` is decoded on first read; `requestBytes` is the payload as it came. */
export interface UnaryCall extends InterceptedCall {
  request: object;
  readonly requestBytes?: Uint8Array;
}

/** `requests` may be replaced by another iterable before `next`. */
export interface StreamCall extends InterceptedCall {
  requests: AsyncIterable<object>;
}

/**
 * ```ts
 * const timing: Interceptor = {
 *   async unary(call, next) {
 *     const startedMs = performance.now();
 *     try { return await next(call); } finally { console.log(call.path, performance.now() - startedMs); }
 *   },
 * };
 * ```
 */
export interface Interceptor {
  readonly unary?: ((call: UnaryCall, next: (call: UnaryCall) => Promise<object>) => Promise<object>) | undefined;
  readonly stream?: ((call: StreamCall, next: (call: StreamCall) => AsyncIterable<object>) => AsyncIterable<object>) | undefined;
}

export type UnaryNext = (call: UnaryCall) => Promise<object>;
export type StreamNext = (call: StreamCall) => AsyncIterable<object>;

/** Whether any of them has something to do with this kind of call: if not, the call pays nothing. */
export function intercepts(interceptors: readonly Interceptor[], kind: "unary" | "stream"): boolean {
  return interceptors.some((interceptor) => interceptor[kind] !== undefined);
}

/** The onion around `innermost`. No `async` around each layer: it would cost two promises and three turns of the microtask queue. */
export function composeUnary(interceptors: readonly Interceptor[], innermost: (call: UnaryCall) => unknown): UnaryNext {
  return interceptors.reduceRight<UnaryNext>((next, { unary }) => (unary === undefined ? next : promised((call) => unary(call, next))), promised(innermost));
}

/** What throws rejects, and what is no promise becomes one. */
function promised(run: (call: UnaryCall) => unknown): UnaryNext {
  return (call) => {
    try {
      const result = run(call);
      return result instanceof Promise ? (result as Promise<object>) : Promise.resolve(result as object);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** The onion around `innermost`. */
export function composeStream(interceptors: readonly Interceptor[], innermost: StreamNext): StreamNext {
  return interceptors.reduceRight<StreamNext>((next, { stream }) => (stream === undefined ? next : (call) => stream(call, next)), innermost);
}
