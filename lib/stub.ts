// Turns a service descriptor into functions: one closure per method, made once, with its interceptors.
import { type CallOptions, checkTimeout, isSource, resolveCall, type ResolvedCall, type Source, type Stub } from "./call.js";
import { ClientCallInfo } from "./client-call-info.js";
import { CallTarget } from "./call-target.js";
import type { Caller, OpenableStream } from "./caller.js";
import { Code, TtrpcError } from "./errors.js";
import { InterceptedStream } from "./intercepted-stream.js";
import { composeStream, composeUnary, type Interceptor, intercepts, type StreamNext } from "./interceptor.js";
import { clientStreams, methodPath, type Service } from "./services.js";

export interface StubOptions {
  readonly interceptors?: readonly Interceptor[] | undefined;
  readonly defaults?: CallOptions | undefined;
}

type AnyCall = (...args: never[]) => unknown;

export function makeStub<S extends Service>(caller: Caller, service: S, options: StubOptions): Stub<S> {
  if (typeof service?.typeName !== "string" || typeof service.methods !== "object")
    throw new TypeError("client.service() needs a service descriptor, as generated code exports");
  const interceptors = [...caller.config.interceptors, ...(options.interceptors ?? [])];
  const stub: Record<string, AnyCall> = {};
  for (const [name, method] of Object.entries(service.methods)) {
    stub[name] = makeCall(caller, new CallTarget(service.typeName, method), interceptors, options.defaults);
  }
  return stub as Stub<S>;
}

function makeCall(caller: Caller, target: CallTarget, interceptors: readonly Interceptor[], defaults: CallOptions | undefined): AnyCall {
  const { kind } = target.method;
  const resolve = (options: CallOptions | undefined): ResolvedCall => resolveCall(withDefaults(options, defaults), caller.config.defaultTimeoutMs);
  const invoke = kind === "unary" ? makeUnary(caller, target, interceptors) : undefined;
  if (invoke !== undefined) {
    return (request: object, options?: CallOptions) => {
      try {
        return invoke(checkMessage(target, request), resolve(options));
      } catch (error) {
        return Promise.reject(error);
      }
    };
  }
  const open = makeStreamOpener(caller, target, interceptors);
  if (kind === "serverStream") return (request: object, options?: CallOptions) => open(resolve(options), checkMessage(target, request), undefined);
  // A client stream or bidi call: with a source of requests, or with a handle to send them.
  return (first?: Source<object> | CallOptions, second?: CallOptions) => {
    const source = isSource(first) ? first : undefined;
    const stream = open(resolve(source === undefined ? (first as CallOptions | undefined) : second), undefined, source);
    return kind === "clientStream" && source !== undefined ? stream.response() : stream;
  };
}

/** An option given as undefined is one not given. */
function withDefaults(options: CallOptions | undefined, defaults: CallOptions | undefined): CallOptions | undefined {
  if (defaults === undefined || options === undefined) return options ?? defaults;
  return { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}

function makeUnary(caller: Caller, target: CallTarget, interceptors: readonly Interceptor[]): (request: object, call: ResolvedCall) => Promise<object> {
  if (!intercepts(interceptors, "unary")) return (request, call) => caller.unary(target, request, call);
  const chain = composeUnary(interceptors, (call) => caller.unary(target, checkMessage(target, call.request), ClientCallInfo.after(call)));
  return (request, call) => {
    const info = new ClientCallInfo(caller, target, call);
    info.request = request;
    return chain(info);
  };
}

type OpenStream = (call: ResolvedCall, request: object | undefined, source: Source<object> | undefined) => OpenableStream | InterceptedStream;

function makeStreamOpener(caller: Caller, target: CallTarget, interceptors: readonly Interceptor[]): OpenStream {
  if (!intercepts(interceptors, "stream")) {
    return (call, request, source) => {
      const stream = caller.stream(target, call);
      // A handle for a method that takes one request opens with the first message sent.
      if (request !== undefined || clientStreams(target.method.kind)) stream.open(request);
      return source === undefined ? stream : stream.sendAll(source);
    };
  }
  const innermost: StreamNext = (call) => {
    const stream = caller.stream(target, ClientCallInfo.after(call));
    if (clientStreams(target.method.kind)) return stream.open().sendAll(call.requests);
    return openWithFirst(stream, call.requests);
  };
  const chain = composeStream(interceptors, innermost);
  return (call, request, source) => {
    const cancel = new AbortController();
    const info = new ClientCallInfo(caller, target, { ...call, signal: cancel.signal });
    return new InterceptedStream(chain, info, { cancel, caller: call.signal }, request, source);
  };
}

/** A method that takes one request gets it from the interceptors' iterable. */
async function* openWithFirst(stream: OpenableStream, requests: AsyncIterable<object>): AsyncIterable<object> {
  for await (const request of requests) {
    yield* stream.open(request);
    return;
  }
  throw new TtrpcError(Code.Internal, "an interceptor dropped the request of a server stream");
}

function checkMessage(target: CallTarget, message: object): object {
  if (typeof message === "object" && message !== null) return message;
  throw new TtrpcError(
    Code.InvalidArgument,
    `${methodPath(target.serviceName, target.method)} needs a ${target.method.input.typeName}, not ${message === null ? "null" : typeof message}`,
  );
}

/** A unary call without a stub. */
export function callUnary(caller: Caller, target: CallTarget, request: object, options: CallOptions | undefined): Promise<object> {
  try {
    const call = resolveCall(options, caller.config.defaultTimeoutMs);
    return makeUnary(caller, target, caller.config.interceptors)(checkMessage(target, request), call);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A stream as a handle, for any kind of method. */
export function openHandle(caller: Caller, target: CallTarget, options: CallOptions | undefined): OpenableStream | InterceptedStream {
  const call = resolveCall(options, caller.config.defaultTimeoutMs);
  return makeStreamOpener(caller, target, caller.config.interceptors)(call, undefined, undefined);
}

/** A call that has its options, with what the client of `caller` was given. */
function within(caller: Caller, call: ResolvedCall): ResolvedCall {
  return call.timeoutMs === undefined ? { ...call, timeoutMs: checkTimeout(caller.config.defaultTimeoutMs) } : call;
}

/** A unary call of somebody else's stub, made on `caller`. */
export function unaryOn(caller: Caller, target: CallTarget, request: object, call: ResolvedCall): Promise<object> {
  return makeUnary(caller, target, caller.config.interceptors)(request, within(caller, call));
}

/** A stream of somebody else's stub, made on `caller`. */
export function streamOn(
  caller: Caller,
  target: CallTarget,
  call: ResolvedCall,
  request: object | undefined,
  source: Source<object> | undefined,
): OpenableStream | InterceptedStream {
  return makeStreamOpener(caller, target, caller.config.interceptors)(within(caller, call), request, source);
}
