// google.protobuf.Any: a message with the name of its type.
import type { AnyMessageType, MessageType } from "../codec.js";
import { Code, TtrpcError } from "../errors.js";
import { fromBinary, toBinary } from "../runtime.js";
import type { Any } from "./google/protobuf/any_ttrpc.js";
import { findType, type TypeRegistry, typeNameOf } from "./registry.js";

/** An Any, or a detail of an error. */
export interface AnyLike {
  readonly typeUrl?: string | undefined;
  readonly value?: Uint8Array | undefined;
}

export interface AnyPackOptions {
  /**
   * What stands before the name of the type; "/" is added where it does not end in one. "": the name alone, as containerd
   * sends it. Default: "type.googleapis.com/".
   */
  readonly typeUrlPrefix?: string | undefined;
}

/** What an Any held, and its type. */
export interface Unpacked {
  readonly type: AnyMessageType;
  readonly message: object;
}

/** Encodes a message into an Any. It can stand in the details of a TtrpcError, too. */
export function anyPack<Init extends object>(type: MessageType<object, Init>, message: Init, options: AnyPackOptions = {}): Any {
  const { typeUrlPrefix: prefix = "type.googleapis.com/" } = options;
  const separator = prefix === "" || prefix.endsWith("/") ? "" : "/";
  return { typeUrl: `${prefix}${separator}${type.typeName}`, value: toBinary(type, message) };
}

/** Whether an Any holds a message of this type, whatever is before the name in its type URL. */
export function anyIs(any: AnyLike, type: AnyMessageType | string): boolean {
  const { typeUrl = "" } = any;
  const name = typeof type === "string" ? type : type.typeName;
  return typeUrl === name || (typeUrl.endsWith(`/${name}`) && !typeUrl.startsWith("types.containerd.io/"));
}

/**
 * Decodes an Any: as the type given, or as what it is, out of a registry. "type.googleapis.com/pkg.Name", "/pkg.Name" and
 * containerd's "pkg.Name" are the same.
 *
 * Throws InvalidArgument for another type than the one given and for Go types that containerd writes as JSON
 * ("types.containerd.io/..."), NotFound for a type that the registry does not have, and what decoding throws.
 */
export function anyUnpack<T extends object>(any: AnyLike, type: MessageType<T, never>): T;
export function anyUnpack(any: AnyLike, registry: TypeRegistry): Unpacked;
export function anyUnpack(any: AnyLike, source: AnyMessageType | TypeRegistry): object {
  const { typeUrl = "", value = new Uint8Array() } = any;
  if (Symbol.iterator in source) {
    const type = findType(source, typeUrl);
    return { type, message: fromBinary(type, value) } satisfies Unpacked;
  }
  const name = typeNameOf(typeUrl);
  if (name !== source.typeName) throw new TtrpcError(Code.InvalidArgument, `the Any holds a ${name}, not a ${source.typeName}`);
  return fromBinary(source, value);
}
