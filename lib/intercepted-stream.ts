// A client stream with interceptors around it: they see iterables, so what is sent goes through one and what is
// received comes from one.
import type { BidiStream, ClientStream, Source } from "./call.js";
import type { ClientCallInfo } from "./client-call-info.js";
import { ProtocolError, StreamClosedError } from "./errors.js";
import type { StreamNext } from "./interceptor.js";

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

export class InterceptedStream implements BidiStream<object, object>, ClientStream<object, object> {
  readonly #handover: Handover | undefined;
  readonly #responses: AsyncIterator<object>;
  readonly #cancel: AbortController;
  #reader: "none" | "recv" | "iterator" = "none";

  constructor(chain: StreamNext, call: ClientCallInfo, cancel: AbortController, request: object | undefined, source: Source<object> | undefined) {
    this.#cancel = cancel;
    this.#handover = request === undefined && source === undefined ? new Handover() : undefined;
    call.requests = this.#handover ?? toAsync(source ?? [request as object]);
    this.#responses = chain(call)[Symbol.asyncIterator]();
    // Interceptors are generators: nothing runs until the first response is asked for, and a sender may not ask at first.
    this.#first = this.#responses.next();
    this.#first.catch(() => {});
  }
  #first: Promise<IteratorResult<object>> | undefined;

  #next(): Promise<IteratorResult<object>> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#responses.next();
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
    void this.#release(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }

  async #release(reason?: unknown): Promise<IteratorResult<object>> {
    void this.#handover?.return();
    this.#first = undefined;
    // A generator that waits runs its return() only when what it waits for has come: the call must end.
    this.#cancel.abort(reason);
    await Promise.resolve(this.#responses.return?.()).catch(() => {});
    return { done: true, value: undefined };
  }
}
