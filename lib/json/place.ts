// Where in a message the conversion is: errors name it, and depth is bounded by it.
import { Code, TtrpcError } from "../errors.js";

/** Messages within messages beyond this are refused, as they are when decoding. */
const MAX_DEPTH = 100;

export class Place {
  readonly #steps: (string | number)[] = [];
  #depth = 0;

  /** Into a field. */
  field(name: string): void {
    this.#steps.push(name);
  }

  /** Into an element of a list. */
  index(index: number): void {
    this.#steps.push(index);
  }

  /** Into an entry of a map. */
  key(key: string): void {
    this.#steps.push(`[${JSON.stringify(key)}]`);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** Into a message; `up` leaves it. */
  down(): void {
    if (++this.#depth > MAX_DEPTH) throw this.error(`messages nested over ${MAX_DEPTH} deep`);
  }

  up(): void {
    this.#depth--;
  }

  error(text: string, cause?: unknown): TtrpcError {
    const path = this.#path();
    return new TtrpcError(Code.InvalidArgument, path === "" ? text : `${path}: ${text}`, cause === undefined ? undefined : { cause });
  }

  /** What a helper refuses without knowing where. */
  guard<T>(convert: () => T): T {
    try {
      return convert();
    } catch (cause) {
      throw this.error(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  /** `labels["a"].mounts[3].source` */
  #path(): string {
    let path = "";
    for (const step of this.#steps) {
      if (typeof step === "number") path += `[${step}]`;
      else if (step.startsWith("[")) path += step;
      else path += path === "" ? step : `.${step}`;
    }
    return path;
  }
}

/** A JSON value in an error: what kind it is, and itself if it is short. */
export function show(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  return String(value);
}
