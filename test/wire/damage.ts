// Damage to encoded messages: bits, bytes, ends, pieces missing, twice or new.

/** Bytes that are more likely than others to do harm. */
const NASTY = [0x00, 0x01, 0x07, 0x0b, 0x0c, 0x7f, 0x80, 0xc0, 0xff];

/** Up to four pieces of damage: `next` gives numbers from 0 up to 1. */
export function damage(bytes: Buffer, next: () => number): Buffer {
  const below = (limit: number): number => Math.floor(next() * limit);
  let out = Buffer.from(bytes);
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(out.length + 1);
    const length = below(8);
    switch (below(6)) {
      case 0: // a bit
        if (at < out.length) out[at] = (out[at] as number) ^ (1 << below(8));
        break;
      case 1: // a byte
        if (at < out.length) out[at] = NASTY[below(NASTY.length)] as number;
        break;
      case 2: // the end is missing
        out = out.subarray(0, at);
        break;
      case 3: // something is missing
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 4: // something is there twice
        out = Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
        break;
      default: // something is new
        out = Buffer.concat([out.subarray(0, at), Buffer.from(Array.from({ length }, () => below(256))), out.subarray(at)]);
    }
  }
  return Buffer.from(out);
}
