// Outgoing frames of one event loop: payloads are encoded into one arena, one table says what goes where, and
// a flush at the end of the tick sends everything.
import { frameKind, HEADER_BYTES, OUT_ROW_WORDS } from "../wire/frame.js";
import { WrittenStrings } from "../wire/repeats.js";
import { Writer } from "../wire/writer.js";

/** Size of a fresh arena; one message larger than it makes it grow. */
export const ARENA_BYTES = 262_144;
/** Encoded bytes that are not held back until the end of the tick. */
const FLUSH_BYTES = 131_072;
export const TABLE_ROWS = 4096;

/** Words of the block shared with the addon. */
export const CONTROL_OUT_ROWS = 0;
export const CONTROL_REFERENCE_ROWS = 1;
/** 1 while the addon is calling: it flushes by itself when the call, its ticks and its microtasks are over. */
export const CONTROL_IN_CALLBACK = 2;
/** Channels whose peer does not take what they have to send. */
export const CONTROL_BACKLOGGED = 3;
export const CONTROL_WORDS = 4;

/** Encodes frames and sends them once per tick. One per event loop and kind of channel. */
export abstract class Outbox {
  readonly writer: Writer = new Writer(Buffer.allocUnsafeSlow(ARENA_BYTES), true);
  protected readonly table: Uint32Array = new Uint32Array(TABLE_ROWS * OUT_ROW_WORDS);
  protected readonly control: Int32Array = new Int32Array(CONTROL_WORDS);
  /** Frames that are not held back until the end of the tick. */
  protected flushRows: number = TABLE_ROWS;
  #frame: "none" | "open" = "none";
  #tick: "none" | "scheduled" = "none";
  #start = 0;
  /** Bytes flushed within this turn of the event loop; a sender that has filled the turn waits for the next. */
  #turnBytes = 0;
  #nextTurn: Promise<void> | undefined;

  constructor() {
    this.writer.repeats = new WrittenStrings();
  }

  /** Begins a frame: encode its payload with the writer, then call `end` or `abort`. */
  begin(): Writer {
    if (this.#frame === "open") throw new Error("a message is being encoded: a getter or an encoder made a call of its own");
    this.#frame = "open";
    const { writer } = this;
    // The addon flushes by itself at the end of a callback: an empty table means a free arena.
    if (this.control[CONTROL_OUT_ROWS] === 0) writer.pos = 0;
    this.#start = writer.pos;
    writer.reserve(HEADER_BYTES + 64);
    writer.pos += HEADER_BYTES;
    return writer;
  }

  /** Payload bytes of the open frame so far. */
  get frameBytes(): number {
    return this.writer.lengthSince(this.#start + HEADER_BYTES);
  }

  /** Drops the open frame. */
  abort(): void {
    this.writer.rewind(this.#start);
    this.#frame = "none";
  }

  /** Ends the open frame, for the channel of `handle`, and returns its payload bytes. */
  end(handle: number, streamId: number, type: number, flags: number): number {
    const { writer, control, table } = this;
    this.#frame = "none";
    const row = control[CONTROL_OUT_ROWS] as number;
    const at = row * OUT_ROW_WORDS;
    const payload = this.#start + HEADER_BYTES;
    table[at] = handle;
    table[at + 1] = streamId;
    table[at + 2] = frameKind(type, flags);
    table[at + 3] = payload;
    const length = writer.lengthSince(payload);
    table[at + 4] = length;
    control[CONTROL_OUT_ROWS] = row + 1;
    if (writer.references.length !== 0 || writer.pos >= FLUSH_BYTES || row + 1 >= this.flushRows) this.flush();
    else if (row === 0 && control[CONTROL_IN_CALLBACK] === 0 && this.#tick === "none") {
      this.#tick = "scheduled";
      // The tick queued by a microtask runs after all microtasks: replies of this turn share one flush.
      queueMicrotask(this.#scheduleFlush);
    }
    return length;
  }

  readonly #scheduleFlush = (): void => process.nextTick(this.#flushTick);

  readonly #flushTick = (): void => {
    this.#tick = "none";
    this.flush();
  };

  /** Sends what is in the table. Not in the middle of a frame: the getter of a message may close a connection. */
  flush(): void {
    if (this.control[CONTROL_OUT_ROWS] === 0 || this.#frame === "open") return;
    this.#turnBytes += this.writer.pos;
    this.send();
  }

  /** Sends all rows and leaves the table empty and the arena free. */
  protected abstract send(): void;

  /** Undefined while this turn of the event loop has room; else what to wait for, so that timers and other connections get theirs. */
  turn(): Promise<void> | undefined {
    if (this.#turnBytes < FLUSH_BYTES) return undefined;
    this.#nextTurn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turnBytes = 0;
        this.#nextTurn = undefined;
        resolve();
      });
    });
    return this.#nextTurn;
  }
}
