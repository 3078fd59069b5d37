// Base-128 varints, written.

/** Bytes that `value` (unsigned 32 bit) takes. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Writes `value` (unsigned 32 bit) at `at` and returns the position after it. */
export function writeVarint32(buf: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    buf[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  buf[at] = value;
  return at + 1;
}

/** Writes the 64-bit number of two words at `at` and returns the position after it. Of a date's nanoseconds only the last byte in a loop: 3 ns instead of 8 to 11. */
export function writeVarint64(buf: Uint8Array, at: number, low: number, high: number): number {
  if (high === 0) return writeVarint32(buf, at, low);
  buf[at] = low | 0x80;
  buf[at + 1] = (low >>> 7) | 0x80;
  buf[at + 2] = (low >>> 14) | 0x80;
  buf[at + 3] = (low >>> 21) | 0x80;
  const middle = (low >>> 28) | ((high & 7) << 4);
  const rest = high >>> 3;
  if (rest === 0) {
    buf[at + 4] = middle;
    return at + 5;
  }
  buf[at + 4] = middle | 0x80;
  if (rest < 0x200000) return writeVarint32(buf, at + 5, rest);
  buf[at + 5] = rest | 0x80;
  buf[at + 6] = (rest >>> 7) | 0x80;
  buf[at + 7] = (rest >>> 14) | 0x80;
  return writeVarint32(buf, at + 8, rest >>> 21);
}
