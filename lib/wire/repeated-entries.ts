// Entries of maps of strings that come again within one batch: the labels of one thing are often those of the next, in the same order. So
// the entry that followed the last one is looked at first, and then a small table. Measured in docs/performance.md ("Codec").

/** An entry, and where its bytes are. */
export interface Entry {
  /** The one that came after it. */
  next: Entry;
  batch: number;
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
/** Longer ones are not kept: their length takes two bytes. */
const MAX_READ_BYTES = 128;
/** Entries are copied as doubles. */
const MIN_WRITTEN_BYTES = 8;
/** No double that is not a number lies in entries whose tag is one byte: UTF-8 and lengths below 128 cannot look like one. */
const MAX_WRITTEN_TAG = 0x7f;

abstract class Entries {
  protected readonly slots: readonly Entry[];
  /** The entry read or written last, of those that are known. */
  last: Entry;
  /** Misses left, or below zero the entries to pass by. */
  protected credit: number = MISSES;

  constructor() {
    this.slots = Array.from({ length: SLOTS }, () => {
      const entry: Partial<Entry> = { batch: 0, tag: 0, key: "", value: "", start: 0, bytes: 0 };
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
}

/** Whoever writes a map looks at the entry after the last one by itself, and keeps the last one; the rest is here. */
export class WrittenEntries extends Entries {
  /** Where an entry is kept, if it is to be looked for. */
  slot(last: Entry, tag: number, key: string): Entry | undefined {
    if (tag > MAX_WRITTEN_TAG || this.passes()) return undefined;
    return last.next.key === key ? last.next : this.slots[(key.length + key.charCodeAt(key.length >> 1) * 5) & (SLOTS - 1)];
  }

  /** Whether it was written in this batch. */
  holds(entry: Entry, batch: number, tag: number, key: string, value: string): boolean {
    if (entry.batch === batch && entry.key === key && entry.value === value && entry.tag === tag) {
      this.credit = MISSES;
      return true;
    }
    this.miss();
    return false;
  }

  /** It was written at `start`, in so many bytes. */
  keep(entry: Entry, batch: number, tag: number, key: string, value: string, start: number, bytes: number): void {
    if (bytes < MIN_WRITTEN_BYTES) return;
    entry.batch = batch;
    entry.tag = tag;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
  }

  /** A map was written; `last` is the last of its entries that is known, and came again. */
  end(last: Entry, again: boolean): void {
    this.last = last;
    if (again) this.credit = MISSES;
  }
}

export class ReadEntries extends Entries {
  again(batch: number, buf: Uint8Array, view: DataView, start: number, end: number): Entry | undefined {
    const bytes = 1 + (buf[start] as number);
    if (bytes > MAX_READ_BYTES || start + bytes > end || this.passes()) return undefined;
    const expected = this.last.next;
    if (isAt(expected, batch, view, start, bytes)) return this.#hit(expected);
    const entry = this.#slotOf(buf, start, bytes);
    return isAt(entry, batch, view, start, bytes) ? this.#hit(entry) : this.miss();
  }

  read(batch: number, buf: Uint8Array, start: number, bytes: number, key: string, value: string): void {
    if (this.credit < 0 || bytes > MAX_READ_BYTES || bytes < 4) return;
    const entry = this.#slotOf(buf, start, bytes);
    entry.batch = batch;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
    this.#follow(entry);
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

/** Whether these bytes are those of an entry. */
function isAt({ batch, start, bytes }: Entry, now: number, view: DataView, at: number, length: number): boolean {
  if (batch !== now || bytes !== length) return false;
  const last = length - 4;
  for (let i = 0; i < last; i += 4) if (view.getInt32(start + i, true) !== view.getInt32(at + i, true)) return false;
  return view.getInt32(start + last, true) === view.getInt32(at + last, true);
}
