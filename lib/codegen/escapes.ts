// Escapes in string literals of .proto files, and in the default values of descriptors, which have fewer kinds of them.

const named: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

// Plain text, a surrogate pair of two escapes, or one escape.
const PARTS = /[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?:[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gsu;

/** The bytes of a text without the quotes around it. */
export function unescape(text: string): Buffer {
  if (!text.includes("\\")) return Buffer.from(text, "utf8");
  return Buffer.concat([...text.matchAll(PARTS)].map(([part]) => (part.startsWith("\\") ? escaped(part) : Buffer.from(part, "utf8"))));
}

function escaped(part: string): Buffer {
  const kind = part.charAt(1);
  if (/[0-7]/.test(kind)) return Buffer.of(Number.parseInt(part.slice(1), 8) & 0xff);
  if (/[xX]/.test(kind) && part.length > 2) return Buffer.of(Number.parseInt(part.slice(2), 16));
  if (part.length === 12) return Buffer.from(String.fromCharCode(Number.parseInt(part.slice(2, 6), 16), Number.parseInt(part.slice(8), 16)), "utf8");
  if (/[uU]/.test(kind) && part.length > 2) return Buffer.from(String.fromCodePoint(Number.parseInt(part.slice(2), 16)), "utf8");
  const byte = named[kind];
  return byte === undefined ? Buffer.from(part.slice(1), "utf8") : Buffer.of(byte);
}
