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

/** Writes the 64-bit number of two words at `at` and returns the position after it. */
export function writeVarint64(buf: Uint8Array, at: number, low: number, high: number): number {
  while (high !== 0) {
    buf[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  return writeVarint32(buf, at, low);
}
