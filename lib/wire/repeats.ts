// Strings that come again: an id or a namespace is in every message of a stream, and in every call of a program. Each is kept with its
// bytes, so that it is compared or copied as a block, not letter by letter, and a text that does not come again costs little more.
// Measured in docs/performance.md ("Strings").
import { copyBlock, sameBlock, Viewed } from "./blocks.js";
import { type Entry, ReadEntries, WrittenEntries } from "./repeated-entries.js";
import { readUtf8 } from "./utf8.js";

const MIN_BYTES = 8;
const MAX_BYTES = 64;

/** After so many strings of one slot that were not the one before, the next ones of that slot are not looked at: their texts differ. */
const MISSES = 4;
const REST = 100;

const SLOTS = 1_024;

/** What both directions keep: the last string of each slot. */
abstract class RepeatedStrings {
  protected readonly texts: string[] = new Array<string>(SLOTS).fill("");
  /** Their bytes. */
  protected readonly kept: DataView = new DataView(new ArrayBuffer(SLOTS * MAX_BYTES));
  protected readonly viewed: Viewed = new Viewed();
  /** Misses left, or below zero the strings to pass by. */
  readonly #credits: Int8Array = new Int8Array(SLOTS).fill(MISSES);

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

  protected keep(slot: number, text: string, view: DataView, start: number, length: number): void {
    this.texts[slot] = text;
    copyBlock(this.kept, slot * MAX_BYTES, view, start, length);
  }
}

/** Strings read from a slab. */
export class ReadStrings extends RepeatedStrings {
  readonly #entries: ReadEntries = new ReadEntries();

  /** The string of `length` bytes at `start`. */
  read(buf: Uint8Array, start: number, length: number): string {
    const slot = this.slot(buf, start, length);
    if (slot < 0) return readUtf8(buf, start, start + length);
    const view = this.viewed.of(buf);
    const before = this.texts[slot] as string;
    if (before !== "" && sameBlock(this.kept, slot * MAX_BYTES, view, start, length)) {
      this.hit(slot);
      return before;
    }
    this.miss(slot);
    const text = readUtf8(buf, start, start + length);
    this.keep(slot, text, view, start, length);
    return text;
  }

  /** The entry of a map, length first, at `start`, if the same bytes were read before; they end before `end`. */
  entryAgain(buf: Uint8Array, start: number, end: number): Entry | undefined {
    return this.#entries.again(buf, this.viewed.of(buf), start, end);
  }

  /** An entry was read from `start`, in so many bytes. */
  readEntry(buf: Uint8Array, start: number, bytes: number, key: string, value: string): void {
    this.#entries.read(buf, this.viewed.of(buf), start, bytes, key, value);
  }
}

/** ASCII strings written to an arena. */
export class WrittenStrings extends RepeatedStrings {
  readonly entries: WrittenEntries = new WrittenEntries();

  /** Writes `text` at `at`, if it was written before. */
  again(slot: number, buf: Uint8Array, at: number, text: string): boolean {
    if (this.texts[slot] !== text) {
      this.miss(slot);
      return false;
    }
    this.hit(slot);
    copyBlock(this.viewed.of(buf), at, this.kept, slot * MAX_BYTES, text.length);
    return true;
  }

  /** `text` was written at `at`, in so many bytes. */
  wrote(slot: number, buf: Uint8Array, at: number, text: string, bytes: number): void {
    if (bytes === text.length) this.keep(slot, text, this.viewed.of(buf), at, bytes);
  }

  /** Writes what `entries` keeps from `start` on at `at`, where room must be. */
  copyEntries(buf: Uint8Array, at: number, start: number, bytes: number): void {
    copyBlock(this.viewed.of(buf), at, this.entries.log, start, bytes);
  }

  /** An entry was written at `at`, in so many bytes. */
  wroteEntry(entry: Entry, buf: Uint8Array, at: number, bytes: number, tag: number, key: string, value: string): void {
    this.entries.wrote(entry, this.viewed.of(buf), at, bytes, tag, key, value);
  }
}
