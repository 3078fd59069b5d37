// What the tests of the front ends share: .proto texts read from a folder, and the intermediate form without its circles.
import type { FileDescriptorProto } from "#lib/codegen/descriptor.js";
import { type ReadProtos, readProtos } from "#lib/codegen/from-files.js";
import type { Enum, Field, FieldType, Message, ProtoFile, ServiceDeclaration } from "#lib/codegen/ir.js";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { folderWith } from "./programs.js";

export interface TextOptions {
  /** Paths of those to read. Default: all. */
  readonly files?: readonly string[];
  readonly ignoreImports?: readonly string[];
  /** Where warnings are put. */
  readonly warnings?: string[];
}

/** Reads .proto texts by their paths. */
export function readTexts(texts: Readonly<Record<string, string>>, { files, ignoreImports = [], warnings }: TextOptions = {}): ReadProtos {
  const folder = folderWith(texts);
  return readProtos(files ?? Object.keys(texts), { includePaths: [folder], ignoreImports, onWarning: (text) => warnings?.push(text) });
}

/** The intermediate form of one text. */
export function readText(text: string): ProtoFile {
  const { files } = readTexts({ "a.proto": text });
  return files.find(({ path }) => path === "a.proto") as ProtoFile;
}

/** Descriptors of .proto texts by their paths. */
export function describeTexts(texts: Readonly<Record<string, string>>): FileDescriptorProto[] {
  return readDescriptors(Object.keys(texts), { includePaths: [folderWith(texts)] }).files;
}

/** What a text is refused with: "line:column: message" each; a path other than a.proto is put before. */
export function refusal(texts: string | Readonly<Record<string, string>>, options: TextOptions = {}): string[] {
  const folder = folderWith(typeof texts === "string" ? { "a.proto": texts } : texts);
  const files = options.files ?? (typeof texts === "string" ? ["a.proto"] : Object.keys(texts));
  try {
    readProtos(files, { includePaths: [folder], ignoreImports: options.ignoreImports ?? [] });
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.replace(`${folder}/`, "").replace(/^a\.proto:/, ""));
  }
  return [];
}

/** A file of the intermediate form as plain data: what it refers to, by name. */
export function flat(file: ProtoFile): object {
  return { ...file, messages: file.messages.map(flatMessage), enums: file.enums.map(flatEnum), services: file.services.map(flatService) };
}

function flatMessage(message: Message): object {
  return {
    ...message,
    file: message.file.path,
    parent: message.parent?.typeName,
    fields: message.fields.map(flatField),
    oneofs: message.oneofs.map((oneof) => ({ ...oneof, fields: oneof.fields.map(({ name }) => name) })),
    messages: message.messages.map(flatMessage),
    enums: message.enums.map(flatEnum),
  };
}

function flatField(field: Field): object {
  return { ...field, type: flatType(field.type), oneof: field.oneof?.name };
}

function flatType(type: FieldType): object {
  if (type.kind === "message") return { ...type, message: type.message.typeName };
  return type.kind === "enum" ? { ...type, enum: type.enum.typeName } : type;
}

function flatEnum(type: Enum): object {
  return { ...type, file: type.file.path, parent: type.parent?.typeName };
}

function flatService(service: ServiceDeclaration): object {
  return {
    ...service,
    file: service.file.path,
    methods: service.methods.map((method) => ({ ...method, input: method.input.typeName, output: method.output.typeName })),
  };
}

/** A field of a message that is given by its name, at the top of the file. */
export function fieldOf(file: ProtoFile, message: string, field: string): Field {
  const found = file.messages.find(({ name }) => name === message)?.fields.find(({ name }) => name === field);
  if (found === undefined) throw new Error(`no field ${message}.${field}`);
  return found;
}
