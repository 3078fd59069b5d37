// Axes: where they begin and end, what is written on them, and where a value lies. Reckoned here and not by the plotting library, because labels beside lines
// need it, and because plots of one kind share their axes.

export interface Scale {
  readonly type: "linear" | "log";
  readonly domain: readonly [from: number, to: number];
  readonly ticks: readonly number[];
  /** From 0 to 1. */
  position(value: number): number;
}

function log(from: number, to: number, ticks: readonly number[]): Scale {
  const [low, high] = [Math.log(from), Math.log(to)];
  return {
    type: "log",
    domain: [from, to],
    ticks: ticks.filter((tick) => tick >= from && tick <= to),
    position: (value) => (Math.log(value) - low) / (high - low),
  };
}

/** Round numbers, fewer of them the further the axis goes. */
function decimal(from: number, to: number): number[] {
  const decades = Math.log10(to / from);
  const steps = decades < 1.6 ? [1, 2, 5] : decades < 3.5 ? [1, 3] : [1];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(from)); exponent <= Math.log10(to); exponent++) {
    ticks.push(...steps.map((step) => Number(`${step}e${exponent}`)));
  }
  return ticks;
}

/** From the least value to the greatest, with a little air. */
export function logScale(values: readonly number[]): Scale {
  const [from, to] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  return log(from, to, decimal(from, to));
}

/** Ticks exactly where something was measured. */
export function measuredScale(values: readonly number[]): Scale {
  const ticks = [...new Set(values)].sort((a, b) => a - b);
  const [first = 1, last = 1] = [ticks[0], ticks.at(-1)];
  return first === last ? log(first / 2, last * 2, ticks) : log(first, last, ticks);
}

/** Around one, as far to each side as the values need. */
export function ratioScale(values: readonly number[]): Scale {
  const [from, to] = [Math.min(0.8, ...values) / 1.1, Math.max(1.25, ...values) * 1.1];
  return log(from, to, decimal(from, to));
}

/** From zero: lengths and heights can be compared. */
export function zeroScale(values: readonly number[]): Scale {
  const top = Math.max(...values) * 1.05;
  const rough = top / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10) * power;
  const ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
  return { type: "linear", domain: [0, top], ticks, position: (value) => value / top };
}
