// From descriptors to the intermediate form: types linked, map entries and made-up oneofs folded away, features resolved.
import { shortestFloat } from "../wire/float.js";
import { commentOf } from "./comments.js";
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  ServiceDescriptorProto,
  SourceCodeInfo_Location,
} from "./descriptor.js";
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from "./descriptor.js";
import { delimitedOf, type Features, fileFeatures, inherit, packedOf, presenceOf } from "./features.js";
import type { Enum, Field, FieldType, Message, MethodDeclaration, Oneof, ProtoFile, Scalar, ServiceDeclaration } from "./ir.js";
import { camelCase, freeProperty, qualified } from "./names.js";
import { cyclic } from "./recursion.js";

/** Numbers of fields of descriptor.proto, of which paths in SourceCodeInfo are made. */
const FILE_MESSAGE = 4;
const FILE_ENUM = 5;
const FILE_SERVICE = 6;
const MESSAGE_FIELD = 2;
const MESSAGE_NESTED = 3;
const MESSAGE_ENUM = 4;
const MESSAGE_ONEOF = 8;
const ENUM_VALUE = 2;
const SERVICE_METHOD = 2;

const scalars: readonly (Scalar | undefined)[] = [
  undefined,
  "double",
  "float",
  "int64",
  "uint64",
  "int32",
  "fixed64",
  "fixed32",
  "bool",
  "string",
  undefined, // group
  undefined, // message
  "bytes",
  "uint32",
  undefined, // enum
  "sfixed32",
  "sfixed64",
  "sint32",
  "sint64",
];

const jstypes = ["normal", "string", "number"] as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
type Context = { readonly file: ProtoFile; readonly comments: ReadonlyMap<string, SourceCodeInfo_Location> };

/** A message that is declared, with what it takes to fill it once all types are known. */
interface Pending {
  readonly descriptor: DescriptorProto;
  readonly message: Writable<Message>;
  readonly features: Features;
  readonly path: string;
  readonly context: Context;
}

/**
 * The intermediate form of `descriptors`, in their order. They have to be complete: each type that a field or method
 * names has to be in one of them, by its full name with a leading dot, as protoc gives it.
 */
export function lower(descriptors: readonly FileDescriptorProto[]): ProtoFile[] {
  return new Lowering().run(descriptors);
}

class Lowering {
  readonly #messages = new Map<string, Writable<Message>>();
  readonly #enums = new Map<string, Enum>();
  /** Map entries by full name. */
  readonly #entries = new Map<string, DescriptorProto>();
  readonly #pending: Pending[] = [];

  run(descriptors: readonly FileDescriptorProto[]): ProtoFile[] {
    const files = descriptors.map((descriptor) => this.#declareFile(descriptor));
    for (const pending of this.#pending) this.#fillMessage(pending);
    for (const { descriptor, file, context } of files) {
      descriptor.service.forEach((service, i) => file.services.push(this.#service(service, `${FILE_SERVICE},${i}`, context)));
    }
    for (const message of cyclic(this.#messages.values(), containedIn)) message.recursive = true;
    return files.map(({ file }) => file);
  }

  #declareFile(descriptor: FileDescriptorProto): { descriptor: FileDescriptorProto; file: Writable<ProtoFile>; context: Context } {
    const scope = descriptor.package ?? "";
    const file: Writable<ProtoFile> = {
      path: descriptor.name ?? "",
      package: scope,
      deprecated: descriptor.options?.deprecated === true,
      imports: descriptor.dependency.map((path, i) => ({ path, public: descriptor.publicDependency.includes(i) })),
      messages: [],
      enums: [],
      services: [],
    };
    const comments = new Map<string, SourceCodeInfo_Location>();
    for (const location of descriptor.sourceCodeInfo?.location ?? []) {
      if (location.leadingComments || location.trailingComments) comments.set(location.path.join(), location);
    }
    const context: Context = { file, comments };
    const features = fileFeatures(descriptor);
    descriptor.messageType.forEach((message, i) => {
      const declared = this.#declareMessage(message, scope, undefined, features, `${FILE_MESSAGE},${i}`, context);
      if (declared !== undefined) file.messages.push(declared);
    });
    descriptor.enumType.forEach((type, i) => file.enums.push(this.#enum(type, scope, undefined, `${FILE_ENUM},${i}`, context)));
    return { descriptor, file, context };
  }

  #declareMessage(
    descriptor: DescriptorProto,
    scope: string,
    parent: Message | undefined,
    outer: Features,
    path: string,
    context: Context,
  ): Message | undefined {
    const typeName = qualified(scope, descriptor.name);
    if (descriptor.options?.mapEntry === true) {
      this.#entries.set(`.${typeName}`, descriptor);
      return undefined;
    }
    const features = inherit(outer, descriptor.options?.features);
    const message: Writable<Message> = {
      name: descriptor.name ?? "",
      comment: commentOf(context.comments.get(path)),
      deprecated: descriptor.options?.deprecated === true,
      typeName,
      file: context.file,
      parent,
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      recursive: false,
    };
    this.#messages.set(`.${typeName}`, message);
    this.#pending.push({ descriptor, message, features, path, context });
    descriptor.nestedType.forEach((nested, i) => {
      const declared = this.#declareMessage(nested, typeName, message, features, `${path},${MESSAGE_NESTED},${i}`, context);
      if (declared !== undefined) message.messages.push(declared);
    });
    descriptor.enumType.forEach((type, i) => message.enums.push(this.#enum(type, typeName, message, `${path},${MESSAGE_ENUM},${i}`, context)));
    return message;
  }

  #enum(descriptor: EnumDescriptorProto, scope: string, parent: Message | undefined, path: string, context: Context): Enum {
    const type: Enum = {
      name: descriptor.name ?? "",
      comment: commentOf(context.comments.get(path)),
      deprecated: descriptor.options?.deprecated === true,
      typeName: qualified(scope, descriptor.name),
      file: context.file,
      parent,
      values: descriptor.value.map((value, i) => ({
        name: value.name ?? "",
        comment: commentOf(context.comments.get(`${path},${ENUM_VALUE},${i}`)),
        deprecated: value.options?.deprecated === true,
        number: value.number ?? 0,
      })),
    };
    this.#enums.set(`.${type.typeName}`, type);
    return type;
  }

  #fillMessage({ descriptor, message, features, path, context }: Pending): void {
    // proto3 `optional` makes up a oneof around its field.
    const synthetic = new Set(descriptor.field.filter((field) => field.proto3Optional === true).map((field) => field.oneofIndex));
    const properties = new Set<string>();
    const cases = descriptor.oneofDecl.map(() => new Set<string>());
    const oneofs = descriptor.oneofDecl.map((oneof, i) => ({
      name: oneof.name ?? "",
      property: synthetic.has(i) ? "" : freeProperty(oneof.name ?? "", properties),
      comment: commentOf(context.comments.get(`${path},${MESSAGE_ONEOF},${i}`)),
      deprecated: false,
      fields: [] as Field[],
    }));
    const oneofFeatures = descriptor.oneofDecl.map(({ options }) => inherit(features, options?.features));
    descriptor.field.forEach((field, i) => {
      const index = field.oneofIndex;
      const oneof = index === undefined || synthetic.has(index) ? undefined : oneofs[index];
      const outer = index === undefined ? features : (oneofFeatures[index] ?? features);
      const comment = commentOf(context.comments.get(`${path},${MESSAGE_FIELD},${i}`));
      const property = freeProperty(field.name ?? "", oneof === undefined ? properties : (cases[index as number] as Set<string>));
      const lowered = { ...this.#field(field, oneof, inherit(outer, field.options?.features), comment, message), property };
      message.fields.push(lowered);
      oneof?.fields.push(lowered);
    });
    message.oneofs = oneofs.filter((_, i) => !synthetic.has(i));
  }

  #field(descriptor: FieldDescriptorProto, oneof: Oneof | undefined, features: Features, comment: string, message: Message): Omit<Field, "property"> {
    const name = descriptor.name ?? "";
    const repeated = descriptor.label === Label.REPEATED;
    const entry = repeated ? this.#entries.get(descriptor.typeName ?? "") : undefined;
    const key = entry?.field.find((part) => part.number === 1);
    const value = entry?.field.find((part) => part.number === 2);
    if (entry !== undefined && (key === undefined || value === undefined)) {
      throw new Error(`map entry ${descriptor.typeName} of ${message.typeName}.${name} lacks its key or value`);
    }
    return {
      name,
      comment,
      deprecated: descriptor.options?.deprecated === true,
      number: descriptor.number ?? 0,
      jsonName: descriptor.jsonName ?? camelCase(name),
      cardinality: entry !== undefined ? "map" : repeated ? "repeated" : "singular",
      type: value === undefined ? this.#type(descriptor, delimitedOf(descriptor, features), message) : this.#type(value, false, message),
      key: key === undefined ? undefined : scalars[key.type ?? 0],
      presence: presenceOf(descriptor, features),
      packed: packedOf(descriptor, features),
      oneof,
      defaultValue: defaultOf(descriptor),
      jstype: jstypes[descriptor.options?.jstype ?? 0] ?? "normal",
    };
  }

  #type(field: FieldDescriptorProto, delimited: boolean, parent: Message): FieldType {
    const scalar = scalars[field.type ?? 0];
    if (scalar !== undefined) return { kind: "scalar", scalar };
    if (field.type === Type.ENUM) {
      return { kind: "enum", enum: found(this.#enums.get(field.typeName ?? ""), field.typeName, `${parent.typeName}.${field.name}`) };
    }
    return { kind: "message", message: found(this.#messages.get(field.typeName ?? ""), field.typeName, `${parent.typeName}.${field.name}`), delimited };
  }

  #service(descriptor: ServiceDescriptorProto, path: string, context: Context): ServiceDeclaration {
    const typeName = qualified(context.file.package, descriptor.name);
    return {
      name: descriptor.name ?? "",
      comment: commentOf(context.comments.get(path)),
      deprecated: descriptor.options?.deprecated === true,
      typeName,
      file: context.file,
      methods: descriptor.method.map(
        (method, i): MethodDeclaration => ({
          name: method.name ?? "",
          comment: commentOf(context.comments.get(`${path},${SERVICE_METHOD},${i}`)),
          deprecated: method.options?.deprecated === true,
          kind: method.clientStreaming ? (method.serverStreaming ? "bidi" : "clientStream") : method.serverStreaming ? "serverStream" : "unary",
          input: found(this.#messages.get(method.inputType ?? ""), method.inputType, `${typeName}.${method.name}`),
          output: found(this.#messages.get(method.outputType ?? ""), method.outputType, `${typeName}.${method.name}`),
        }),
      ),
    };
  }
}

/** Messages that a field of `message` holds, or its map's values. */
function containedIn(message: Message): readonly Writable<Message>[] {
  const targets: Writable<Message>[] = [];
  for (const { type } of message.fields) if (type.kind === "message") targets.push(type.message as Writable<Message>);
  return targets;
}

function found<T>(type: T | undefined, name: string | undefined, user: string): T {
  if (type === undefined) throw new Error(`type ${name} of ${user} is in none of the files`);
  return type;
}

/** protoc and buf write one number in different ways: ours is the shortest that means it. */
function defaultOf({ defaultValue: text, type }: FieldDescriptorProto): string | undefined {
  if (text === undefined || (type !== Type.FLOAT && type !== Type.DOUBLE)) return text;
  if (text.endsWith("nan")) return "nan";
  const value = text.endsWith("inf") ? Number(text.replace("inf", "Infinity")) : Number(text);
  const exact = type === Type.FLOAT ? Math.fround(value) : value;
  if (!Number.isFinite(exact)) return exact < 0 ? "-inf" : "inf";
  if (exact === 0) return Object.is(exact, -0) ? "-0" : "0";
  return String(type === Type.FLOAT ? shortestFloat(exact) : exact);
}
