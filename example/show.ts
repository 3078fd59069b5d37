// The example's terminal output: one live line while it runs, one table at the end.
import type { Figures } from "./calls.js";

/** A line that is overwritten on a terminal; elsewhere, a line per step. */
export class Progress {
  #last = "";

  show(name: string, what: string): void {
    const line = `${name}: ${what}`;
    if (line === this.#last) return;
    this.#last = line;
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  }

  /** A line that stays. */
  note(text: string): void {
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${text}\n` : `${text}\n`);
  }

  done(): void {
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[2K");
  }
}

const columns: readonly (readonly [title: string, key: keyof Figures, digits: number])[] = [
  ["unary, µs", "unaryMicros", 1],
  ["unary x64, calls/s", "unaryPerSecond", 0],
  ["client stream, msg/s", "uploadPerSecond", 0],
  ["server stream, msg/s", "watchPerSecond", 0],
  ["bidi, µs", "chatMicros", 1],
];

export function printTable(rows: readonly { readonly name: string; readonly figures: Figures }[]): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`\n${"".padEnd(width)}  ${columns.map(([title]) => title).join("  ")}`);
  for (const { name, figures } of rows) {
    const cells = columns.map(([title, key, digits]) => {
      const value = figures[key];
      return (value === undefined ? "-" : value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits })).padStart(
        title.length,
      );
    });
    console.log(`${name.padEnd(width)}  ${cells.join("  ")}`);
  }
  console.log("\n32-byte messages over a unix socket; medians; all answers checked.");
}
