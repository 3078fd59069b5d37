// What stubs make their calls on: one connection, or whichever a persistent client has.
import type { BidiStream, ClientStream, ResolvedCall, Source } from "./call.js";
import type { CallTarget } from "./call-target.js";
import type { Interceptor } from "./interceptor.js";
import type { Peer } from "./peer.js";

export interface Caller {
  readonly config: { readonly interceptors: readonly Interceptor[]; readonly defaultTimeoutMs?: number | undefined };
  readonly peer: Peer;
  unary(target: CallTarget, request: object, call: ResolvedCall): Promise<object>;
  /** A stream that is still to be opened. */
  stream(target: CallTarget, call: ResolvedCall): OpenableStream;
}

export interface OpenableStream extends BidiStream<object, object>, ClientStream<object, object> {
  /** Opens the stream. `request` is the only message of a method that takes one. */
  open(request?: object): this;
  /** Sends all messages of `source`, then closes the sending side; what the source throws fails the call. */
  sendAll(source: Source<object>): this;
  /** The one response of a method that has one. */
  response(): Promise<object>;
}
