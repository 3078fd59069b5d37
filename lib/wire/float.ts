// Floats cross through one shared typed array.

const doubles = new Float64Array(1);
const floats = new Float32Array(doubles.buffer);
const bytes = new Uint8Array(doubles.buffer);

/** The shortest decimal that reads back as the same float: 0.1, not 0.10000000149011612. */
export function shortestFloat(value: number): number {
  const float = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Object.is(Math.fround(short), float)) return short;
  }
  return float;
}

export function writeFloat(buf: Uint8Array, at: number, value: number): void {
  floats[0] = value;
  for (let i = 0; i < 4; i++) buf[at + i] = bytes[i] as number;
}

export function writeDouble(buf: Uint8Array, at: number, value: number): void {
  doubles[0] = value;
  for (let i = 0; i < 8; i++) buf[at + i] = bytes[i] as number;
}

export function readFloat(buf: Uint8Array, at: number): number {
  for (let i = 0; i < 4; i++) bytes[i] = buf[at + i] as number;
  return floats[0] as number;
}

export function readDouble(buf: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) bytes[i] = buf[at + i] as number;
  return doubles[0] as number;
}
