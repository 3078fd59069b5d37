// Escapes of string literals, each as the bytes that it stands for.
import assert from "node:assert/strict";
import { it } from "node:test";
import { unescape } from "#lib/codegen/escapes.js";

const rows: readonly (readonly [text: string, hex: string])[] = [
  ["plain é", "706c61696e20c3a9"],
  [String.raw`\a\b\f\n\r\t\v\\\'\"\?`, "07080c0a0d090b5c27223f"],
  [String.raw`\1\12\123\400x`, "010a530078"],
  [String.raw`\x1\xff\X41z`, "01ff417a"],
  [String.raw`\u00e9\U0001F600`, "c3a9f09f9880"],
  [String.raw`\ud83d\ude00!`, "f09f988021"],
];

for (const [text, hex] of rows) it(text, () => assert.equal(unescape(text).toString("hex"), hex));
