// What every sub-command of `ttrpc` is, and how it says that it was called wrongly.
import type { Terminal } from "./terminal.js";

/** A sub-command's module; loaded when the command is used. */
export interface Command {
  /** Printed by `ttrpc help NAME` and `ttrpc NAME --help`. */
  readonly help: string;
  /** Returns the exit code: 0 done, 1 failed or found differences. @throws UsageError for exit code 2. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** The command line or a configuration file is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for cannot be done; the message is for the user, without a stack. Exit code 1. */
export class FailureError extends Error {
  override readonly name = "FailureError";
}
