// What is printed where: lists to stdout, so that they can be piped; messages, and one live line on a terminal, to stderr.

const LIVE_LINE_MS = 40;

export class Terminal {
  /** Whether stderr is a terminal that can rewrite its last line. */
  readonly live: boolean = process.stderr.isTTY && process.env["TERM"] !== "dumb";
  readonly #colors = this.live && !process.env["NO_COLOR"];
  #lineShown = false;
  #lineAt = 0;

  constructor() {
    // `ttrpc gen --check | head -1`: whoever reads has seen enough. What is left to do is still done.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }

  /** A line of a list, to stdout. */
  list(line: string): void {
    this.#clear();
    process.stdout.write(`${line}\n`);
  }

  /** To stderr. */
  message(text: string): void {
    this.#clear();
    process.stderr.write(`${text}\n`);
  }

  warning(text: string): void {
    this.message(this.#paint("33", "warning: ") + text);
  }

  /** One or more lines. Without a place in a file in front, "ttrpc: " is. */
  error(text: string): void {
    for (const line of text.split("\n")) {
      const place = /^[^\s:]+:\d+:\d+: /.exec(line)?.[0];
      this.message(place === undefined ? this.#paint("31", "ttrpc: ") + line : this.#paint("1", place) + line.slice(place.length));
    }
  }

  /** Shows `text` on the live line, if there is one, until the next thing is printed. Calls in quick succession are left out. */
  progress(text: string): void {
    if (!this.live || Date.now() - this.#lineAt < LIVE_LINE_MS) return;
    this.#lineAt = Date.now();
    this.#lineShown = true;
    process.stderr.write(`\r\x1b[K${text.slice(0, Math.max(20, (process.stderr.columns || 80) - 1))}`);
  }

  #clear(): void {
    if (this.#lineShown) process.stderr.write("\r\x1b[K");
    this.#lineShown = false;
  }

  #paint(color: string, text: string): string {
    return this.#colors ? `\x1b[${color}m${text}\x1b[0m` : text;
  }
}
