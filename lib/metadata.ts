// Pairs that travel with a request: keys to lists of strings. Go: metadata.go, MD.

/** Anything a Metadata can be made of. */
export type MetadataInit = Metadata | Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/**
 * Request metadata. Keys are lower case, as Go's are; the values of one key keep their order. Only requests carry
 * metadata: the wire has none for responses.
 */
export class Metadata implements Iterable<[string, string]> {
  readonly #lists: Map<string, string[]> = new Map();

  constructor(init?: MetadataInit) {
    if (init === undefined) return;
    if (init instanceof Metadata) {
      for (const [key, values] of init.#lists) this.#lists.set(key, values.slice());
    } else if (isIterable(init)) {
      for (const [key, value] of init) this.append(key, value);
    } else {
      for (const key of Object.keys(init)) {
        const value = init[key] as string | readonly string[];
        if (typeof value === "string") this.append(key, value);
        else if (Array.isArray(value)) this.append(key, ...(value as readonly string[]));
        else throw new TypeError(`metadata "${key}" must be a string or strings, not ${typeof value}`);
      }
    }
  }

  /** The first value. */
  get(key: string): string | undefined {
    return this.#lists.get(key.toLowerCase())?.[0];
  }

  getAll(key: string): readonly string[] {
    return this.#lists.get(key.toLowerCase()) ?? [];
  }

  has(key: string): boolean {
    return this.#lists.has(key.toLowerCase());
  }

  /** Replaces the values of `key`; without values, deletes it, as in Go. */
  set(key: string, ...values: string[]): this {
    checkStrings(key, values);
    this.delete(key);
    return this.append(key, ...values);
  }

  append(key: string, ...values: string[]): this {
    checkStrings(key, values);
    if (values.length === 0) return this;
    const lower = key.toLowerCase();
    const list = this.#lists.get(lower);
    if (list === undefined) this.#lists.set(lower, values);
    else list.push(...values);
    return this;
  }

  delete(key: string): boolean {
    return this.#lists.delete(key.toLowerCase());
  }

  clone(): Metadata {
    return new Metadata(this);
  }

  /** Whether there is nothing in it. */
  get empty(): boolean {
    return this.#lists.size === 0;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [key, values] of this.#lists) for (const value of values) yield [key, value];
  }

  toJSON(): Record<string, readonly string[]> {
    return Object.fromEntries(this.#lists);
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
