// A client stream with interceptors around it: they see iterables, so what is sent goes through one and what is
// received comes from one.
import type { BidiStream, ClientStream, Source } from "./call.js";
import type { ClientCallInfo } from "./client-call-info.js";
import { canceled, ProtocolError, StreamClosedError, type TtrpcError } from "./errors.js";
import type { StreamNext } from "./interceptor.js";
import { type Abortable, unwatchSignal, watchSignal } from "./signals.js";

/** Hands each message over when it is asked for: `send` waits until it is taken. */
class Handover implements AsyncIterableIterator<object> {
  #state: "open" | "ended" = "open";
  readonly #offered: { readonly message: object; readonly taken: () => void; readonly refused: (error: Error) => void }[] = [];
  readonly #wanted: ((result: IteratorResult<object>) => void)[] = [];

  put(message: object): Promise<void> {
    if (this.#state === "ended") return Promise.reject(new StreamClosedError());
    const want = this.#wanted.shift();
    if (want !== undefined) {
      want({ done: false, value: message });
      return Promise.resolve();
    }
    return new Promise((taken, refused) => this.#offered.push({ message, taken, refused }));
  }

  end(): void {
    this.#state = "ended";
    for (const want of this.#wanted.splice(0)) want({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<object>> {
    const offer = this.#offered.shift();
    if (offer !== undefined) {
      offer.taken();
      return Promise.resolve({ done: false, value: offer.message });
    }
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  return(): Promise<IteratorResult<object>> {
    this.end();
    for (const { refused } of this.#offered.splice(0)) refused(new StreamClosedError());
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* toAsync(source: Source<object>): AsyncIterable<object> {
  yield* source;
}

export class InterceptedStream implements BidiStream<object, object>, ClientStream<object, object>, Abortable {
  readonly #handover: Handover | undefined;
  readonly #responses: AsyncIterator<object>;
  readonly #cancel: AbortController;
  readonly #caller: AbortSignal | undefined;
  #reader: "none" | "recv" | "iterator" = "none";

  /** `cancel` ends the call inside; `caller` is the signal that the caller gave. */
  constructor(
    chain: StreamNext,
    call: ClientCallInfo,
    signals: { readonly cancel: AbortController; readonly caller: AbortSignal | undefined },
    request: object | undefined,
    source: Source<object> | undefined,
  ) {
    this.#cancel = signals.cancel;
    this.#caller = signals.caller;
    if (this.#caller?.aborted) this.onAbort();
    else if (this.#caller !== undefined) watchSignal(this.#caller, this);
    this.#handover = request === undefined && source === undefined ? new Handover() : undefined;
    call.requests = this.#handover ?? toAsync(source ?? [request as object]);
    this.#responses = chain(call)[Symbol.asyncIterator]();
    // Interceptors are generators: nothing runs until the first response is asked for, and a sender may not ask at first.
    this.#first = this.#step();
    this.#first.catch(() => {});
  }
  #canceled: TtrpcError | undefined;
  #first: Promise<IteratorResult<object>> | undefined;

  #next(): Promise<IteratorResult<object>> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#step();
  }

  async #step(): Promise<IteratorResult<object>> {
    try {
      const result = await this.#responses.next();
      if (result.done === true) this.#unwatch();
      return result;
    } catch (error) {
      this.#unwatch();
      throw error;
    }
  }

  onAbort(): void {
    this.#cancel.abort(this.#caller?.reason);
  }

  #unwatch(): void {
    if (this.#caller !== undefined) unwatchSignal(this.#caller, this);
  }

  send(message: object): Promise<void> {
    return this.#handover === undefined ? Promise.reject(new StreamClosedError()) : this.#handover.put(message);
  }

  async closeSend(): Promise<void> {
    this.#handover?.end();
  }

  async recv(): Promise<object | undefined> {
    if (this.#reader === "iterator") throw new Error("recv() on a stream that is being iterated: use one or the other");
    this.#reader = "recv";
    if (this.#canceled !== undefined) throw this.#canceled;
    const result = await this.#next();
    return result.done === true ? undefined : result.value;
  }

  async response(): Promise<object> {
    const message = await this.recv();
    if (message === undefined) throw new ProtocolError("the stream ended without a response: protocol error");
    return message;
  }

  async closeAndRecv(): Promise<object> {
    await this.closeSend();
    return this.response();
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    if (this.#reader !== "none") throw new Error("the stream is being read already");
    this.#reader = "iterator";
    return { next: () => this.#next(), return: () => this.#release() };
  }

  cancel(reason?: unknown): void {
    this.#canceled ??= canceled(reason);
    void this.#release(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }

  async #release(reason?: unknown): Promise<IteratorResult<object>> {
    void this.#handover?.return();
    this.#first = undefined;
    // A generator that waits runs its return() only when what it waits for has come: the call must end.
    this.#unwatch();
    this.#cancel.abort(reason);
    await Promise.resolve(this.#responses.return?.()).catch(() => {});
    return { done: true, value: undefined };
  }
}
