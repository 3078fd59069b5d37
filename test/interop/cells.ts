// What the matrix has cells for, and what is in one.
import { Code } from "ttrpc";

export const kinds = ["unary", "serverStream", "clientStream", "bidi"] as const;
export type Kind = (typeof kinds)[number];

export const outcomes = ["ok", "error", "deadline", "cancel", "oversize request", "oversize response"] as const;
export type Outcome = (typeof outcomes)[number];

export const systems = ["native", "node", "go", "rust"] as const;
export type System = (typeof systems)[number];

export interface Pair {
  readonly client: System;
  readonly server: System;
}

/** All sixteen. */
export const pairs: readonly Pair[] = systems.flatMap((client) => systems.map((server) => ({ client, server })));

/** How one call ended, in the words that all clients report in. */
export interface Cell {
  readonly kind: Kind;
  readonly outcome: Outcome;
  /**
   * ok, or wrong: with an answer. status: with a code. own: with an error of the client that is no status. closed: with the connection.
   * dropped: given up by a caller to whom nothing is said. none: not at all.
   */
  readonly end: "ok" | "wrong" | "status" | "own" | "closed" | "dropped" | "none";
  /** Of a status, or what an error of the client's own amounts to; -1 where that is not known, and the call was refused. */
  readonly code: number;
  readonly text: string;
  /** Empty messages that nobody sent. */
  readonly extra: number;
  /** Whether another call on the same connection worked. */
  readonly alive: boolean;
}

/** The cell as the table shows it. */
export function show({ end, code, text, extra, alive }: Cell): string {
  const name = { ok: "ok", wrong: `wrong: ${text}`, closed: "closed", dropped: "dropped", none: "-", status: "", own: "" }[end];
  const codeName = Object.entries(Code).find(([, value]) => value === code)?.[0] ?? "refused";
  const shown = name === "" ? codeName : name;
  const more = extra === 0 ? "" : ` +${extra} message`;
  return `${shown}${more}${alive || end === "closed" ? "" : ", connection lost"}`;
}
