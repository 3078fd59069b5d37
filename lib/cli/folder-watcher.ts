// Watches a set of folders that changes over time, and tells once per burst of events that something happened.
import { type FSWatcher, statSync, watch } from "node:fs";
import { basename } from "node:path";
import { FailureError } from "./command.js";
import { shown } from "./paths.js";

interface Watched {
  readonly watcher: FSWatcher;
  /** Tells a folder from another that took its place. */
  readonly inode: number;
}

export class FolderWatcher {
  readonly #watched = new Map<string, Watched>();
  readonly #concerns: (folder: string, name: string | null) => boolean;
  /** Whether something happened that `changed` has not told yet. */
  #pending = false;
  #wake: (() => void) | undefined;
  closed = false;

  /** @param concerns whether an event is one to tell; `name` is that of the entry in `folder`, null if not known. */
  constructor(concerns: (folder: string, name: string | null) => boolean) {
    this.#concerns = concerns;
  }

  /**
   * Watches these folders and no others.
   * @returns whether one of them was not watched before.
   * @throws FailureError if the system has no more watchers.
   */
  follow(folders: ReadonlySet<string>): boolean {
    if (this.closed) return false;
    let grown = false;
    for (const [folder, { watcher, inode }] of this.#watched) {
      if (folders.has(folder) && inodeOf(folder) === inode) continue;
      watcher.close();
      this.#watched.delete(folder);
    }
    for (const folder of folders) if (!this.#watched.has(folder)) grown = this.#add(folder) || grown;
    return grown;
  }

  #add(folder: string): boolean {
    const inode = inodeOf(folder);
    if (inode === undefined) return false;
    let watcher: FSWatcher;
    try {
      watcher = watch(folder);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return false;
      throw new FailureError(`cannot watch ${shown(folder)}: ${message}`, { cause: error });
    }
    watcher.on("error", () => this.#happened());
    watcher.on("change", (_event, name) => {
      // Its own name: the folder itself was removed or renamed.
      if (name === basename(folder) || this.#concerns(folder, typeof name === "string" ? name : null)) this.#happened();
    });
    this.#watched.set(folder, { watcher, inode });
    return true;
  }

  #happened(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Waits for an event and then until there is none for `quietMs`, but not longer than `longestMs`; or for `close`. */
  async changed(quietMs: number, longestMs: number): Promise<void> {
    while (!this.#pending && !this.closed) await this.#next(undefined);
    const until = Date.now() + longestMs;
    while (this.#pending && !this.closed && Date.now() < until) {
      this.#pending = false;
      await this.#next(quietMs);
    }
    this.#pending = false;
  }

  async #next(timeoutMs: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }

  close(): void {
    this.closed = true;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
    this.#wake?.();
  }
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}
