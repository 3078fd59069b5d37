// The server side of one stream: requests come in through a queue, responses go out as the handler makes them.
// Go: stream_server.go, and streamHandler in services.go.
import { isSource, type Source } from "./call.js";
import type { CallContext } from "./call-context.js";
import { Code, StreamClosedError, StreamFullError, TtrpcError } from "./errors.js";
import { composeStream, type StreamNext } from "./interceptor.js";
import { pump, type Sink } from "./pump.js";
import { ReceiveQueue } from "./receive-queue.js";
import type { Registered } from "./registry.js";
import { ServerStreamCall } from "./server-call-info.js";
import { clientStreams, serverStreams } from "./services.js";
import { isThenable, wrongReply } from "./unary-server.js";
import { FLAG_NO_DATA, FLAG_REMOTE_CLOSED } from "./wire/frame.js";

export class StreamServer implements Sink {
  readonly call: CallContext;
  onOver: (() => void) | undefined;
  readonly #requests: ReceiveQueue<object>;
  /** Whether the client may still send. */
  #remote: "open" | "closed" = "open";

  constructor(call: CallContext) {
    this.call = call;
    this.#requests = new ReceiveQueue(call.connection, call.connection.config, () => this.#onFull());
  }

  /** Starts the handler. `[start, end)` of the slab is the Request's payload; `closed` if the Request half-closes. */
  run(slab: Buffer, start: number, end: number, owned: boolean, closed: boolean): void {
    const { call } = this;
    const { connection, registered } = call;
    connection.enter(call);
    // A client-streaming method has a first message in its Request only if there is a payload: Go sends none, and Rust marks none.
    let first: object | undefined;
    try {
      if (!clientStreams(registered.method.kind) || end > start) first = connection.decode(registered.method.input, slab, start, end, owned);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (first !== undefined) this.#requests.push(first, end - start);
    if (closed || !clientStreams(registered.method.kind)) {
      this.#remote = "closed";
      this.#requests.end();
    }
    this.#answer(first).then(
      () => this.#leave(),
      (error: unknown) => this.#fail(error),
    );
  }

  async #answer(first: object | undefined): Promise<void> {
    const { registered, connection } = this.call;
    const result = registered.interceptors.length === 0 ? this.#invoke(registered, first) : this.#runIntercepted(registered);
    if (serverStreams(registered.method.kind)) {
      if (!isSource(result)) throw new TtrpcError(Code.Internal, `ttrpc: ${registered.path} must return an iterable of messages, not ${describe(result)}`);
      await pump(result, this);
      connection.endStream(this.call);
      return;
    }
    const message = registered.interceptors.length === 0 ? await result : await only(result as AsyncIterable<object>);
    const wrong = wrongReply(message);
    if (wrong !== undefined) throw wrong;
    connection.answer(this.call, message as object);
  }

  #invoke(registered: Registered, first: object | undefined): unknown {
    const input = clientStreams(registered.method.kind) ? this.#requests : first;
    return registered.handler(input as object, this.call);
  }

  #runIntercepted(registered: Registered): AsyncIterable<object> {
    let chain = chains.get(registered);
    if (chain === undefined)
      chains.set(registered, (chain = composeStream(registered.interceptors, (info) => callHandler(registered, info as ServerStreamCall))));
    return chain(new ServerStreamCall(this.call, this.#requests));
  }

  /** Whether the client wants no more responses. */
  get over(): boolean {
    return this.call.state === "answered";
  }

  write(message: object): Promise<void> | undefined {
    const { call } = this;
    const wrong = wrongReply(message);
    if (wrong !== undefined) throw wrong;
    call.connection.sendMessage(call, message);
    return call.connection.writable() && this.#untilWritable();
  }

  async #untilWritable(): Promise<void> {
    const { connection } = this.call;
    for (let wait = connection.writable(); wait !== undefined && !this.over; wait = connection.writable()) await wait;
  }

  /** A Data frame. Returns why it is refused, if it is. */
  onData(flags: number, slab: Buffer, offset: number, length: number, owned: boolean): string | undefined {
    const { connection, registered } = this.call;
    if ((flags & FLAG_NO_DATA) === 0) {
      if (this.#remote === "closed") return `data handling error: ${new StreamClosedError().message}`;
      try {
        this.#requests.push(connection.decode(registered.method.input, slab, offset, offset + length, owned), length);
      } catch (error) {
        // The handler is told when it gets there, as in Go; what it makes of it is the answer.
        this.#requests.fail(error as TtrpcError);
      }
    }
    if ((flags & FLAG_REMOTE_CLOSED) === 0) return undefined;
    this.#remote = "closed";
    this.#requests.end();
    return length > 0 ? "data close message cannot include data" : undefined;
  }

  /** Whether the client may still send. */
  get receiving(): boolean {
    return this.#remote === "open";
  }

  /** No more requests will come, because of `error`. */
  fail(error: TtrpcError): void {
    this.#requests.fail(error);
    this.onOver?.();
  }

  #onFull(): void {
    this.call.connection.answerStatus(this.call, new TtrpcError(Code.InvalidArgument, `data handling error: ${new StreamFullError().message}`));
  }

  #fail(error: unknown): void {
    this.call.connection.answerError(this.call, error);
    this.#leave();
  }

  #leave(): void {
    // What has come and was not read is of no use any more; the socket may have been waiting for it.
    this.#requests.cancel();
    this.call.connection.leave(this.call);
  }
}

/** The onion around each method with interceptors, composed on its first call. */
const chains = new WeakMap<Registered, StreamNext>();

/** Runs a handler of any kind as what interceptors see: iterables on both sides. */
async function* callHandler(registered: Registered, info: ServerStreamCall): AsyncIterable<object> {
  const { kind } = registered.method;
  const input = clientStreams(kind) ? new InterceptedRequests(info.requests) : await only(info.requests);
  const result = registered.handler(input, info.context);
  if (serverStreams(kind)) {
    if (!isSource(result)) throw new TtrpcError(Code.Internal, `ttrpc: ${registered.path} must return an iterable of messages, not ${describe(result)}`);
    yield* result;
  } else yield (await result) as object;
}

/** What an interceptor left of the requests, as the stream that handlers expect. */
class InterceptedRequests implements AsyncIterable<object>, AsyncDisposable {
  readonly #iterator: AsyncIterator<object>;

  constructor(requests: AsyncIterable<object>) {
    this.#iterator = requests[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    return this.#iterator;
  }

  async recv(): Promise<object | undefined> {
    const result = await this.#iterator.next();
    return result.done === true ? undefined : result.value;
  }

  cancel(): void {
    void this.#iterator.return?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iterator.return?.();
  }
}

async function only(messages: Source<object>): Promise<object> {
  for await (const message of messages) return message;
  throw new TtrpcError(Code.Internal, "an interceptor dropped the only message of a call");
}

function describe(value: unknown): string {
  return isThenable(value) ? "a promise (make it an async generator)" : value === null ? "null" : typeof value;
}
