// What is wrong with .proto files, as an editor and a person can find it.

export interface Diagnostic {
  /** As the user would open it: relative to the working directory where the include path is. */
  readonly file: string;
  /** From 1. 0 where the file as a whole is meant. */
  readonly line: number;
  /** From 1, in UTF-16 units; a tab counts as one. */
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`, as compilers print it; `file: message` where no line is meant. */
export function formatDiagnostic({ file, line, column, message }: Diagnostic): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

/** One or more mistakes in .proto files. Its message is all of them, one a line. */
export class ProtoError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join("\n"));
    this.name = "ProtoError";
    this.diagnostics = diagnostics;
  }
}

/** Whether the file system said no. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** A place in a text: line and column from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a text whose path the thrower does not know. */
export class SyntaxProblem extends Error {
  readonly place: Place;

  constructor(place: Place, message: string) {
    super(message);
    this.place = place;
  }
}
