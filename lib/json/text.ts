// JSON text to values. Beyond JSON.parse: a key that comes twice is refused, and integers that no number holds exactly
// are bigint, so that 64-bit fields written without quotes keep their digits.
import { Code, TtrpcError } from "../errors.js";
import { setEntry } from "../wire/entry.js";
import { parseInteger } from "./scalars.js";

/** Arrays and objects within each other beyond this are refused. A hundred messages with maps and lists between them need 300. */
const MAX_NESTING = 1000;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const QUOTE = 0x22,
  BACKSLASH = 0x5c;

export function parseText(text: string): unknown {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(nesting: number): unknown {
    if (nesting > MAX_NESTING) throw this.#error(`nested over ${MAX_NESTING} deep`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(nesting);
    if (first === "[") return this.#array(nesting);
    if (first === '"') return this.#string();
    if (this.#word("true")) return true;
    if (this.#word("false")) return false;
    if (this.#word("null")) return null;
    return this.#number();
  }

  end(): void {
    this.#space();
    if (this.#at !== this.#text.length) throw this.#unexpected("the end");
  }

  #object(nesting: number): object {
    const object: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#take("}")) return object;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected("a key");
      const start = this.#at;
      const key = this.#string();
      if (Object.hasOwn(object, key)) {
        this.#at = start;
        throw this.#error(`key ${JSON.stringify(key)} comes twice`);
      }
      this.#space();
      if (!this.#take(":")) throw this.#unexpected('":"');
      setEntry(object, key, this.value(nesting + 1));
      this.#space();
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected('"," or "}"');
    return object;
  }

  #array(nesting: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#take("]")) return array;
    do {
      array.push(this.value(nesting + 1));
      this.#space();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected('"," or "]"');
    return array;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let plain = true;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return plain ? text.slice(start + 1, at) : this.#escaped(start, at + 1);
      }
      if (code < 0x20) break;
      if (code === BACKSLASH) {
        plain = false;
        at++;
      }
    }
    throw this.#error("string that does not end on its line");
  }

  #escaped(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      this.#at = start;
      throw this.#error("string with an invalid escape");
    }
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected("a value");
    const value = Number(found);
    if (!Number.isFinite(value)) throw this.#error(`number ${found.slice(0, 32)} is too large`);
    this.#at += found.length;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? (parseInteger(found) ?? value) : value;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #take(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #unexpected(wanted: string): TtrpcError {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : "the end";
    return this.#error(`${found} where ${wanted} should be`);
  }

  #error(what: string): TtrpcError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    return new TtrpcError(Code.InvalidArgument, `JSON ${line}:${column}: ${what}`);
  }
}

/** JSON.stringify writes -0 as 0; this does not, and is slower. */
export function stringify(value: unknown, indent: string, line = "\n"): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = line + indent;
  const list = Array.isArray(value);
  const items = list
    ? value.map((item) => stringify(item, indent, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${indent === "" ? "" : " "}${stringify(item, indent, inner)}`);
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  if (items.length === 0) return open + close;
  return indent === "" ? `${open}${items.join(",")}${close}` : `${open}${inner}${items.join(`,${inner}`)}${line}${close}`;
}
