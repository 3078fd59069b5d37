// Default values of fields, in the form that FieldDescriptorProto.default_value has.
import { FieldDescriptorProto_Type as Type } from "../descriptor.js";
import { bytesLiteral, expected, here, integerValue, stringLiteral, take, UINT64_MAX, unsigned } from "./cursor.js";
import { SyntaxProblem } from "./diagnostics.js";
import type { Tokenizer } from "./tokenizer.js";

/** @param type the field's, undefined where it is a name that is not resolved yet. */
export function defaultValue(t: Tokenizer, type: Type | undefined): string {
  switch (type) {
    // Of an enum the value's name. Whether it has that value is seen when types are known.
    case undefined: {
      const { text } = t;
      if (t.kind === "end") expected(t, "a default value");
      t.next();
      return text;
    }
    case Type.INT32:
    case Type.SINT32:
    case Type.SFIXED32:
      return signed(t, 2n ** 31n);
    case Type.INT64:
    case Type.SINT64:
    case Type.SFIXED64:
      return signed(t, 2n ** 63n);
    case Type.UINT32:
    case Type.FIXED32:
    case Type.UINT64:
    case Type.FIXED64:
      if (t.text === "-") throw new SyntaxProblem(here(t), "an unsigned field cannot have a negative default value");
      return unsigned(t, type === Type.UINT32 || type === Type.FIXED32 ? 2n ** 32n - 1n : UINT64_MAX, "an integer").toString();
    case Type.FLOAT:
    case Type.DOUBLE: {
      const sign = take(t, "-") ? "-" : "";
      return sign + float(t);
    }
    case Type.BOOL: {
      const { text } = t;
      if (!take(t, "true") && !take(t, "false")) expected(t, '"true" or "false"');
      return text;
    }
    case Type.STRING:
      return stringLiteral(t, "a string");
    case Type.BYTES:
      return escapeBytes(bytesLiteral(t, "a string"));
    case Type.GROUP:
    case Type.MESSAGE:
    case Type.ENUM:
    default:
      throw new SyntaxProblem(here(t), "messages cannot have default values");
  }
}

/** @param limit how far down it goes; up it goes one less. */
function signed(t: Tokenizer, limit: bigint): string {
  const sign = take(t, "-") ? "-" : "";
  const value = unsigned(t, sign === "" ? limit - 1n : limit, "an integer");
  return value === 0n ? "0" : sign + value;
}

/** As it is written, integers in decimal; `lower` makes one text of all that mean the same. */
function float(t: Tokenizer): string {
  const { kind, text } = t;
  if (kind !== "float" && kind !== "integer" && text !== "inf" && text !== "nan") expected(t, "a number");
  t.next();
  return kind === "float" ? text : kind === "integer" ? integerValue(text).toString() : text;
}

const escapes: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\" };

/** Bytes as a C string literal: everything outside printable ASCII is escaped. */
function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += escapes[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`);
  return text;
}
