// One unary call in flight on the client: a promise, a deadline, a signal; nothing else is allocated for it.
import type { ResolvedCall } from "./call.js";
import type { ClientConnection, PendingCall } from "./client-connection.js";
import type { AnyMessageType } from "./codec.js";
import { type Deadline, nowMs } from "./deadlines.js";
import { canceled, deadlineExceeded, OversizedMessageError, oversizeText, ProtocolError, type TtrpcError } from "./errors.js";
import { type Abortable, unwatchSignal, watchSignal } from "./signals.js";
import { frameTypeName, TYPE_RESPONSE } from "./wire/frame.js";

type Resolve = (message: object) => void;
type Reject = (error: TtrpcError) => void;

let resolveLast: Resolve;
let rejectLast: Reject;

/** One executor for all promises: a closure a call less. */
function capture(resolve: Resolve, reject: Reject): void {
  resolveLast = resolve;
  rejectLast = reject;
}

export class PendingUnary implements PendingCall, Deadline, Abortable {
  readonly promise: Promise<object>;
  /** 0 while the call waits to be sent. */
  streamId = 0;
  settled = false;
  deadlineMs = 0;
  deadlineIndex = -1;
  readonly #connection: ClientConnection;
  readonly #output: AnyMessageType;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: Resolve;
  readonly #reject: Reject;

  constructor(connection: ClientConnection, output: AnyMessageType, call: ResolvedCall) {
    this.#connection = connection;
    this.#output = output;
    this.#signal = call.signal;
    this.promise = new Promise(capture);
    this.#resolve = resolveLast;
    this.#reject = rejectLast;
    if (call.timeoutMs !== undefined) {
      this.deadlineMs = nowMs() + call.timeoutMs;
      connection.deadlines.add(this);
    }
    if (call.signal !== undefined) watchSignal(call.signal, this);
  }

  onFrame(kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    const type = kind & 0xff;
    if (type !== TYPE_RESPONSE) return this.fail(new ProtocolError(`unexpected "${frameTypeName(type)}" message received: protocol error`));
    let message: object;
    try {
      message = this.#connection.readResponse(this.#output, slab, offset, length, owned);
    } catch (error) {
      return this.fail(error as TtrpcError);
    }
    this.#settle("ok");
    this.#resolve(message);
  }

  onOversize(length: number): void {
    const limit = this.#connection.maxMessageBytes;
    this.fail(new OversizedMessageError(length, limit, { message: oversizeText(length, limit) }));
  }

  onDeadline(): void {
    this.fail(deadlineExceeded());
  }

  /** The signal has fired. */
  onAbort(): void {
    this.fail(canceled(this.#signal?.reason));
  }

  fail(error: TtrpcError): void {
    if (this.settled) return;
    this.#settle("failed");
    this.#reject(error);
  }

  #settle(outcome: "ok" | "failed"): void {
    this.settled = true;
    this.#connection.forget(this.streamId, outcome);
    this.#connection.deadlines.remove(this);
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this);
  }
}
