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

abstract class Entries {
  protected readonly slots: readonly Entry[];
  protected last: Entry;
  /** Misses left, or below zero the entries to pass by. */
  #credit = MISSES;

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
    if (this.#credit >= 0) return false;
    this.#credit++;
    return true;
  }

  protected get resting(): boolean {
    return this.#credit < 0;
  }

  protected hit(entry: Entry): Entry {
    this.#credit = MISSES;
    this.follow(entry);
    return entry;
  }

  protected miss(): undefined {
    this.#credit = this.#credit === 0 ? -REST : this.#credit - 1;
    return undefined;
  }

  protected follow(entry: Entry): void {
    if (this.last.next !== entry) this.last.next = entry;
    this.last = entry;
  }
}

export class WrittenEntries extends Entries {
  again(batch: number, tag: number, key: string, value: string): Entry | undefined {
    if (this.passes()) return undefined;
    const expected = this.last.next;
    const entry = expected.key === key ? expected : this.#slotOf(key);
    return entry.batch === batch && entry.key === key && entry.value === value && entry.tag === tag ? this.hit(entry) : this.miss();
  }

  wrote(batch: number, start: number, tag: number, key: string, value: string, bytes: number): void {
    if (this.resting) return;
    const entry = this.#slotOf(key);
    entry.batch = batch;
    entry.tag = tag;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
    this.follow(entry);
  }

  #slotOf(key: string): Entry {
    return this.slots[(key.length + key.charCodeAt(key.length >> 1) * 5) & (SLOTS - 1)] as Entry;
  }
}

export class ReadEntries extends Entries {
  again(batch: number, buf: Uint8Array, view: DataView, start: number, end: number): Entry | undefined {
    const bytes = 1 + (buf[start] as number);
    if (bytes > MAX_READ_BYTES || start + bytes > end || this.passes()) return undefined;
    const expected = this.last.next;
    if (isAt(expected, batch, view, start, bytes)) return this.hit(expected);
    const entry = this.#slotOf(buf, start, bytes);
    return isAt(entry, batch, view, start, bytes) ? this.hit(entry) : this.miss();
  }

  read(batch: number, buf: Uint8Array, start: number, bytes: number, key: string, value: string): void {
    if (this.resting || bytes > MAX_READ_BYTES || bytes < 4) return;
    const entry = this.#slotOf(buf, start, bytes);
    entry.batch = batch;
    entry.key = key;
    entry.value = value;
    entry.start = start;
    entry.bytes = bytes;
    this.follow(entry);
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
