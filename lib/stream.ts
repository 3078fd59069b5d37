// The client's side of one stream, and its state machine. Go: stream.go and clientStream in client.go.
import { remainingMs, type ResolvedCall, type Source } from "./call.js";
import type { CallTarget } from "./call-target.js";
import type { OpenableStream } from "./caller.js";
import type { ClientConnection, PendingCall } from "./client-connection.js";
import { encodeMessage } from "./codec.js";
import { type Deadline, nowMs } from "./deadlines.js";
import {
  canceled,
  Code,
  deadlineExceeded,
  OversizedMessageError,
  oversizeText,
  ProtocolError,
  StreamClosedError,
  StreamFullError,
  TtrpcError,
} from "./errors.js";
import { pump, type Sink } from "./pump.js";
import { ReceiveQueue } from "./receive-queue.js";
import { clientStreams, serverStreams } from "./services.js";
import { type Abortable, unwatchSignal, watchSignal } from "./signals.js";
import { FLAG_NO_DATA, FLAG_REMOTE_CLOSED, FLAG_REMOTE_OPEN, frameTypeName, TYPE_DATA, TYPE_RESPONSE } from "./wire/frame.js";

/**
 * Request flags of a stream that the client will send on. Go's server ignores them; the Rust server takes a Request
 * without no-data for a first, empty message, which Go's own 0x02 gives it.
 */
const OPEN_FLAGS = FLAG_REMOTE_OPEN | FLAG_NO_DATA;

/** What nearly every `send` returns. */
const alreadySent = Promise.resolve();

export class Stream implements OpenableStream, PendingCall, Deadline, Abortable, Sink {
  deadlineMs = 0;
  deadlineIndex = -1;
  onOver: (() => void) | undefined;
  readonly #connection: ClientConnection;
  readonly #target: CallTarget;
  readonly #call: ResolvedCall;
  readonly #received: ReceiveQueue<object>;
  #streamId = 0;
  /** unopened: the request is still to come. waiting: it waits until the peer reads. open: messages may follow. closed: nothing will. */
  #local: "unopened" | "waiting" | "open" | "closed" = "unopened";
  #remote: "open" | "closed" = "open";
  /** Messages sent while the request waits. */
  readonly #early: { readonly message: object; readonly sent: () => void; readonly refused: (error: unknown) => void }[] = [];
  #wake: (() => void) | undefined;
  #error: TtrpcError | undefined;
  /** over: the call has its outcome, and the connection has forgotten it. */
  #state: "live" | "over" = "live";

  constructor(connection: ClientConnection, target: CallTarget, call: ResolvedCall) {
    this.#connection = connection;
    this.#target = target;
    this.#call = call;
    this.#received = new ReceiveQueue(
      connection,
      connection.config,
      () => this.#quit(new StreamFullError()),
      (reason) => this.#quit(canceled(reason)),
    );
  }

  open(request?: object): this {
    const refusal = this.#connection.refusal(this.#call);
    if (refusal !== undefined) {
      this.fail(refusal);
      return this;
    }
    this.#connection.countCall();
    if (this.#call.timeoutMs !== undefined) {
      this.deadlineMs = nowMs() + this.#call.timeoutMs;
      this.#connection.deadlines.add(this);
    }
    if (this.#call.signal !== undefined) watchSignal(this.#call.signal, this);
    this.#local = "waiting";
    this.#connection.whenUncongested(() => this.#start(request));
    return this;
  }

  #start(request: object | undefined): void {
    if (this.#local !== "waiting") return;
    const streaming = clientStreams(this.#target.method.kind);
    const flags = streaming ? OPEN_FLAGS : serverStreams(this.#target.method.kind) ? FLAG_REMOTE_CLOSED : 0;
    try {
      this.#streamId = this.#connection.sendRequest(this.#target, request, flags, remainingMs(this.#call, this.deadlineMs), this.#call);
    } catch (error) {
      return this.fail(TtrpcError.from(error, Code.Internal));
    }
    this.#local = streaming ? "open" : "closed";
    this.#connection.register(this.#streamId, this);
    for (const { message, sent, refused } of this.#early.splice(0)) {
      try {
        this.#sendNow(message);
        sent();
      } catch (error) {
        refused(error);
      }
    }
    this.#wake?.();
  }

  sendAll(source: Source<object>): this {
    pump(source, this)
      .then(() => this.closeSend())
      .catch((error: unknown) => this.#quit(TtrpcError.from(error)));
    return this;
  }

  get over(): boolean {
    return this.#local === "closed" || this.#remote === "closed" || this.#state === "over";
  }

  send(message: object): Promise<void> {
    try {
      // The refusal of the request is the sender's to know, as that of any message.
      if (this.#local === "unopened" && this.#remote === "open" && !clientStreams(this.#target.method.kind)) return this.open(message).#untilWritable();
      return this.write(message) ?? alreadySent;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** `send` without a promise where none is needed. */
  write(message: object): Promise<void> | undefined {
    if (this.over) throw this.#error ?? new StreamClosedError();
    if (this.#local === "waiting") {
      const start = new Promise<void>((sent, refused) => this.#early.push({ message, sent, refused }));
      return start.then(() => this.#untilWritable());
    }
    this.#sendNow(message);
    return this.#connection.writable() && this.#untilWritable();
  }

  #sendNow(message: object): void {
    const connection = this.#connection;
    const writer = connection.begin();
    try {
      encodeMessage(this.#target.method.input, message, writer);
      connection.checkSize();
    } catch (error) {
      connection.abandon();
      throw error;
    }
    connection.send(this.#streamId, TYPE_DATA, 0);
  }

  /** Waits for the peer to read, for as long as the call lasts. */
  async #untilWritable(): Promise<void> {
    while (this.#local === "waiting") await new Promise<void>((resolve) => this.#onWake(resolve));
    for (let wait = this.#connection.writable(); wait !== undefined && !this.over; wait = this.#connection.writable()) {
      await Promise.race([wait, new Promise<void>((resolve) => this.#onWake(resolve))]);
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #onWake(resolve: () => void): void {
    const before = this.#wake;
    this.#wake = () => {
      this.#wake = undefined;
      before?.();
      resolve();
    };
  }

  async closeSend(): Promise<void> {
    if (this.#local === "waiting") await this.#untilWritable();
    if (this.#local !== "open") return;
    this.#local = "closed";
    if (this.#remote === "open") this.#connection.sendEmpty(this.#streamId, TYPE_DATA, FLAG_REMOTE_CLOSED | FLAG_NO_DATA);
  }

  recv(): Promise<object | undefined> {
    return this.#received.recv();
  }

  async response(): Promise<object> {
    const message = await this.#received.recv();
    if (message === undefined) throw new ProtocolError(`${this.#target.serviceName}/${this.#target.method.name} ended without a response: protocol error`);
    return message;
  }

  async closeAndRecv(): Promise<object> {
    await this.closeSend();
    return this.response();
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    return this.#received[Symbol.asyncIterator]();
  }

  cancel(reason?: unknown): void {
    this.#received.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#received[Symbol.asyncDispose]();
    this.#quit(canceled());
  }

  onFrame(kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    const type = kind & 0xff;
    try {
      if (type === TYPE_RESPONSE) this.#onResponse(slab, offset, length, owned);
      else if (type === TYPE_DATA) this.#onData(kind >> 8, slab, offset, length, owned);
      else throw new ProtocolError(`unexpected "${frameTypeName(type)}" message received: protocol error`);
    } catch (error) {
      this.#quit(error as TtrpcError);
    }
  }

  #onResponse(slab: Buffer, offset: number, length: number, owned: boolean): void {
    const { output } = this.#target.method;
    // Whatever it says, it is the last: our sending side needs no end either.
    this.#remote = "closed";
    this.#received.push(this.#connection.readResponse(output, slab, offset, length, owned), length);
    this.#finish("ok");
    this.#received.end();
  }

  #onData(flags: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    if (!serverStreams(this.#target.method.kind)) throw new ProtocolError("received data from non-streaming server: protocol error");
    const last = (flags & FLAG_REMOTE_CLOSED) !== 0;
    if (last) this.#remote = "closed";
    if (!last || (flags & FLAG_NO_DATA) === 0) {
      this.#received.push(this.#connection.readMessage(this.#target.method.output, slab, offset, offset + length, owned), length);
    }
    if (last) {
      this.#finish("ok");
      this.#received.end();
    }
  }

  onOversize(length: number): void {
    const limit = this.#connection.maxMessageBytes;
    this.#quit(new OversizedMessageError(length, limit, { message: oversizeText(length, limit) }));
  }

  onDeadline(): void {
    this.#quit(deadlineExceeded());
  }

  /** The signal has fired. */
  onAbort(): void {
    this.#quit(canceled(this.#call.signal?.reason));
  }

  fail(error: TtrpcError): void {
    if (this.#state === "over") return;
    this.#error = error;
    this.#received.fail(error);
    this.#finish("failed");
  }

  /** Ends the call from this side: the end of our sending is all that the peer can be told. */
  #quit(error: TtrpcError): void {
    if (this.#local === "open" && this.#remote === "open" && this.#state === "live") {
      this.#connection.sendEmpty(this.#streamId, TYPE_DATA, FLAG_REMOTE_CLOSED | FLAG_NO_DATA);
    }
    this.fail(error);
  }

  #finish(outcome: "ok" | "failed"): void {
    this.#state = "over";
    this.#local = "closed";
    if (this.#streamId !== 0) this.#connection.forget(this.#streamId, outcome);
    this.#connection.deadlines.remove(this);
    if (this.#call.signal !== undefined) unwatchSignal(this.#call.signal, this);
    for (const { refused } of this.#early.splice(0)) refused(this.#error ?? new StreamClosedError());
    this.#wake?.();
    this.onOver?.();
  }
}
