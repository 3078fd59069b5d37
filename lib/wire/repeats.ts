// Strings that come again within one batch of frames: an id or a namespace is in every message of a stream. The bytes of the one
// before still lie in the receive slab, or in the send arena, so that nothing is copied for the case that they come again, and a
// text that does not costs little more. Measured in docs/performance.md ("Strings").
import { readUtf8 } from "./utf8.js";

const MIN_BYTES = 8;
const MAX_BYTES = 64;

/** After so many strings of one slot that were not the one before in their batch, the next ones of that slot are not looked at: their texts differ. */
const MISSES = 4;
const REST = 100;

const SLOTS = 1_024;

/** An entry of a map, and where its bytes are. */
export interface WrittenEntry {
  next: WrittenEntry;
  batch: number;
  tag: number;
  key: string;
  value: string;
  start: number;
  bytes: number;
}

const ENTRY_SLOTS = 32;
/** As MISSES, for entries: a map has several. */
const ENTRY_MISSES = 32;

/** What both directions keep: the last string of each slot, and where its bytes are. */
abstract class RepeatedStrings {
  protected readonly starts: Int32Array = new Int32Array(SLOTS);
  /** Doubles: 32 bits come round within hours, and what was kept in a batch of the same number would pass for what lies there now. */
  protected readonly batches: Float64Array = new Float64Array(SLOTS);
  protected readonly texts: string[] = new Array<string>(SLOTS).fill("");
  /** Misses left, or below zero the strings to pass by. */
  readonly #credits: Int8Array = new Int8Array(SLOTS).fill(MISSES);
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

/** A place in a small table; two keys that share it push each other out. */
function entrySlot(key: string): number {
  return (key.length + key.charCodeAt(key.length >> 1) * 5) & (ENTRY_SLOTS - 1);
}

/** Copies `length` bytes from `before` to `at`. */
function copyWithin(view: DataView, at: number, before: number, length: number): void {
  const last = length - 4;
  for (let i = 0; i < last; i += 4) view.setInt32(at + i, view.getInt32(before + i, true), true);
  view.setInt32(at + last, view.getInt32(before + last, true), true);
}

/** Strings read from the slab. */
export class ReadStrings extends RepeatedStrings {
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
}

/** ASCII strings written to the arena. */
export class WrittenStrings extends RepeatedStrings {
  /** The labels of one thing are often those of the next. */
  readonly #entries: readonly WrittenEntry[] = Array.from({ length: ENTRY_SLOTS }, () => ({
    next: undefined as unknown as WrittenEntry,
    batch: 0,
    tag: 0,
    key: "",
    value: "",
    start: 0,
    bytes: 0,
  }));
  #last: WrittenEntry = this.#entries[0] as WrittenEntry;

  /** As `credits`, for all entries together. */
  #entryCredit = ENTRY_MISSES;

  constructor() {
    super();
    for (const entry of this.#entries) entry.next = entry;
  }

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

  /** The same entry of a map, tag included, if it was written before. */
  entryAgain(tag: number, key: string, value: string): WrittenEntry | undefined {
    if (this.#entryCredit < 0) {
      this.#entryCredit++;
      return undefined;
    }
    const expected = this.#last.next;
    const entry = expected.key === key ? expected : (this.#entries[entrySlot(key)] as WrittenEntry);
    if (entry.batch !== this.batch || entry.key !== key || entry.value !== value || entry.tag !== tag) {
      this.#entryCredit = this.#entryCredit === 0 ? -REST : this.#entryCredit - 1;
      return undefined;
    }
    this.#entryCredit = ENTRY_MISSES;
    if (entry !== expected) this.#last.next = entry;
    this.#last = entry;
    return entry;
  }

  /** Copies entries to `at`, where room must be. */
  copyEntries(buf: Uint8Array, at: number, start: number, bytes: number): void {
    copyWithin(this.viewOf(buf), at, start, bytes);
  }

  /** An entry was written at `start`, in so many bytes. */
  wroteEntry(start: number, tag: number, key: string, value: string, bytes: number): void {
    if (this.#entryCredit < 0) return;
    const entry = this.#entries[entrySlot(key)] as WrittenEntry;
    entry.batch = this.batch;
    entry.tag = tag;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
    this.#follow(entry);
  }

  #follow(entry: WrittenEntry): void {
    this.#last.next = entry;
    this.#last = entry;
  }
}
