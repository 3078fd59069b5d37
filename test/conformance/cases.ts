// A case is data: what is sent, what Go's peer does with it, and, where ours does something else on purpose, what and why.
import type { Bytes } from "../support/raw.js";
import type { MethodKind } from "ttrpc";
import type { Difference } from "./differences.js";
import type { RowId } from "./rows.js";

/**
 * What was seen, line by line. Frames are hex, as `hexOf` writes them. The other lines of a server case: "lives" if the connection
 * answered one more call, else "closed", "stays open" or "the process ended". Those of a client case are what its caller was given.
 */
export type Outcome = readonly string[];

interface Case {
  readonly row: RowId;
  /** Unique within the row. */
  readonly name: string;
  /** What Go's peer does. */
  readonly go: Outcome;
  /** Lines that Go's peer has in place of those at times, as it picks at random, where ours never has. */
  readonly goAtTimes?: { readonly outcome: Outcome; readonly because: Difference };
  /** What ours does, if it is something else. */
  readonly ours?: { readonly outcome: Outcome; readonly because: Difference };
}

export type ServerStep =
  | { readonly send: Bytes }
  /** Waits for so many frames. */
  | { readonly take: number }
  | { readonly waitMs: number }
  /** Another call, to its reply, which is not noted. */
  | { readonly call: "another" }
  /** Reads nothing from here on. */
  | { readonly stopReading: true }
  | { readonly halfClose: true }
  /** Hangs up. */
  | { readonly close: true }
  /** On another connection: waits for the handler of the Watch call with this text to end, and notes why it did. */
  | { readonly watched: string };

export interface ServerCase extends Case {
  readonly steps: readonly ServerStep[];
  /** normal: one server for many cases. own: one that may die of it. broken: its reads fail at the end of what the client sends. */
  readonly server?: "own" | "broken";
}

export interface ClientCase extends Case {
  readonly call: CallScript;
  /** Frames of the client that the server waits for before it sends. 1 if not told; 0: it reads nothing. */
  readonly take?: number;
  /** Whether those frames are part of the outcome. */
  readonly shown?: true;
  readonly send?: readonly Bytes[];
  /** Whether the server ends the connection after that. */
  readonly hangsUp?: true;
  /** A server that is broken by itself. unread: it hangs up on what it has not read. deaf: nothing can be written to it. */
  readonly server?: "unread" | "deaf";
}

/** What the client does. The methods' messages are EchoPayloads. */
export interface CallScript {
  readonly kind: MethodKind;
  /** Streaming.Echo or Peer's Count, Collect, Echo2 if not told. "svc/Echo": the service of the wire vectors. */
  readonly method?: "svc/Echo";
  readonly seq?: number;
  readonly msg?: string;
  /** Messages to send, and whether the end follows. */
  readonly sends?: number;
  readonly end?: boolean;
  /** Between connecting and the call. */
  readonly waitMs?: number;
  /** Before the first read. */
  readonly pauseMs?: number;
  /** 1 if not told. */
  readonly reads?: number;
  /** Closes the client with the call in flight. */
  readonly closeMs?: number;
  /** One more call afterwards, which the server answers. */
  readonly next?: boolean;
  /** All of it so many times, on a new connection each. */
  readonly repeat?: number;
}

export function titleOf({ row, name }: ServerCase | ClientCase): string {
  return `${row} ${name}`;
}

/** Whether this is what Go does, at least at times. */
export function isGo(one: ServerCase | ClientCase, outcome: Outcome): boolean {
  const { go, goAtTimes } = one;
  return outcome.length === go.length && outcome.every((line, i) => line === go[i] || line === goAtTimes?.outcome[i]);
}

/** What ours must do. */
export function wanted(one: ServerCase | ClientCase): Outcome {
  return one.ours?.outcome ?? one.go;
}
