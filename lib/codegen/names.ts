// Names in TypeScript of what a .proto names.
import type { Enum, Message } from "./ir.js";

/** Properties that every object has: a field called so would change what the object is. */
const OBJECT_PROPERTIES = new Set([
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toJSON",
  "toLocaleString",
  "toString",
  "valueOf",
  "__proto__",
]);

/** What a type or value at the top of a module cannot be called: keywords, names of predefined types, and names in generated functions. */
const TOP_LEVEL_TAKEN = new Set(
  (
    "abstract any as asserts async await bigint boolean break case catch class const continue debugger declare default delete do else enum export extends false " +
    "finally for from function get if implements import in infer instanceof interface is keyof let module namespace never new null number object of package " +
    "private protected public readonly require return set static string super switch symbol this throw true try type typeof undefined unique unknown var void while with yield " +
    "arguments eval globalThis _m at end init inner into k key last length m r tag v value w"
  ).split(" "),
);

/** Variables of generated functions that are numbered. */
const NUMBERED = /^seen\d+$/;

/** "created_at" as createdAt. Like protobuf's JSON names: an underscore goes, and what follows it is upper case. */
export function camelCase(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

/** The property that a field or oneof becomes. */
function propertyName(name: string): string {
  const camel = camelCase(name);
  // A name of underscores only, or one that began with a digit behind them.
  const usable = camel === "" || /^\d/.test(camel) ? name : camel;
  return OBJECT_PROPERTIES.has(usable) ? `${usable}$` : usable;
}

/** {@link propertyName}, but none of `taken`, which it joins: `a_b` and `aB` may stand side by side in proto2, and a oneof beside either. */
export function freeProperty(name: string, taken: Set<string>): string {
  let property = propertyName(name);
  while (taken.has(property)) property += "$";
  taken.add(property);
  return property;
}

/** The property that an rpc becomes: a leading run of capitals in small letters, "HTTPGet" as httpGet. */
export function methodName(name: string): string {
  const camel = camelCase(name);
  const lowered = camel.replace(/^[A-Z]+/, (run) =>
    run.length === 1 || run.length === camel.length || !/[a-z]/.test(camel[run.length] ?? "") ? run.toLowerCase() : run.slice(0, -1).toLowerCase() + run.at(-1),
  );
  // A stub with a method `then` would be taken for a promise by `await`.
  return lowered === "then" || OBJECT_PROPERTIES.has(lowered) ? `${lowered}$` : lowered;
}

/** Whether a property can be written without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

/** "Outer_Inner", before anything is done about clashes. */
export function nestedName(type: Message | Enum): string {
  return type.parent === undefined ? type.name : `${nestedName(type.parent)}_${type.name}`;
}

/** A name for the top of a module. */
export function topLevelName(name: string): string {
  return TOP_LEVEL_TAKEN.has(name) || NUMBERED.test(name) ? `${name}$` : name;
}

/** Names of an enum's values: without the enum's own name before them, if all have it and what is left are identifiers. */
export function enumValueNames(type: Enum): string[] {
  const prefix = `${type.name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toUpperCase()}_`;
  const names = type.values.map(({ name }) => name);
  const stripped = names.map((name) => (name.toUpperCase().startsWith(prefix) ? name.slice(prefix.length) : ""));
  return stripped.every((name) => /^[A-Za-z_]\w*$/.test(name)) && new Set(stripped).size === stripped.length ? stripped : names;
}

/** "dir/name.proto" as "dir/name" + suffix. */
export function withoutExtension(path: string): string {
  return path.replace(/\.proto$/, "");
}

/** A declaration's full name, without a leading dot. */
export function qualified(scope: string, name: string | undefined): string {
  return scope === "" ? (name ?? "") : `${scope}.${name}`;
}
