// Pairs that travel with a request: keys to lists of strings. Go: metadata.go, MD.

/** Anything a Metadata can be made of. */
export type MetadataInit = Metadata | Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/**
 * Request metadata. Keys are lower case, as Go's are; the values of one key keep their order. Only requests carry
 * metadata: the wire has none for responses.
 */
export class Metadata implements Iterable<[string, string]> {
  /** Keys and values in turn, as they go over the wire: calls have few, which a list finds, copies and encodes faster than a Map. */
  #pairs: string[] = [];

  constructor(init?: MetadataInit) {
    if (init === undefined) return;
    if (init instanceof Metadata) {
      this.#pairs = init.#pairs.slice();
    } else if (isIterable(init)) {
      for (const [key, value] of init) this.append(key, value);
    } else {
      for (const key of Object.keys(init)) {
        const value = init[key] as string | readonly string[];
        if (typeof value === "string") this.#pairs.push(key.toLowerCase(), value);
        else if (Array.isArray(value)) this.append(key, ...(value as readonly string[]));
        else throw new TypeError(`metadata "${key}" must be a string or strings, not ${typeof value}`);
      }
    }
  }

  /** Of keys and values in turn, which become its own. */
  static fromPairs(pairs: string[]): Metadata {
    const metadata = new Metadata();
    for (let i = 0; i < pairs.length; i += 2) pairs[i] = (pairs[i] as string).toLowerCase();
    metadata.#pairs = pairs;
    return metadata;
  }

  /** Keys and values in turn, not to be changed. */
  get pairs(): readonly string[] {
    return this.#pairs;
  }

  /** The first value. */
  get(key: string): string | undefined {
    const at = this.#find(key.toLowerCase());
    return at < 0 ? undefined : this.#pairs[at + 1];
  }

  getAll(key: string): readonly string[] {
    const lower = key.toLowerCase();
    return this.#pairs.filter((_, i) => i % 2 === 1 && this.#pairs[i - 1] === lower);
  }

  has(key: string): boolean {
    return this.#find(key.toLowerCase()) >= 0;
  }

  /** Replaces the values of `key`; without values, deletes it, as in Go. */
  set(key: string, ...values: string[]): this {
    checkStrings(key, values);
    this.delete(key);
    return this.append(key, ...values);
  }

  append(key: string, ...values: string[]): this {
    checkStrings(key, values);
    const lower = key.toLowerCase();
    for (const value of values) this.#pairs.push(lower, value);
    return this;
  }

  delete(key: string): boolean {
    const lower = key.toLowerCase();
    if (this.#find(lower) < 0) return false;
    this.#pairs = this.#pairs.filter((_, i) => this.#pairs[i - (i % 2)] !== lower);
    return true;
  }

  clone(): Metadata {
    return new Metadata(this);
  }

  /** Whether there is nothing in it. */
  get empty(): boolean {
    return this.#pairs.length === 0;
  }

  /** Pairs in the order in which they were added. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) yield [pairs[i] as string, pairs[i + 1] as string];
  }

  toJSON(): Record<string, readonly string[]> {
    const lists = new Map<string, string[]>();
    for (const [key, value] of this) {
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [value]);
      else list.push(value);
    }
    return Object.fromEntries(lists);
  }

  /** Where `key` first is, or -1. */
  #find(key: string): number {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) return i;
    return -1;
  }
}

function checkStrings(key: string, values: readonly string[]): void {
  if (typeof key !== "string") throw new TypeError(`a metadata key must be a string, not ${typeof key}`);
  for (const value of values) {
    if (typeof value !== "string") throw new TypeError(`metadata "${key}" must be a string, not ${typeof value}`);
  }
}

function isIterable(init: object): init is Iterable<readonly [string, string]> {
  return Symbol.iterator in init;
}
