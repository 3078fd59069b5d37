// `create` of a message: a whole message from a partial one.
import type { Field, Message, Oneof } from "../ir.js";
import { optional, unwrapped, zero } from "./field.js";
import { isOneof, members } from "./interfaces.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitCreate(message: Message, scope: Scope, out: Printer): void {
  const all = members(message);
  const always = all.filter((member): member is Field => !isOneof(member) && !optional(member));
  const sometimes = all.filter((member) => isOneof(member) || optional(member));
  const keeps = scope.options.unknownFields === "keep";
  if (all.length === 0 && !keeps) {
    out.line("create: () => ({}),");
    return;
  }
  const literal = always.map((field) => `${field.property}: ${copied(field, scope)}`).join(", ");
  if (sometimes.length === 0 && !keeps) {
    out.line(`create: (init) => ({ ${literal} }),`);
    return;
  }
  out.line("create(init) {").line(`const m: ${scope.type(message)} = ${literal === "" ? "{}" : `{ ${literal} }`};`);
  for (const member of sometimes) {
    const { property } = member;
    out.line(`if (init?.${property} !== undefined) m.${property} = ${isOneof(member) ? copiedOneof(member, scope) : one(member, `init.${property}`, scope)};`);
  }
  if (keeps) out.line("if (init?.$unknown !== undefined) m.$unknown = [...init.$unknown];");
  out.line("return m;").line("},");
}

/** One value of a field, made from `from`. */
function one(field: Field, from: string, scope: Scope): string {
  return field.type.kind === "message" && unwrapped(field) === undefined ? `${scope.type(field.type.message)}.create(${from})` : from;
}

function copied(field: Field, scope: Scope): string {
  const from = `init?.${field.property}`;
  const message = field.type.kind === "message" ? scope.type(field.type.message) : undefined;
  if (field.cardinality === "repeated") return message === undefined ? `[...(${from} ?? [])]` : `${from}?.map((v) => ${message}.create(v)) ?? []`;
  if (field.cardinality === "singular" && message !== undefined && unwrapped(field) === undefined)
    return `${from} === undefined ? undefined! : ${message}.create(init.${field.property})`;
  if (field.cardinality === "singular") return `${from} ?? ${zero(field, scope)}`;
  if (scope.options.maps === "map") {
    return message === undefined ? `new ${scope.global("Map")}(${from})` : `${scope.runtime("createMap")}(${from}, (v) => ${message}.create(v))`;
  }
  return message === undefined ? `{ ...${from} }` : `${scope.runtime("createEntries")}(${from}, (v) => ${message}.create(v))`;
}

function copiedOneof(oneof: Oneof, scope: Scope): string {
  const from = `init.${oneof.property}`;
  const messages = oneof.fields.filter(({ type }) => type.kind === "message");
  const cases = messages.map((field) => {
    const name = field.property;
    return { test: `${from}.case === "${name}"`, made: `{ case: "${name}", value: ${one(field, `${from}.value`, scope)} }` };
  });
  // With messages only, the last of them needs no condition.
  const last = messages.length === oneof.fields.length ? cases.pop()?.made : undefined;
  return cases.reduceRight((otherwise, { test, made }) => `${test} ? ${made} : ${otherwise}`, last ?? `{ ...${from} }`);
}
