// ttrpc/reflection: services and messages of .proto files at run time, without generated code.
import { typesOf } from "./codegen/emit/scope.js";
import { withKeys } from "./codegen/emit/service.js";
import { readProtos } from "./codegen/from-files.js";
import type { Enum, Message, ProtoFile, ServiceDeclaration } from "./codegen/ir.js";
import { lower } from "./codegen/lower.js";
import { didYouMean } from "./codegen/nearest.js";
import { Code, TtrpcError } from "./errors.js";
import type { JsonEnum, JsonMessage } from "./json/fields.js";
import { type Properties, reflectEnum, reflectMessage, type ReflectedMessage } from "./reflection/message.js";
import { fromBinary } from "./runtime.js";
import { defineService, type Method, type MethodKind, type Service } from "./services.js";
import { FileDescriptorSet } from "./wkt/google/protobuf/descriptor_ttrpc.js";
import { createRegistry, type TypeRegistry } from "./wkt/registry.js";

export { ProtoError } from "./codegen/from-files.js";
export type { Diagnostic } from "./codegen/from-files.js";
export type { JsonEnum, JsonMessage } from "./json/fields.js";
export type { Properties, ReflectedMessage } from "./reflection/message.js";

export interface LoadProtoOptions {
  /**
   * Folders that imports are looked for in, in order; each file has to be in one of them. Default: the working directory.
   * google/protobuf/*.proto and google/rpc/*.proto come with the package.
   */
  readonly includePaths?: readonly string[] | undefined;
  /** Globs over import paths: these are as if they did not exist. Default: none. */
  readonly ignoreImports?: readonly string[] | undefined;
  /** Called once at most: about imports that were not found and not needed. Default: nobody is told. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Methods and their kinds. */
export interface MethodKinds {
  readonly [method: string]: MethodKind;
}

/** A service whose messages have no types of their own. */
export type ReflectedService<K extends MethodKinds> = Service<{ readonly [M in keyof K]: Method<ReflectedMessage, ReflectedMessage, K[M]> }>;

/** What .proto files declare, their imports included. */
export interface Protos {
  /** Full names of the services, sorted. */
  readonly services: readonly string[];
  /** Full names of the message types, sorted. */
  readonly messages: readonly string[];
  /** Full names of the enums, sorted. */
  readonly enums: readonly string[];
  /** All message types: for Any in JSON and `anyUnpack`. */
  readonly registry: TypeRegistry;

  /**
   * A service by its full name, for `client.service()` and `server.service()`. Methods are called as in generated code. To the
   * compiler all are unary, unless the type parameter says which there are: `service<{ echo: "unary"; chat: "bidi" }>("demo.Echo")`.
   *
   * Throws NotFound for a name that is none.
   */
  service<K extends MethodKinds = { readonly [method: string]: "unary" }>(name: string): ReflectedService<K>;
  /** A message type by its full name. Throws NotFound for a name that is none. */
  message<T extends object = Properties>(name: string): JsonMessage<T, Partial<T>>;
  /** An enum's numbers by their names in the .proto. Throws NotFound for a name that is none. */
  enum(name: string): JsonEnum;
}

/**
 * Reads .proto files and what they import, as `ttrpc gen` does. Rejects with a ProtoError, whose message has a line
 * `file:line:column: message` for each mistake.
 *
 * ```ts
 * const protos = await loadProto("echo.proto");
 * const echo = client.service(protos.service<{ say: "unary" }>("demo.Echo"));
 * const reply = await echo.say({ text: "hello" });
 * ```
 */
export async function loadProto(files: string | readonly string[], options: LoadProtoOptions = {}): Promise<Protos> {
  const { includePaths = [], ignoreImports = [], onWarning } = options;
  return reflect(readProtos(typeof files === "string" ? [files] : files, { includePaths, ignoreImports, onWarning }).files);
}

/** Reads what `protoc --descriptor_set_out --include_imports` and `buf build` write. Throws on malformed bytes and on missing imports. */
export function loadDescriptorSet(bytes: Uint8Array): Protos {
  return reflect(lower(fromBinary(FileDescriptorSet, bytes).file));
}

function reflect(files: readonly ProtoFile[]): Protos {
  const types = files.flatMap(typesOf);
  const messages = byName(types.filter((type): type is Message => "fields" in type));
  const enums = byName(types.filter((type): type is Enum => "values" in type));
  const declared = byName(files.flatMap(({ services }) => services));
  const services = new Map<string, Service>();
  return {
    services: [...declared.keys()].sort(),
    messages: [...messages.keys()].sort(),
    enums: [...enums.keys()].sort(),
    registry: createRegistry([...messages.values()].map(reflectMessage)),
    service<K extends MethodKinds>(name: string) {
      let service = services.get(name);
      if (service === undefined) services.set(name, (service = reflectService(find(declared, name, "service"))));
      return service as unknown as ReflectedService<K>;
    },
    message: <T extends object>(name: string) => reflectMessage(find(messages, name, "message")) as unknown as JsonMessage<T, Partial<T>>,
    enum: (name) => reflectEnum(find(enums, name, "enum")),
  };
}

function byName<T extends { readonly typeName: string }>(declarations: readonly T[]): ReadonlyMap<string, T> {
  return new Map(declarations.map((declaration) => [declaration.typeName, declaration]));
}

function find<T>(known: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = known.get(name);
  if (found !== undefined) return found;
  throw new TtrpcError(Code.NotFound, `there is no ${what} ${name}${didYouMean(name, known.keys())}`);
}

function reflectService({ typeName, methods }: ServiceDeclaration): Service {
  const reflected: Record<string, Method> = {};
  for (const [key, { name, kind, input, output }] of withKeys(methods)) {
    reflected[key] = { name, kind, input: reflectMessage(input), output: reflectMessage(output) };
  }
  return defineService(typeName, reflected);
}
