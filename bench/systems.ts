// The systems of a benchmark: their order in every table and plot, and what to call them.

export interface System {
  readonly id: string;
  readonly name: string;
}

/** Ours first, then what it is compared with. A pair is client → server. */
const known: readonly System[] = [
  { id: "ours", name: "ours" },
  { id: "ours-poll", name: "ours, polling" },
  { id: "ours-nopoll", name: "ours, no polling" },
  { id: "ours-node", name: "ours, no addon" },
  { id: "go", name: "Go" },
  { id: "rust", name: "Rust" },
  { id: "rust-mt", name: "Rust, multithread" },
  { id: "ours->go", name: "ours → Go" },
  { id: "go->ours", name: "Go → ours" },
  { id: "grpc-js", name: "grpc-js" },
  { id: "connect", name: "Connect" },
  { id: "raw", name: "raw socket" },
  { id: "empty", name: "empty Node program" },
];

/** The systems of these rows in order, those that are not known last. */
export function systemsOf(rows: readonly { readonly system: string }[]): readonly System[] {
  const ids = new Set(rows.map(({ system }) => system));
  const strangers = [...ids].filter((id) => !known.some((system) => system.id === id)).sort();
  return [...known.filter(({ id }) => ids.has(id)), ...strangers.map((id) => ({ id, name: id }))];
}

export function nameOf(id: string): string {
  return known.find((system) => system.id === id)?.name ?? id;
}

export const PLACEMENTS = {
  apart: "apart: server and client on a core each",
  together: "together: server and client on one core",
  free: "free: where the kernel puts them",
} as const;
