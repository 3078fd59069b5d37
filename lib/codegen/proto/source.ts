// One .proto file that has been read: what is in it, what it imports, and what is wrong with it.
import type { FileDescriptorProto } from "../descriptor.js";
import type { Diagnostic, Place } from "./diagnostics.js";
import type { Option } from "./options.js";
import type { ParsedProto, ProtoImport } from "./parser.js";
import type { Marks } from "./parser-state.js";

export interface SourceImport extends ProtoImport {
  readonly public: boolean;
  /** Absent if it is missing or ignored. */
  readonly file: ProtoSource | undefined;
}

export class ProtoSource {
  /** As imports name it. */
  readonly path: string;
  /** As the user would open it. */
  readonly shown: string;
  readonly descriptor: FileDescriptorProto;
  readonly marks: ReadonlyMap<object, Marks>;
  readonly customOptions: readonly Option[];
  readonly imports: SourceImport[] = [];
  readonly #diagnostics: Diagnostic[];

  constructor(shown: string, parsed: ParsedProto, diagnostics: Diagnostic[]) {
    this.path = parsed.descriptor.name ?? "";
    this.shown = shown;
    this.descriptor = parsed.descriptor;
    this.marks = parsed.marks;
    this.customOptions = parsed.customOptions;
    this.#diagnostics = diagnostics;
  }

  /** Notes a mistake. */
  report(place: Place | undefined, message: string): void {
    this.#diagnostics.push(diagnosticAt(this.shown, place, message));
  }
}

export function diagnosticAt(file: string, place: Place | undefined, message: string): Diagnostic {
  return place === undefined ? { file, line: 0, column: 0, message } : { file, line: place.line + 1, column: place.column + 1, message };
}
