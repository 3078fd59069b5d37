// Strings that come again within one batch of frames: an id or a namespace is in every message of a stream. The bytes of the one
// before still lie in the receive slab, or in the send arena, so that nothing is copied for the case that they come again, and a
// text that does not costs little more. Measured in docs/performance.md ("Strings").
import { type Entry, ReadEntries, WrittenEntries } from "./repeated-entries.js";
import { readUtf8 } from "./utf8.js";

const MIN_BYTES = 8;
const MAX_BYTES = 64;

/** After so many strings of one slot that were not the one before in their batch, the next ones of that slot are not looked at: their texts differ. */
const MISSES = 4;
const REST = 100;

const SLOTS = 1_024;

/** What both directions keep: the last string of each slot, and where its bytes are. */
abstract class RepeatedStrings {
  protected readonly starts: Int32Array = new Int32Array(SLOTS);
  /** Doubles: 32 bits come round within hours, and what was kept in a batch of the same number would pass for what lies there now. */
  protected readonly batches: Float64Array = new Float64Array(SLOTS);
  protected readonly texts: string[] = new Array<string>(SLOTS).fill("");
  /** Misses left, or below zero the strings to pass by. */
  readonly #credits: Int8Array = new Int8Array(SLOTS).fill(MISSES);
  batch: number = 1;
  #viewed: Uint8Array | undefined;
  /** Of `#viewed`. Four bytes at a time, wherever they lie: 32 bytes take 15 ns instead of 45. */
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** What came before lies there no longer. */
  forget(): void {
    this.batch++;
  }

  protected viewOf(buf: Uint8Array): DataView {
    if (this.#viewed !== buf) {
      this.#viewed = buf;
      this.#view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
    }
    return this.#view;
  }

  /**
   * Where a text of `length` bytes at `start` is kept: a slot for each field number and length, because two fields whose texts are of one
   * length would push each other out. Numbers from 16 on may share slots, lengths never. A text begins behind a length of one byte, and
   * that behind the field's tag. -1 if the text is not to be looked at.
   */
  slot(buf: Uint8Array, start: number, length: number): number {
    if (length < MIN_BYTES || length > MAX_BYTES) return -1;
    const slot = (length + ((buf[start - 2] as number) >> 3) * MAX_BYTES) & (SLOTS - 1);
    const credit = this.#credits[slot] as number;
    if (credit >= 0) return slot;
    this.#credits[slot] = credit + 1;
    return -1;
  }

  protected hit(slot: number): void {
    this.#credits[slot] = MISSES;
  }

  protected miss(slot: number): void {
    const credit = this.#credits[slot] as number;
    this.#credits[slot] = credit === 0 ? -REST : credit - 1;
  }

  protected keep(slot: number, start: number, text: string): void {
    this.batches[slot] = this.batch;
    this.starts[slot] = start;
    this.texts[slot] = text;
  }
}

/** Copies `length` bytes, eight at least, from `before` to `at`: as doubles, which takes two thirds of the time of words. No eight of them are a NaN. */
function copyWithin(view: DataView, at: number, before: number, length: number): void {
  const last = length - 8;
  for (let i = 0; i < last; i += 8) view.setFloat64(at + i, view.getFloat64(before + i, true), true);
  view.setFloat64(at + last, view.getFloat64(before + last, true), true);
}

/** Strings read from the slab. */
export class ReadStrings extends RepeatedStrings {
  readonly #entries: ReadEntries = new ReadEntries();

  /** The string of `length` bytes at `start`. */
  read(buf: Uint8Array, start: number, length: number): string {
    const slot = this.slot(buf, start, length);
    if (slot < 0) return readUtf8(buf, start, start + length);
    if (this.batches[slot] === this.batch) {
      const view = this.viewOf(buf);
      const before = this.starts[slot] as number;
      let i = 0;
      while (i + 4 <= length && view.getInt32(before + i, true) === view.getInt32(start + i, true)) i += 4;
      while (i < length && buf[before + i] === buf[start + i]) i++;
      if (i === length) {
        this.hit(slot);
        return this.texts[slot] as string;
      }
    }
    this.miss(slot);
    const text = readUtf8(buf, start, start + length);
    this.keep(slot, start, text);
    return text;
  }

  /** The entry of a map, length first, at `start`, if the same bytes were read before; they end before `end`. */
  entryAgain(buf: Uint8Array, start: number, end: number): Entry | undefined {
    return this.#entries.again(this.batch, buf, this.viewOf(buf), start, end);
  }

  /** An entry was read from `start`, in so many bytes. */
  readEntry(buf: Uint8Array, start: number, bytes: number, key: string, value: string): void {
    this.#entries.read(this.batch, buf, start, bytes, key, value);
  }
}

/** ASCII strings written to the arena. */
export class WrittenStrings extends RepeatedStrings {
  readonly entries: WrittenEntries = new WrittenEntries();

  /** Copies `text` to `at` from where it was written before, if it was. */
  again(slot: number, buf: Uint8Array, at: number, text: string): boolean {
    if (this.batches[slot] !== this.batch || this.texts[slot] !== text) {
      this.miss(slot);
      return false;
    }
    this.hit(slot);
    copyWithin(this.viewOf(buf), at, this.starts[slot] as number, text.length);
    return true;
  }

  /** `text` was written at `at`, in so many bytes. */
  wrote(slot: number, at: number, text: string, bytes: number): void {
    if (bytes === text.length) this.keep(slot, at, text);
  }

  /** Copies `bytes` that were written at `start` to `at`, where room must be. */
  copy(buf: Uint8Array, at: number, start: number, bytes: number): void {
    copyWithin(this.viewOf(buf), at, start, bytes);
  }
}
