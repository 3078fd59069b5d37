// A service: a descriptor as data, over the message types of this or another module.
import type { MethodDeclaration, ServiceDeclaration } from "../ir.js";
import { isIdentifier, methodName } from "../names.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

/** `messageOf`: the name of the message type that a method takes or gives. */
export function emitService(service: ServiceDeclaration, messageOf: (message: MethodDeclaration["input"]) => string, scope: Scope, out: Printer): void {
  const name = scope.service(service);
  const methods = withKeys(service.methods).map(([key, method]) => [isIdentifier(key) ? key : JSON.stringify(key), method] as const);
  const Service = scope.runtime("Service", "type");
  out.doc(service.comment, service.deprecated);
  if (methods.length === 0) out.line(`export const ${name}: ${Service}<{}> = { typeName: ${JSON.stringify(service.typeName)}, methods: {} };`);
  else {
    const Method = scope.runtime("Method", "type");
    out.line(`export const ${name}: ${Service}<{`);
    for (const [key, { kind, input, output, comment, deprecated }] of methods) {
      out.doc(comment, deprecated).line(`readonly ${key}: ${Method}<typeof ${messageOf(input)}, typeof ${messageOf(output)}, "${kind}">;`);
    }
    out
      .line("}> = {")
      .line(`typeName: ${JSON.stringify(service.typeName)},`)
      .line("methods: {");
    for (const [key, method] of methods) {
      const { kind, input, output } = method;
      out.line(`${key}: { kind: "${kind}", name: ${JSON.stringify(method.name)}, input: ${messageOf(input)}, output: ${messageOf(output)} },`);
    }
    out.line("},").line("};");
  }
}

/** Each method with a property name of its own: "Echo" and "echo" are two methods. */
export function withKeys(methods: readonly MethodDeclaration[]): [string, MethodDeclaration][] {
  const taken = new Set<string>();
  return methods.map((method) => {
    let key = methodName(method.name);
    while (taken.has(key)) key += "$";
    taken.add(key);
    return [key, method];
  });
}
