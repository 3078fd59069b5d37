// Message types by name: what an Any is unpacked with.
import type { AnyMessageType } from "../codec.js";
import { Code, TtrpcError } from "../errors.js";

/** Message types by their full names. Made by `createRegistry`. */
export interface TypeRegistry extends Iterable<AnyMessageType> {
  /** The type of this full name, as "containerd.runc.v1.Options". */
  get(typeName: string): AnyMessageType | undefined;
}

/** A registry of message types; those of other registries may be among them. Throws a TypeError if two types share a name. */
export function createRegistry(...types: readonly (AnyMessageType | Iterable<AnyMessageType>)[]): TypeRegistry {
  const byName = new Map<string, AnyMessageType>();
  for (const entry of types) {
    for (const type of Symbol.iterator in entry ? entry : [entry]) {
      const known = byName.get(type.typeName);
      if (known !== undefined && known !== type) throw new TypeError(`two message types are called ${type.typeName}`);
      byName.set(type.typeName, type);
    }
  }
  return {
    get: (typeName) => byName.get(typeName),
    [Symbol.iterator]: () => byName.values(),
  };
}

/** What containerd's typeurl package puts before the names of Go types, whose values it writes as JSON. */
const GO_TYPES = "types.containerd.io/";

/**
 * The message name in a type URL: what is behind the last slash, or all of it. Throws InvalidArgument for an empty one, and for
 * those of containerd's typeurl that stand before JSON.
 */
export function typeNameOf(typeUrl: string): string {
  if (typeUrl.startsWith(GO_TYPES))
    throw new TtrpcError(Code.InvalidArgument, `the Any of ${typeUrl} holds JSON of a Go type, not a protobuf message: JSON.parse its value`);
  const name = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  if (name === "") throw new TtrpcError(Code.InvalidArgument, `type URL ${JSON.stringify(typeUrl)} names no message`);
  return name;
}

/** The type that a type URL names. Throws what `typeNameOf` does, and NotFound if the registry does not have it. */
export function findType(registry: TypeRegistry | undefined, typeUrl: string): AnyMessageType {
  const name = typeNameOf(typeUrl);
  const type = registry?.get(name);
  if (type !== undefined) return type;
  throw new TtrpcError(Code.NotFound, registry === undefined ? `an Any of ${name} needs a registry of types` : `the registry has no type ${name}`);
}
