// What both ends of a connection do: take batches of frames apart, send frames within the limit, hold back when the
// peer does not read, and end once.
import type { Channel, ChannelReceiver } from "./channel/channel.js";
import type { Outbox } from "./channel/outbox.js";
import { DeadlineQueue } from "./deadlines.js";
import { ClosedError, OversizedMessageError, ProtocolError, type TtrpcError } from "./errors.js";
import { HEADER_BYTES, IN_ROW_WORDS, KIND_OVERSIZE } from "./wire/frame.js";
import { Reader } from "./wire/reader.js";
import { ReadStrings } from "./wire/repeats.js";
import type { Writer } from "./wire/writer.js";

/** Queued output above which senders wait, and a server takes no further requests of that connection. */
const HIGH_WATER_BYTES = 1 << 20;
/** How long `close` waits for queued output to leave. */
const CLOSE_DRAIN_MS = 1_000;

/** Decoding is synchronous: one reader serves all connections, and an idle one has none of its own. */
const sharedReader = new Reader(Buffer.alloc(0));
sharedReader.repeats = new ReadStrings();

/** Counters of one connection since it was made. */
export interface ConnectionStats {
  readonly callsStarted: number;
  readonly callsFailed: number;
  readonly active: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly queuedBytes: number;
}

export abstract class Connection implements ChannelReceiver {
  readonly channel: Channel;
  readonly maxMessageBytes: number;
  readonly #maxDiscardBytes: number;
  readonly deadlines: DeadlineQueue = new DeadlineQueue();
  /** open: takes new calls. draining: finishes those it has. closed: nothing is sent or received any more. */
  state: "open" | "draining" | "closed" = "open";
  protected callsStarted = 0;
  protected callsFailed = 0;
  protected readonly reader: Reader = sharedReader;
  readonly #outbox: Outbox;
  readonly #handle: number;
  #bytesSent = 0;
  #bytesReceived = 0;
  #framesSent = 0;
  #framesReceived = 0;
  /** How many have asked for the socket to be paused. */
  #pauses = 0;
  #drain: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(channel: Channel, limits: { readonly maxMessageBytes: number; readonly maxDiscardBytes: number }) {
    this.channel = channel;
    this.maxMessageBytes = limits.maxMessageBytes;
    this.#maxDiscardBytes = limits.maxDiscardBytes;
    this.#outbox = channel.outbox;
    this.#handle = channel.handle;
  }

  /** Begins to read. */
  protected open(): void {
    this.channel.open(this, this.maxMessageBytes);
  }

  /** One complete frame. */
  protected abstract onFrame(streamId: number, kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void;
  /** A frame whose payload was over the limit and has been discarded. */
  protected abstract onOversize(streamId: number, length: number): void;
  /** The connection is closed; `cause` if it broke. Comes once. */
  protected abstract onClosed(cause: Error | undefined): void;
  /** Calls and streams in flight. */
  protected abstract get active(): number;

  /** Whether the frames still to come must wait; asked before each. */
  protected get overwhelmed(): boolean {
    return false;
  }

  onFrames(slab: Buffer, table: Uint32Array, count: number, owned: boolean): void {
    this.takeFrames(slab, table, count, owned);
  }

  /** Takes frames while it can, and returns how many it took. */
  protected takeFrames(slab: Buffer, table: Uint32Array, count: number, owned: boolean): number {
    let i = 0;
    for (let at = 0; i < count && this.state !== "closed" && !this.overwhelmed; i++, at += IN_ROW_WORDS) {
      const kind = table[at + 1] as number;
      const length = table[at + 3] as number;
      this.#bytesReceived += HEADER_BYTES + length;
      if (kind >= KIND_OVERSIZE) this.#onTooLarge(table[at] as number, length);
      else this.onFrame(table[at] as number, kind, slab, table[at + 2] as number, length, owned);
    }
    this.#framesReceived += i;
    return i;
  }

  #onTooLarge(streamId: number, length: number): void {
    if (length <= this.#maxDiscardBytes) return this.onOversize(streamId, length);
    this.terminate(new ProtocolError(`a frame of ${length} bytes exceeds the ${this.#maxDiscardBytes} bytes that are discarded: protocol error`));
  }

  /** The peer sends no more. Whoever waits for it waits in vain. */
  onHalfClose(): void {
    this.terminate(undefined);
  }

  onEnd(cause: Error | undefined): void {
    this.terminate(cause);
  }

  /** Begins a frame: encode the payload, then call `send`. Throws if the connection is closed: its place in the outbox may be another's. */
  begin(): Writer {
    if (this.state === "closed") throw closedError(undefined);
    return this.#outbox.begin();
  }

  /** Drops the frame begun. */
  abandon(): void {
    this.#outbox.abort();
  }

  /** Throws if the frame begun is over the limit. */
  checkSize(): void {
    const bytes = this.#outbox.frameBytes;
    if (bytes > this.maxMessageBytes) throw new OversizedMessageError(bytes, this.maxMessageBytes);
  }

  /** Sends the frame begun. */
  send(streamId: number, type: number, flags: number): void {
    if (this.state === "closed") {
      // Closed while the message was encoded.
      this.abandon();
      throw closedError(undefined);
    }
    this.#framesSent++;
    this.#bytesSent += HEADER_BYTES + this.#outbox.end(this.#handle, streamId, type, flags);
  }

  /** Sends a frame without payload. */
  sendEmpty(streamId: number, type: number, flags: number): void {
    if (this.state === "closed") return;
    this.begin();
    this.send(streamId, type, flags);
  }

  /** Whether the peer has left more unread than is good. */
  get congested(): boolean {
    return this.channel.queuedBytes > HIGH_WATER_BYTES;
  }

  /** Undefined if a sender may go on at once; else what it must wait for. Resolves when the connection closes, too. */
  writable(): Promise<void> | undefined {
    if (this.state === "closed") return undefined;
    return this.congested ? this.drained() : this.#outbox.turn();
  }

  /** Resolves when everything queued has been given to the system, or the connection is closed. */
  drained(): Promise<void> {
    if (this.#drain === undefined) {
      let resolve: () => void = () => {};
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.#drain = { promise, resolve };
    }
    return this.#drain.promise;
  }

  onDrain(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.resolve();
  }

  /** Stops reading until everybody who paused has resumed. */
  pause(): void {
    if (this.#pauses++ === 0 && this.state !== "closed") this.channel.pause();
  }

  resume(): void {
    if (--this.#pauses === 0 && this.state !== "closed") this.channel.resume();
  }

  /** Sends what is queued, waiting for a slow peer for a second at most, then closes. */
  async closeGently(): Promise<void> {
    if (this.state === "closed") return;
    this.state = "draining";
    this.#outbox.flush();
    if (this.channel.queuedBytes > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.drained(), new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_DRAIN_MS)))]);
      clearTimeout(timer);
    }
    this.terminate(undefined);
  }

  /** Ends the connection. Idempotent. */
  terminate(cause: Error | undefined): void {
    if (this.state === "closed") return;
    this.#outbox.flush();
    this.state = "closed";
    this.deadlines.clear();
    this.channel.close();
    this.onDrain();
    this.onClosed(cause);
  }

  stats(): ConnectionStats {
    return {
      callsStarted: this.callsStarted,
      callsFailed: this.callsFailed,
      active: this.active,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      framesSent: this.#framesSent,
      framesReceived: this.#framesReceived,
      queuedBytes: this.state === "closed" ? 0 : this.channel.queuedBytes,
    };
  }
}

/** What calls on a connection end with when it is gone. */
export function closedError(cause: Error | undefined): TtrpcError {
  return cause === undefined ? new ClosedError() : new ClosedError(undefined, { cause });
}
