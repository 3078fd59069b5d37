// Watches AbortSignals for many calls with one listener each: Node warns of a leak at eleven listeners, and calls that
// share a signal are no leak.

/** Something that ends when a signal fires. */
export interface Abortable {
  onAbort(): void;
}

const watched = new WeakMap<AbortSignal, Set<Abortable>>();

export function watchSignal(signal: AbortSignal, entry: Abortable): void {
  let entries = watched.get(signal);
  if (entries === undefined) {
    entries = new Set();
    watched.set(signal, entries);
    signal.addEventListener("abort", fire);
  }
  entries.add(entry);
}

/** Does nothing if `entry` is not watching. */
export function unwatchSignal(signal: AbortSignal, entry: Abortable): void {
  const entries = watched.get(signal);
  if (entries === undefined || !entries.delete(entry) || entries.size !== 0) return;
  watched.delete(signal);
  signal.removeEventListener("abort", fire);
}

function fire(event: Event): void {
  const signal = event.target as AbortSignal;
  const entries = watched.get(signal);
  watched.delete(signal);
  signal.removeEventListener("abort", fire);
  for (const entry of entries ?? []) entry.onAbort();
}
