// Small steps over tokens that all parts of the parser take: what is expected, and literals.
import { unescape } from "../escapes.js";
import { type Place, SyntaxProblem } from "./diagnostics.js";
import type { Tokenizer } from "./tokenizer.js";

export const INT32_MAX = 2_147_483_647n;
export const UINT64_MAX = 18_446_744_073_709_551_615n;

/** Where the current token begins. */
export function here(t: Tokenizer): Place {
  return { line: t.line, column: t.column };
}

/** @throws SyntaxProblem at the current token: `expected ..., not ...`. */
export function expected(t: Tokenizer, what: string): never {
  throw new SyntaxProblem(here(t), `expected ${what}, not ${t.kind === "end" ? "the end of the file" : t.kind === "string" ? t.text : `"${t.text}"`}`);
}

/** Steps over `text` if it is next. */
export function take(t: Tokenizer, text: string): boolean {
  if (t.text !== text) return false;
  t.next();
  return true;
}

export function expect(t: Tokenizer, text: string): void {
  if (!take(t, text)) expected(t, `"${text}"`);
}

/** @param what what it names, for the error: "message name". */
export function identifier(t: Tokenizer, what: string): string {
  if (t.kind !== "identifier") expected(t, what);
  const { text } = t;
  t.next();
  return text;
}

/** A name with dots, perhaps one in front. */
export function typeReference(t: Tokenizer, what: string): string {
  let name = take(t, ".") ? "." : "";
  name += identifier(t, what);
  while (take(t, ".")) name += `.${identifier(t, "an identifier")}`;
  return name;
}

/** A number without a sign, up to `max`. */
export function unsigned(t: Tokenizer, max: bigint, what: string): bigint {
  if (t.kind !== "integer") expected(t, what);
  const value = integerValue(t.text);
  if (value > max) throw new SyntaxProblem(here(t), `integer out of range: at most ${max}`);
  t.next();
  return value;
}

/** A number up to 2^31 - 1. */
export function int32(t: Tokenizer, what: string): number {
  return Number(unsigned(t, INT32_MAX, what));
}

export function signedInt32(t: Tokenizer, what: string): number {
  const negative = take(t, "-");
  const value = Number(unsigned(t, negative ? INT32_MAX + 1n : INT32_MAX, what));
  return negative && value !== 0 ? -value : value;
}

/** Value of an integer token: decimal, hex or octal. */
export function integerValue(text: string): bigint {
  return BigInt(/^0[0-7]/.test(text) ? `0o${text.slice(1)}` : text);
}

/** String literals behind each other, as one. */
export function stringLiteral(t: Tokenizer, what: string): string {
  return Buffer.from(bytesLiteral(t, what)).toString("utf8");
}

export function bytesLiteral(t: Tokenizer, what: string): Uint8Array {
  if (t.kind !== "string") expected(t, what);
  const parts: Buffer[] = [];
  while (t.kind === "string") {
    // Its escapes the tokenizer has checked.
    parts.push(unescape(t.text.slice(1, -1)));
    t.next();
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}
