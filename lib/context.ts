// What travels with a call inside one process: typed values. Go: context.Value, with types.

/** Names a value. Make one with `contextKey`. */
export interface ContextKey<T> {
  readonly id: symbol;
  readonly defaultValue: T;
}

/** A new key: `const user = contextKey<User | undefined>("user", undefined)`. */
export function contextKey<T>(description: string, defaultValue: T): ContextKey<T> {
  return { id: Symbol(description), defaultValue };
}

/** Values that interceptors and handlers of one call share. They do not go over the wire. */
export class ContextValues {
  /** Made with the first value: most calls have none. */
  #values: Map<symbol, unknown> | undefined;

  get<T>(key: ContextKey<T>): T {
    return this.#values?.has(key.id) ? (this.#values.get(key.id) as T) : key.defaultValue;
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#values ??= new Map();
    this.#values.set(key.id, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#values?.delete(key.id);
    return this;
  }
}
