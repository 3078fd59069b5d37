// Strings that come again and again (service and method names, metadata and map keys) are made once.
// A direct-mapped table of fixed size: a peer can push entries out, never make it grow.

const SLOTS = 512;
const MAX_BYTES = 48;

const table: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);

function slotOf(buf: Uint8Array, start: number, length: number): number {
  const first = buf[start] as number;
  const middle = buf[start + (length >> 1)] as number;
  const last = buf[start + length - 1] as number;
  return (Math.imul(first + (middle << 8) + (last << 16) + (length << 24), 0x9e3779b1) >>> 23) & (SLOTS - 1);
}

/** The string at `[start, end)` if it is ASCII and was offered before. */
export function lookUp(buf: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (length === 0 || length > MAX_BYTES) return undefined;
  const text = table[slotOf(buf, start, length)];
  if (text === undefined || text.length !== length) return undefined;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== buf[start + i]) return undefined;
  return text;
}

/** Offers a string just read from `[start, end)`. */
export function remember(buf: Uint8Array, start: number, end: number, text: string): void {
  const length = end - start;
  // A string with as many characters as bytes is ASCII: everything else takes more bytes than characters.
  if (length > 0 && length <= MAX_BYTES && text.length === length) table[slotOf(buf, start, length)] = text;
}
