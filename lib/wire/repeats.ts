// Strings that come again within one batch of frames: an id or a namespace is in every message of a stream. The bytes of the one
// before still lie in the receive slab, or in the send arena, so that nothing is copied for the case that they come again, and a
// text that does not costs little more. Measured in docs/performance.md ("Strings").
import { readUtf8 } from "./utf8.js";

const MIN_BYTES = 8;
const MAX_BYTES = 64;

/** After so many strings of one length that were not the one before, the next ones of that length are not looked at: their texts differ. */
const MISSES = 4;
const REST = 100;

/** An entry of a map, and where its bytes are. */
interface WrittenEntry {
  batch: number;
  tag: number;
  key: string;
  value: string;
  start: number;
  bytes: number;
}

const ENTRY_SLOTS = 32;

/** What both directions keep: the last string of each length, and where its bytes are. */
abstract class RepeatedStrings {
  protected readonly starts: Int32Array = new Int32Array(MAX_BYTES + 1);
  /** Doubles: 32 bits come round within hours, and what was kept in a batch of the same number would pass for what lies there now. */
  protected readonly batches: Float64Array = new Float64Array(MAX_BYTES + 1);
  protected readonly texts: string[] = new Array<string>(MAX_BYTES + 1).fill("");
  /** Misses left, or below zero the strings to pass by. */
  protected readonly credits: Int8Array = new Int8Array(MAX_BYTES + 1).fill(MISSES);
  protected batch = 1;
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

  protected resting(length: number): boolean {
    const credit = this.credits[length] as number;
    if (credit >= 0) return false;
    this.credits[length] = credit + 1;
    return true;
  }

  protected miss(length: number): void {
    const credit = this.credits[length] as number;
    this.credits[length] = credit === 0 ? -REST : credit - 1;
  }

  protected keep(length: number, start: number, text: string): void {
    this.batches[length] = this.batch;
    this.starts[length] = start;
    this.texts[length] = text;
  }
}

/** A place in a small table; two keys that share it push each other out. */
function entrySlot(key: string): number {
  return (key.length + key.charCodeAt(key.length >> 1) * 5) & (ENTRY_SLOTS - 1);
}

/** Copies `length` bytes from `before` to `at`. */
function copyWithin(buf: Uint8Array, view: DataView, at: number, before: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) view.setInt32(at + i, view.getInt32(before + i, true), true);
  for (; i < length; i++) buf[at + i] = buf[before + i] as number;
}

/** Strings read from the slab. */
export class ReadStrings extends RepeatedStrings {
  /** The string of `length` bytes at `start`. */
  read(buf: Uint8Array, start: number, length: number): string {
    if (length < MIN_BYTES || length > MAX_BYTES || this.resting(length)) return readUtf8(buf, start, start + length);
    if (this.batches[length] === this.batch) {
      const view = this.viewOf(buf);
      const before = this.starts[length] as number;
      let i = 0;
      while (i + 4 <= length && view.getInt32(before + i, true) === view.getInt32(start + i, true)) i += 4;
      while (i < length && buf[before + i] === buf[start + i]) i++;
      if (i === length) {
        this.credits[length] = MISSES;
        return this.texts[length] as string;
      }
      this.miss(length);
    }
    const text = readUtf8(buf, start, start + length);
    this.keep(length, start, text);
    return text;
  }
}

/** ASCII strings written to the arena. */
export class WrittenStrings extends RepeatedStrings {
  /** The labels of one thing are often those of the next. */
  readonly #entries: readonly WrittenEntry[] = Array.from({ length: ENTRY_SLOTS }, () => ({ batch: 0, tag: 0, key: "", value: "", start: 0, bytes: 0 }));

  /** Copies `text` to `at` from where it was written before, if it was. */
  again(buf: Uint8Array, at: number, text: string): boolean {
    const { length } = text;
    if (length < MIN_BYTES || length > MAX_BYTES || this.batches[length] !== this.batch || this.resting(length)) return false;
    if (this.texts[length] !== text) {
      this.miss(length);
      return false;
    }
    this.credits[length] = MISSES;
    copyWithin(buf, this.viewOf(buf), at, this.starts[length] as number, length);
    return true;
  }

  /** `text` was written at `at`, in so many bytes. */
  wrote(at: number, text: string, bytes: number): void {
    if (bytes === text.length && bytes >= MIN_BYTES && bytes <= MAX_BYTES && (this.credits[bytes] as number) >= 0) this.keep(bytes, at, text);
  }

  /** Copies an entry of a map, tag included, to `at` from where it was written before, and returns its bytes; 0 if it was not. */
  entryAgain(buf: Uint8Array, at: number, tag: number, key: string, value: string): number {
    const entry = this.#entries[entrySlot(key)] as WrittenEntry;
    if (entry.batch !== this.batch || entry.key !== key || entry.value !== value || entry.tag !== tag) return 0;
    copyWithin(buf, this.viewOf(buf), at, entry.start, entry.bytes);
    return entry.bytes;
  }

  /** An entry was written at `start`, in so many bytes. */
  wroteEntry(start: number, tag: number, key: string, value: string, bytes: number): void {
    const entry = this.#entries[entrySlot(key)] as WrittenEntry;
    entry.batch = this.batch;
    entry.tag = tag;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
  }
}
