// What each cell of the matrix must hold: one rule for all implementations, and the exceptions, each with its reason.
import type { Kind, Outcome, Pair, System } from "./cells.js";

const usual: Readonly<Record<Outcome, string>> = {
  ok: "ok",
  error: "NotFound",
  deadline: "DeadlineExceeded",
  cancel: "Canceled",
  "oversize request": "ResourceExhausted",
  "oversize response": "ResourceExhausted",
};

export interface Exception {
  readonly client?: System;
  readonly server?: System;
  readonly kinds?: readonly Kind[];
  readonly outcome: Outcome;
  readonly cell: string;
  readonly why: string;
}

/** The first that fits a cell counts. None is about two ends of ours. */
export const exceptions: readonly Exception[] = [
  {
    server: "go",
    outcome: "oversize response",
    cell: "closed",
    why: "Go's server cannot send a frame over 4 MiB and closes the connection instead of answering.",
  },
  {
    server: "rust",
    kinds: ["unary", "clientStream"],
    outcome: "oversize response",
    cell: "InvalidArgument",
    why: "ttrpc-rust's server answers with code 3 in place of 8, with the same text.",
  },
  {
    server: "rust",
    kinds: ["serverStream", "bidi"],
    outcome: "oversize response",
    cell: "Unknown",
    why: 'The handler\'s `send` fails with an error that is no status, which ttrpc-rust sends as code 2, `Others("message length ...")`.',
  },
  {
    client: "go",
    server: "rust",
    kinds: ["clientStream", "bidi"],
    outcome: "ok",
    cell: "ok +1 message",
    why: "Go's client opens with flags 0x02, and ttrpc-rust's server hands its handler a first, empty message unless there is 0x04. Ours sends 0x06.",
  },
  {
    client: "rust",
    outcome: "cancel",
    cell: "dropped",
    why: "ttrpc-rust's caller gives a call up by dropping it, so there is nobody to be told. The late answer is discarded, and the connection goes on.",
  },
  {
    client: "rust",
    outcome: "oversize request",
    cell: "refused",
    why: "ttrpc-rust's client refuses it before a byte is sent, with an error that has no code.",
  },
  {
    client: "rust",
    server: "rust",
    kinds: ["serverStream", "clientStream", "bidi"],
    outcome: "deadline",
    cell: "-",
    why: "ttrpc-rust sends the deadline of a stream and keeps it on neither side. Against other servers, the server ends the call.",
  },
];

/** The exception a cell falls under: its place in the list, or -1. */
export function exceptionFor({ client, server }: Pair, kind: Kind, outcome: Outcome): number {
  return exceptions.findIndex(
    (exception) =>
      exception.outcome === outcome &&
      (exception.client ?? client) === client &&
      (exception.server ?? server) === server &&
      (exception.kinds?.includes(kind) ?? true),
  );
}

export function expected(pair: Pair, kind: Kind, outcome: Outcome): string {
  return exceptions[exceptionFor(pair, kind, outcome)]?.cell ?? usual[outcome];
}
