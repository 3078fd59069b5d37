// The server side of a unary call: decode, run the handler, answer. Go: serviceSet.unaryCall.
import type { CallContext } from "./call-context.js";
import { Code, TtrpcError } from "./errors.js";
import { composeUnary, type UnaryNext } from "./interceptor.js";
import type { Registered } from "./registry.js";
import { ServerUnaryCall } from "./server-call-info.js";

/** Runs the call whose payload is `[start, end)` of the slab. A handler that answers at once costs no promise. */
export function runUnary(call: CallContext, slab: Buffer, start: number, end: number, owned: boolean): void {
  const { connection, registered } = call;
  let result: unknown;
  try {
    if (registered.interceptors.length !== 0) result = runIntercepted(call, copyOf(slab, start, end));
    else result = registered.handler(connection.decode(registered.method.input, slab, start, end, owned), call);
  } catch (error) {
    connection.answerError(call, error);
    connection.leave(call);
    return;
  }
  if (!isThenable(result)) {
    finish(call, result);
    return;
  }
  connection.enter(call);
  result.then(
    (message) => finish(call, message),
    (error: unknown) => {
      connection.answerError(call, error);
      connection.leave(call);
    },
  );
}

function finish(call: CallContext, result: unknown): void {
  const { connection } = call;
  const wrong = wrongReply(result);
  if (wrong === undefined) connection.answer(call, result as object);
  else connection.answerStatus(call, wrong);
  connection.leave(call);
}

/** Go's texts for a handler that returns no message. */
export function wrongReply(result: unknown): TtrpcError | undefined {
  if (typeof result === "object" && result !== null) return undefined;
  if (result === undefined || result === null) return new TtrpcError(Code.Unknown, "ttrpc: marshal called with nil");
  return new TtrpcError(Code.Internal, `ttrpc: error unsupported response type: ${typeof result}`);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** The onion around each method with interceptors, composed on its first call. */
const chains = new WeakMap<Registered, UnaryNext>();

/** The slab is somebody else's soon. A piece of Node's pool costs half of what a buffer of its own does. */
function copyOf(slab: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  slab.copy(copy, 0, start, end);
  return copy;
}

function runIntercepted(call: CallContext, payload: Buffer): Promise<object> {
  const { registered } = call;
  let chain = chains.get(registered);
  if (chain === undefined) {
    chain = composeUnary(registered.interceptors, (info) => registered.handler(info.request, (info as ServerUnaryCall).context));
    chains.set(registered, chain);
  }
  return chain(new ServerUnaryCall(call, payload));
}
