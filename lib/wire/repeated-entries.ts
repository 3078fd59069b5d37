// Entries of maps of strings that come again: the labels of one thing are often those of the next, in the same order. So the entry that
// followed the last one is looked at first, and then a small table. Measured in docs/performance.md ("Codec").
import { copyBlock, sameBlock } from "./blocks.js";

/** An entry, and where its bytes are kept. */
export interface Entry {
  /** The one that came after it. */
  next: Entry;
  /** Of the log it is kept in; another than now if it is not. */
  turn: number;
  /** Of written ones, whose bytes begin with it. */
  tag: number;
  key: string;
  value: string;
  start: number;
  bytes: number;
}

/** Entries that share a slot push each other out. */
const SLOTS = 32;
/** After so many entries that were not found, the next ones are not looked for: their texts differ. */
const MISSES = 32;
const REST = 400;
/** Shorter ones are not kept: they are copied as doubles. */
const MIN_BYTES = 8;
/** Longer ones are not kept: their length takes two bytes. */
const MAX_BYTES = 128;
/** Those of longer tags are not kept: their bytes may look like a double that is not a number. */
const MAX_TAG = 0x7f;
/** The bytes of entries, one behind the other, so that some that came together lie together. Full, it begins again. */
const LOG_BYTES = 8_192;

abstract class Entries {
  protected readonly slots: readonly Entry[];
  readonly log: DataView = new DataView(new ArrayBuffer(LOG_BYTES));
  /** How often the log was begun. */
  turn: number = 1;
  #end = 0;
  /** The entry read or written last, of those that are known. */
  last: Entry;
  /** Misses left, or below zero the entries to pass by. */
  protected credit: number = MISSES;

  constructor() {
    this.slots = Array.from({ length: SLOTS }, () => {
      const entry: Partial<Entry> = { turn: 0, tag: 0, key: "", value: "", start: 0, bytes: 0 };
      entry.next = entry as Entry;
      return entry as Entry;
    });
    this.last = this.slots[0] as Entry;
  }

  /** Whether this entry is passed by; counts it if so. */
  protected passes(): boolean {
    if (this.credit >= 0) return false;
    this.credit++;
    return true;
  }

  protected miss(): undefined {
    this.credit = this.credit === 0 ? -REST : this.credit - 1;
    return undefined;
  }

  protected keep(entry: Entry, view: DataView, at: number, bytes: number, tag: number, key: string, value: string): void {
    if (this.#end + bytes > LOG_BYTES) {
      this.turn++;
      this.#end = 0;
    }
    entry.turn = this.turn;
    entry.tag = tag;
    entry.key = key;
    entry.value = value;
    entry.start = this.#end;
    entry.bytes = bytes;
    copyBlock(this.log, this.#end, view, at, bytes);
    this.#end += bytes;
  }
}

/** Whoever writes a map looks at the entry after the last one by itself, and keeps the last one; the rest is here. */
export class WrittenEntries extends Entries {
  /** Where an entry is kept, if it is to be looked for. */
  slot(last: Entry, tag: number, key: string): Entry | undefined {
    if (tag > MAX_TAG || this.passes()) return undefined;
    return last.next.key === key ? last.next : this.slots[(key.length + key.charCodeAt(key.length >> 1) * 5) & (SLOTS - 1)];
  }

  /** Whether it was written before. */
  holds(entry: Entry, tag: number, key: string, value: string): boolean {
    if (entry.turn === this.turn && entry.key === key && entry.value === value && entry.tag === tag) {
      this.credit = MISSES;
      return true;
    }
    this.miss();
    return false;
  }

  /** It was written at `at`, in so many bytes. */
  wrote(entry: Entry, view: DataView, at: number, bytes: number, tag: number, key: string, value: string): void {
    if (bytes >= MIN_BYTES) this.keep(entry, view, at, bytes, tag, key, value);
  }

  /** A map was written; `last` is the last of its entries that is known, and came again. */
  end(last: Entry, again: boolean): void {
    this.last = last;
    if (again) this.credit = MISSES;
  }
}

export class ReadEntries extends Entries {
  again(buf: Uint8Array, view: DataView, start: number, end: number): Entry | undefined {
    const bytes = 1 + (buf[start] as number);
    if (bytes > MAX_BYTES || start + bytes > end || this.passes()) return undefined;
    const expected = this.last.next;
    if (this.#isAt(expected, view, start, bytes)) return this.#hit(expected);
    const entry = this.#slotOf(buf, start, bytes);
    return this.#isAt(entry, view, start, bytes) ? this.#hit(entry) : this.miss();
  }

  /** An entry without a tag was read from `start`, in so many bytes. */
  read(buf: Uint8Array, view: DataView, start: number, bytes: number, key: string, value: string): void {
    if (this.credit < 0 || bytes > MAX_BYTES || bytes < MIN_BYTES || !isPlain(buf, start, bytes)) return;
    const entry = this.#slotOf(buf, start, bytes);
    this.keep(entry, view, start, bytes, 0, key, value);
    this.#follow(entry);
  }

  #isAt({ turn, start, bytes }: Entry, view: DataView, at: number, length: number): boolean {
    return turn === this.turn && bytes === length && sameBlock(this.log, start, view, at, length);
  }

  #hit(entry: Entry): Entry {
    this.credit = MISSES;
    this.#follow(entry);
    return entry;
  }

  #follow(entry: Entry): void {
    if (this.last.next !== entry) this.last.next = entry;
    this.last = entry;
  }

  /** By its length, a letter of the key and the last of the value. */
  #slotOf(buf: Uint8Array, start: number, bytes: number): Entry {
    return this.slots[(bytes + (buf[start + 3] as number) * 3 + (buf[start + bytes - 1] as number) * 5) & (SLOTS - 1)] as Entry;
  }
}

/** Whether an entry is a key and a value and nothing else: only texts and short lengths are copied as doubles. */
function isPlain(buf: Uint8Array, start: number, bytes: number): boolean {
  const value = start + 3 + (buf[start + 2] as number);
  return buf[start + 1] === 10 && buf[value] === 18 && value + 2 + (buf[value + 1] as number) === start + bytes;
}
