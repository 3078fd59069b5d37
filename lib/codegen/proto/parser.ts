// A .proto text as a FileDescriptorProto, with comments where protoc has them and the places of names for error messages.
// Grammar only: what names mean is linker.ts, what numbers and names are allowed is checks.ts.
import type { FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto } from "../descriptor.js";
import {
  FileOptions,
  MethodDescriptorProto as MethodDescriptorProtoType,
  MethodOptions,
  ServiceDescriptorProto as ServiceDescriptorProtoType,
  ServiceOptions,
} from "../descriptor.js";
import { Edition } from "../descriptor.js";
import { expect, expected, here, identifier, stringLiteral, take, typeReference } from "./cursor.js";
import { type Place, SyntaxProblem } from "./diagnostics.js";
import { parseEnum } from "./enum-parser.js";
import { parseExtend, parseMessage, scalarTypes } from "./message-parser.js";
import type { Option } from "./options.js";
import { type Marks, ParserState, type Path } from "./parser-state.js";

export interface ProtoImport {
  readonly path: string;
  readonly place: Place;
}

export interface ParsedProto {
  readonly descriptor: FileDescriptorProto;
  /** As in `descriptor.dependency`. */
  readonly imports: readonly ProtoImport[];
  /** Neither standard nor extensions. */
  readonly unknownOptions: readonly Option[];
  /** Those that are extensions. */
  readonly customOptions: readonly Option[];
  /** By descriptor of messages, fields, oneofs, enums, values, services and methods; of the file: its package. */
  readonly marks: ReadonlyMap<object, Marks>;
}

/** Parses `source`; `name` is the path that imports know it by. @throws SyntaxProblem at its first mistake. */
export function parseProto(name: string, source: string): ParsedProto {
  return new Parser(source).parse(name);
}

class Parser {
  readonly #s: ParserState;
  readonly #imports: ProtoImport[] = [];

  constructor(source: string) {
    this.#s = new ParserState(source);
  }

  parse(name: string): ParsedProto {
    const { file, info, marks, unknownOptions, customOptions } = this.#s;
    file.name = name;
    file.sourceCodeInfo = info;
    if (this.#s.at("syntax") || this.#s.at("edition")) this.#syntax();
    while (this.#s.kind() !== "end") this.#topLevel();
    return { descriptor: file, imports: this.#imports, unknownOptions, customOptions, marks };
  }

  #syntax(): void {
    const t = this.#s.t;
    const isEdition = t.text === "edition";
    t.next();
    expect(t, "=");
    const place = here(t);
    const text = stringLiteral(t, isEdition ? "an edition" : '"proto2" or "proto3"');
    this.#s.end(";", undefined);
    if (isEdition) {
      const edition = text === "2023" ? Edition.EDITION_2023 : text === "2024" ? Edition.EDITION_2024 : undefined;
      if (edition === undefined) throw new SyntaxProblem(place, `edition "${text}" is not known: 2023 and 2024 are`);
      this.#s.file.syntax = "editions";
      this.#s.file.edition = edition;
      this.#s.editions = true;
      return;
    }
    if (text !== "proto2" && text !== "proto3") throw new SyntaxProblem(place, `syntax "${text}" is not known: "proto2" and "proto3" are`);
    this.#s.file.syntax = text;
    this.#s.proto3 = text === "proto3";
  }

  #topLevel(): void {
    const t = this.#s.t;
    const file = this.#s.file;
    if (this.#s.tryEnd(";", undefined)) return;
    this.#s.visibility();
    switch (t.text) {
      case "message":
        return parseMessage(this.#s, { messages: file.messageType, path: [], nested: 4 }, 1);
      case "enum":
        return parseEnum(this.#s, file.enumType, [5, file.enumType.length]);
      case "service":
        return this.#service();
      case "extend":
        return parseExtend(this.#s, file.extension, { messages: file.messageType, path: [], nested: 4 }, 1);
      case "import":
        return this.#import();
      case "package":
        return this.#package();
      case "option":
        return this.#s.optionStatement("file", () => (file.options ??= FileOptions.create()));
      default:
        return expected(t, 'a statement (such as "message")');
    }
  }

  #package(): void {
    const t = this.#s.t;
    const place = here(t);
    if (this.#s.file.package !== undefined) throw new SyntaxProblem(place, "the package is declared a second time");
    t.next();
    const name = here(t);
    if (t.text === ".") expected(t, "a package name");
    this.#s.file.package = typeReference(t, "a package name");
    this.#s.marks.set(this.#s.file, { name });
    this.#s.end(";", undefined);
  }

  #import(): void {
    const t = this.#s.t;
    const file = this.#s.file;
    const place = here(t);
    t.next();
    if (t.text === "option") {
      if ((file.edition ?? 0) < Edition.EDITION_2024) throw new SyntaxProblem(here(t), '"import option" is not supported before edition 2024');
      t.next();
      file.optionDependency.push(stringLiteral(t, "the path of a file"));
      return this.#s.end(";", undefined);
    }
    const index = file.dependency.length;
    if (take(t, "public")) file.publicDependency.push(index);
    else if (t.text === "weak") {
      if ((file.edition ?? 0) >= Edition.EDITION_2024)
        throw new SyntaxProblem(here(t), '"import weak" is not supported since edition 2024: use "import option"');
      t.next();
      file.weakDependency.push(index);
    }
    const path = stringLiteral(t, "the path of a file");
    if (file.dependency.includes(path)) throw new SyntaxProblem(place, `import "${path}" was listed twice`);
    file.dependency.push(path);
    this.#imports.push({ path, place });
    this.#s.end(";", undefined);
  }

  #service(): void {
    const t = this.#s.t;
    t.next();
    const service: ServiceDescriptorProto = ServiceDescriptorProtoType.create();
    const path = [6, this.#s.file.service.length];
    const place = here(t);
    service.name = identifier(t, "a service name");
    this.#s.marks.set(service, { name: place });
    this.#s.file.service.push(service);
    this.#s.end("{", path);
    this.#s.block("service", place, () => {
      if (t.text === "option") this.#s.optionStatement("service", () => (service.options ??= ServiceOptions.create()));
      else if (t.text === "rpc") this.#method(service.method, [...path, 2, service.method.length]);
      else expected(t, '"rpc"');
    });
  }

  #method(methods: MethodDescriptorProto[], path: Path): void {
    const t = this.#s.t;
    t.next();
    const method = MethodDescriptorProtoType.create();
    const name = here(t);
    method.name = identifier(t, "a method name");
    expect(t, "(");
    if (take(t, "stream")) method.clientStreaming = true;
    const type = here(t);
    method.inputType = this.#messageType();
    expect(t, ")");
    expect(t, "returns");
    expect(t, "(");
    if (take(t, "stream")) method.serverStreaming = true;
    const output = here(t);
    method.outputType = this.#messageType();
    expect(t, ")");
    this.#s.marks.set(method, { name, type, output });
    methods.push(method);
    if (t.text === "{") {
      this.#s.end("{", path);
      this.#s.block("rpc", name, () => this.#s.optionStatement("method", () => (method.options ??= MethodOptions.create())));
    } else this.#s.end(";", path);
  }

  #messageType(): string {
    if (scalarTypes[this.#s.t.text] !== undefined) expected(this.#s.t, "a message type");
    return typeReference(this.#s.t, "a message type");
  }
}
