// A client call as its interceptors see it.
import { checkSignal, checkTimeout, type ResolvedCall } from "./call.js";
import type { CallTarget } from "./call-target.js";
import type { Caller } from "./caller.js";
import { ContextValues } from "./context.js";
import type { InterceptedCall, StreamCall, UnaryCall } from "./interceptor.js";
import { Metadata } from "./metadata.js";
import type { Peer } from "./peer.js";
import type { Method } from "./services.js";

const none: object = {};

export class ClientCallInfo implements UnaryCall, StreamCall {
  readonly side = "client";
  readonly serviceName: string;
  readonly method: Method;
  readonly path: string;
  readonly metadata: Metadata;
  readonly values: ContextValues;
  readonly peer: Peer;
  timeoutMs: number | undefined;
  request: object = none;
  requests: AsyncIterable<object> = empty();
  #signal: AbortSignal | undefined;

  constructor(caller: Caller, target: CallTarget, call: ResolvedCall) {
    this.serviceName = target.serviceName;
    this.method = target.method;
    this.path = target.path;
    this.metadata = call.metadata ?? new Metadata();
    this.values = call.values ?? new ContextValues();
    this.peer = caller.peer;
    this.timeoutMs = call.timeoutMs;
    this.#signal = call.signal;
  }

  /** Made on first read if the caller gave none. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal;
    return this.#signal;
  }

  /** The call as the interceptors left it. They may have passed on an object of their own. */
  static after(call: InterceptedCall): ResolvedCall {
    const signal = call instanceof ClientCallInfo ? call.#signal : call.signal;
    const { metadata, values } = call;
    checkSignal(signal);
    return { timeoutMs: checkTimeout(call.timeoutMs), signal, metadata: metadata.empty ? undefined : metadata, values };
  }
}

async function* empty(): AsyncGenerator<object> {}
