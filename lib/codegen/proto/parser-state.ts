// What all parts of the parser share: the tokens, what has been found so far, and how statements and declarations end.
import { FileDescriptorProto, SourceCodeInfo, SourceCodeInfo_Location } from "../descriptor.js";
import { Edition } from "../descriptor.js";
import { expect, expected } from "./cursor.js";
import { type Place, SyntaxProblem } from "./diagnostics.js";
import { applyOption, type KnownOptions, type Option, type OptionKind, readOption } from "./options.js";
import { Tokenizer, type TokenKind } from "./tokenizer.js";

/** Where the parts of a declaration are. */
export interface Marks {
  readonly name: Place;
  readonly number?: Place;
  /** Of a field, or of an rpc's input. */
  readonly type?: Place;
  /** Of an rpc's output. */
  readonly output?: Place;
  readonly default?: Place;
}

/** Path of a declaration, as SourceCodeInfo has it: numbers of descriptor.proto's fields and indices. */
export type Path = readonly number[];

/** A message, or the file: where declarations are put. */
export interface Scope<T> {
  readonly messages: T[];
  readonly path: Path;
  /** Number of the field that nested messages are in. */
  readonly nested: number;
}

export class ParserState {
  readonly t: Tokenizer;
  readonly file: FileDescriptorProto = FileDescriptorProto.create();
  readonly info: SourceCodeInfo = SourceCodeInfo.create();
  readonly unknownOptions: Option[] = [];
  /** Those that are extensions, whatever they are of. */
  readonly customOptions: Option[] = [];
  readonly marks: Map<object, Marks> = new Map();
  editions = false;
  proto3 = false;
  /** The comment before the declaration that comes next. */
  #upcoming = "";

  constructor(source: string) {
    this.t = new Tokenizer(source);
    this.#upcoming = this.t.nextWithComments().leading;
  }

  /** Text and kind of the current token, as functions so that the compiler does not think them constant. */
  at(text: string): boolean {
    return this.t.text === text;
  }
  kind(): TokenKind {
    return this.t.kind;
  }

  optionStatement(kind: OptionKind, target: () => KnownOptions): void {
    expect(this.t, "option");
    this.apply(kind, target);
    this.end(";", undefined);
  }

  apply(kind: OptionKind, target: () => KnownOptions): void {
    const option = readOption(this.t);
    if (option.name.startsWith("(")) this.customOptions.push(option);
    else if (!applyOption(kind, target, option, this.editions)) this.unknownOptions.push(option);
  }

  /** Statements up to the "}". */
  block(what: string, start: Place, statement: () => void): void {
    while (!this.tryEnd("}", undefined)) {
      if (this.tryEnd(";", undefined)) continue;
      if (this.t.kind === "end") throw new SyntaxProblem(start, `the ${what} that begins here lacks its "}"`);
      statement();
    }
  }

  /** Steps over what ends a declaration or its head. `path`: of the declaration, if its comments are wanted. */
  tryEnd(text: ";" | "{" | "}", path: Path | undefined): boolean {
    const t = this.t;
    if (t.text !== text) return false;
    const leading = this.#upcoming;
    const comments = t.nextWithComments();
    this.#upcoming = comments.leading;
    if (path === undefined || (leading === "" && comments.trailing === "")) return true;
    const location = SourceCodeInfo_Location.create();
    location.path = [...path];
    if (leading !== "") location.leadingComments = leading;
    if (comments.trailing !== "") location.trailingComments = comments.trailing;
    this.info.location.push(location);
    return true;
  }

  end(text: ";" | "{", path: Path | undefined): void {
    if (!this.tryEnd(text, path)) expected(this.t, `"${text}"`);
  }

  /** Steps over "export" and "local". */
  visibility(): void {
    const t = this.t;
    // Since edition 2024 these are keywords; who may use which type is protoc's to say.
    if ((this.file.edition ?? 0) < Edition.EDITION_2024 || (!this.at("export") && !this.at("local"))) return;
    t.next();
    if (!this.at("message") && !this.at("enum")) expected(t, '"message" or "enum" ("export" and "local" are for these)');
  }
}
