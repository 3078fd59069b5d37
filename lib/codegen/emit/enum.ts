// An enum: a const object and the type of its values. Open, as in Go: unknown numbers are kept.
import type { Enum } from "../ir.js";
import { enumValueNames, isIdentifier } from "../names.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitEnum(type: Enum, scope: Scope, out: Printer): void {
  const name = scope.type(type);
  const names = enumValueNames(type);
  out.doc(type.comment, type.deprecated).line(`export const ${name} = {`);
  for (const [i, value] of type.values.entries()) {
    out.doc(value.comment, value.deprecated).line(`${enumKey(names[i] as string)}: ${value.number},`);
  }
  out.line("} as const;");
  out.doc(type.comment, type.deprecated).line(`export type ${name} = (typeof ${name})[keyof typeof ${name}] | (number & {});`);
  if (scope.options.json) {
    const values = type.values.map((value) => `${enumKey(value.name)}: ${value.number}`).join(", ");
    out.line(`export const ${scope.jsonEnum(type)} = { typeName: ${JSON.stringify(type.typeName)}, values: { ${values} } } as const;`);
  }
}

/** `__proto__` as a plain key would set the prototype. */
function enumKey(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : isIdentifier(name) ? name : JSON.stringify(name);
}
