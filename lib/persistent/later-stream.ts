// A stream called for without a connection: the handle is there at once, the stream itself once there is a connection.
import { remainingMs, type ResolvedCall, type Source } from "../call.js";
import type { OpenableStream } from "../caller.js";
import { nowMs } from "../deadlines.js";
import { canceled, Code, TtrpcError } from "../errors.js";
import type { InterceptedStream } from "../intercepted-stream.js";
import { type Abortable, unwatchSignal, watchSignal } from "../signals.js";

export type OpenedStream = OpenableStream | InterceptedStream;
/** Starts a stream once there is a connection. */
export type StartStream = (call: ResolvedCall, request: object | undefined, source: Source<object> | undefined) => OpenedStream;

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class LaterStream implements OpenableStream, Abortable {
  readonly #call: ResolvedCall;
  readonly #connect: (call: ResolvedCall) => Promise<StartStream>;
  readonly #opened: Promise<OpenedStream>;
  #resolve: (stream: OpenedStream) => void = () => {};
  #reject: (error: TtrpcError) => void = () => {};
  /** Ends the wait for a connection. */
  readonly #giveUp: AbortController = new AbortController();
  #deadlineMs = 0;
  #request: object | undefined;
  #source: Source<object> | undefined;
  #stream: OpenedStream | undefined;
  /** unopened: nothing has been asked for. waiting: for a connection. open: `#stream` has it. failed, released: there will be none. */
  #state: "unopened" | "waiting" | "open" | "failed" | "released" = "unopened";

  constructor(call: ResolvedCall, connect: (call: ResolvedCall) => Promise<StartStream>) {
    this.#call = call;
    this.#connect = connect;
    this.#opened = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who uses the stream hears of it.
    this.#opened.catch(() => {});
  }

  open(request?: object): this {
    this.#request = request;
    this.#begin();
    return this;
  }

  #begin(): void {
    if (this.#state !== "unopened") return;
    this.#state = "waiting";
    const { signal, timeoutMs } = this.#call;
    if (timeoutMs !== undefined) this.#deadlineMs = nowMs() + timeoutMs;
    if (signal?.aborted) return this.#end("failed", canceled(signal.reason));
    if (signal !== undefined) watchSignal(signal, this);
    this.#connect({ ...this.#left(), signal: this.#giveUp.signal }).then(
      (start) => this.#start(start),
      (error: unknown) => this.#end("failed", TtrpcError.from(error, Code.Internal)),
    );
  }

  #left(): ResolvedCall {
    return { ...this.#call, timeoutMs: remainingMs(this.#call, this.#deadlineMs) };
  }

  #start(start: StartStream): void {
    if (this.#state !== "waiting") return;
    try {
      this.#stream = start(this.#left(), this.#request, this.#source);
    } catch (error) {
      return this.#end("failed", TtrpcError.from(error, Code.Internal));
    }
    this.#state = "open";
    this.#unwatch();
    this.#resolve(this.#stream);
  }

  #end(state: "failed" | "released", error: TtrpcError): void {
    if (this.#state !== "unopened" && this.#state !== "waiting") return;
    this.#state = state;
    this.#unwatch();
    this.#giveUp.abort(error);
    this.#reject(error);
  }

  #unwatch(): void {
    if (this.#call.signal !== undefined) unwatchSignal(this.#call.signal, this);
  }

  /** The caller's signal has fired. */
  onAbort(): void {
    this.#end("failed", canceled(this.#call.signal?.reason));
  }

  sendAll(source: Source<object>): this {
    this.#source = source;
    return this;
  }

  async send(message: object): Promise<void> {
    this.#begin();
    return (await this.#opened).send(message);
  }

  async closeSend(): Promise<void> {
    if (this.#state === "unopened") return;
    return (await this.#opened).closeSend();
  }

  async closeAndRecv(): Promise<object> {
    return (await this.#opened).closeAndRecv();
  }

  async response(): Promise<object> {
    return (await this.#opened).response();
  }

  async recv(): Promise<object | undefined> {
    return (await this.#readable())?.recv();
  }

  /** Undefined after a release: reads end without an error then. */
  async #readable(): Promise<OpenedStream | undefined> {
    try {
      return await this.#opened;
    } catch (error) {
      if (this.#state === "released") return undefined;
      throw error;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    let messages: AsyncIterator<object> | undefined;
    return {
      next: async () => {
        const stream = await this.#readable();
        if (stream === undefined) return done;
        messages ??= stream[Symbol.asyncIterator]();
        return messages.next();
      },
      return: async () => {
        this.#end("released", canceled());
        messages ??= this.#stream?.[Symbol.asyncIterator]();
        return (await messages?.return?.()) ?? done;
      },
    };
  }

  cancel(reason?: unknown): void {
    this.#end("failed", canceled(reason));
    this.#stream?.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("released", canceled());
    await this.#stream?.[Symbol.asyncDispose]();
  }
}
