// The receiving half of a stream, the same on both sides: messages wait here until somebody takes them.
import type { Connection } from "./connection.js";
import { type Deadline, nowMs } from "./deadlines.js";
import { canceled, StreamFullError, type TtrpcError } from "./errors.js";

/**
 * Messages of a stream. Breaking out of `for await`, `cancel()` and `await using` all release the stream; `recv()`
 * gives undefined at the end (Go: io.EOF).
 */
export interface ReceiveStream<O> extends AsyncIterable<O>, AsyncDisposable {
  /** The next message, or undefined at the end. Rejects with the stream's error, after the messages before it. */
  recv(): Promise<O | undefined>;
  /** Gives the stream up. The wire has no cancel: the peer is told only by the end of our sending. */
  cancel(reason?: unknown): void;
}

/** A queued message counts this much beside its bytes: small messages are small on the wire, not in memory. */
const MESSAGE_OVERHEAD_BYTES = 64;

type Resolve = (value: unknown) => void;
type Reject = (error: TtrpcError) => void;

interface Waiter {
  readonly resolve: Resolve;
  readonly reject: Reject;
}

let resolveLast: Resolve;
let rejectLast: Reject;

/** One executor for all promises: thousands of streams may wait at a time, and all that they hold is copied by the garbage collector. */
function capture(resolve: Resolve, reject: Reject): void {
  resolveLast = resolve;
  rejectLast = reject;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

export interface QueueLimits {
  /** Queued bytes at which the socket is paused. */
  readonly streamBufferBytes: number;
  /** How long a full queue may see no message taken. */
  readonly streamStallMs: number;
}

export class ReceiveQueue<O> implements ReceiveStream<O>, Deadline {
  deadlineMs = 0;
  deadlineIndex = -1;
  readonly #connection: Connection;
  readonly #limits: QueueLimits;
  readonly #onFull: (() => void) | undefined;
  readonly #onCancel: ((reason: unknown) => void) | undefined;
  #messages: O[] = [];
  #head = 0;
  /** Of all in `#messages`, taken ones included: what is left of it is reckoned when it matters, not per message. */
  #bytes = 0;
  /** Who waits for the next message: nearly always one, whose functions need no object and no list. */
  #resolve: Resolve | undefined;
  #reject: Reject | undefined;
  #later: Waiter[] | undefined;
  /** open: more may come. ended: all has come. failed: `#error` follows what is queued. released: nobody wants more. */
  #state: "open" | "ended" | "failed" | "released" = "open";
  #error: TtrpcError | undefined;
  #flow: "flowing" | "full" = "flowing";
  /** When a message was last taken from the full queue. */
  #progressMs = 0;
  #reader: "none" | "recv" | "iterator" = "none";

  /** `onFull`: nobody read for too long. `onCancel`: the reader has given up. */
  constructor(connection: Connection, limits: QueueLimits, onFull?: () => void, onCancel?: (reason: unknown) => void) {
    this.#connection = connection;
    this.#limits = limits;
    this.#onFull = onFull;
    this.#onCancel = onCancel;
  }

  /** Whether the peer may still send. */
  get open(): boolean {
    return this.#state === "open";
  }

  push(message: O, bytes: number): void {
    if (this.#state !== "open") return;
    if (this.#resolve !== undefined) {
      const resolve = this.#resolve;
      this.#nextWaiter();
      resolve(this.#reader === "recv" ? message : { done: false, value: message });
      return;
    }
    // `push` is a call here: 4 % of a streaming client.
    const messages = this.#messages;
    messages[messages.length] = message;
    this.#bytes += bytes + MESSAGE_OVERHEAD_BYTES;
    if (this.#flow === "flowing" && this.#bytes > this.#limits.streamBufferBytes && this.#queuedBytes > this.#limits.streamBufferBytes) this.#hold();
  }

  /** Bytes not yet taken: a message counts as one of average size. */
  get #queuedBytes(): number {
    const { length } = this.#messages;
    return length === 0 ? 0 : (this.#bytes * (length - this.#head)) / length;
  }

  /** All has come. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#release();
    this.#endWaiters();
  }

  /** Nothing more will come, because of `error`; what is queued is delivered first. */
  fail(error: TtrpcError): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#release();
    for (let reject = this.#reject; reject !== undefined; reject = this.#reject) {
      this.#nextWaiter();
      reject(error);
    }
  }

  /** The first waiter is served. */
  #nextWaiter(): void {
    const next = this.#later?.shift();
    this.#resolve = next?.resolve;
    this.#reject = next?.reject;
  }

  #endWaiters(): void {
    for (let resolve = this.#resolve; resolve !== undefined; resolve = this.#resolve) {
      this.#nextWaiter();
      resolve(this.#reader === "recv" ? undefined : done);
    }
  }

  recv(): Promise<O | undefined> {
    if (this.#reader === "iterator") return Promise.reject(new Error("recv() on a stream that is being iterated: use one or the other"));
    this.#reader = "recv";
    if (this.#head < this.#messages.length) return Promise.resolve(this.#take());
    if (this.#state === "open") return this.#wait();
    return this.#error !== undefined && this.#state === "failed" ? Promise.reject(this.#error) : Promise.resolve(undefined);
  }

  [Symbol.asyncIterator](): AsyncIterator<O, undefined> {
    if (this.#reader !== "none") {
      throw new Error(this.#reader === "iterator" ? "the stream is being iterated already" : "iterating a stream that recv() is used on: use one or the other");
    }
    this.#reader = "iterator";
    return {
      next: () => (this.#head < this.#messages.length ? Promise.resolve({ done: false, value: this.#take() }) : this.#next()),
      return: () => {
        this.#abandon(undefined);
        return Promise.resolve(done);
      },
    };
  }

  cancel(reason?: unknown): void {
    if (this.#state === "open") this.fail(canceled(reason));
    this.#drop();
    this.#onCancel?.(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abandon(undefined);
  }

  /** Ends without an error for the reader, who asked for it. */
  #abandon(reason: unknown): void {
    const { open } = this;
    if (open) {
      this.#state = "released";
      this.#release();
      this.#endWaiters();
    } else if (this.#state === "failed") this.#state = "released";
    this.#drop();
    if (open) this.#onCancel?.(reason);
  }

  #next(): Promise<IteratorResult<O, undefined>> {
    if (this.#state === "open") return this.#wait();
    return this.#error !== undefined && this.#state === "failed" ? Promise.reject(this.#error) : Promise.resolve(done);
  }

  /** Resolves with the next message: bare for `recv`, as a result for an iterator. */
  #wait<R>(): Promise<R> {
    const promise = new Promise(capture);
    if (this.#resolve === undefined) {
      this.#resolve = resolveLast;
      this.#reject = rejectLast;
    } else (this.#later ??= []).push({ resolve: resolveLast, reject: rejectLast });
    return promise as Promise<R>;
  }

  #take(): O {
    const message = this.#messages[this.#head++] as O;
    if (this.#head === this.#messages.length) this.#drop();
    else if (this.#head === COMPACT_AT) {
      this.#bytes = this.#queuedBytes;
      this.#messages = this.#messages.slice(COMPACT_AT);
      this.#head = 0;
    }
    if (this.#flow === "full") this.#progress();
    return message;
  }

  /** Forgets what is queued. */
  #drop(): void {
    this.#messages = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #hold(): void {
    this.#flow = "full";
    this.#connection.pause();
    this.#progressMs = nowMs();
    this.#watch();
  }

  #watch(): void {
    this.deadlineMs = this.#progressMs + this.#limits.streamStallMs;
    this.#connection.deadlines.add(this);
  }

  /** A message was taken from a full queue: a slow reader is slow, not dead. */
  #progress(): void {
    if (this.#queuedBytes <= this.#limits.streamBufferBytes / 2) this.#release();
    else this.#progressMs = nowMs();
  }

  #release(): void {
    if (this.#flow === "flowing") return;
    this.#flow = "flowing";
    this.#connection.deadlines.remove(this);
    this.#connection.resume();
  }

  onDeadline(): void {
    if (nowMs() < this.#progressMs + this.#limits.streamStallMs) return this.#watch();
    this.fail(new StreamFullError());
    this.#onFull?.();
  }
}

const COMPACT_AT = 1024;
