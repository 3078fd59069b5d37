// JSON as messages, and field masks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "#lib/errors.js";
import type { JsonObject, JsonValue } from "#lib/json/index.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import * as wkt from "#lib/wkt/index.js";

const refuses = (run: () => unknown, message: string | RegExp): void => assert.throws(run, { name: "TtrpcError", code: Code.InvalidArgument, message });

describe("Struct", () => {
  const json = JSON.parse('{"a":1.5,"b":null,"c":[true,"x",{"d":{}},[]],"__proto__":{"e":-0},"":false}') as JsonObject;

  it("is JSON, over the wire and back", () => {
    const struct = wkt.structFromJson(json);
    assert.deepEqual(wkt.structToJson(struct), json);
    assert.deepEqual(wkt.structToJson(fromBinary(wkt.Struct, toBinary(wkt.Struct, struct))), json);
    assert.equal(Object.getPrototypeOf(struct.fields), Object.prototype);
  });

  it("values and lists", () => {
    for (const value of [null, 0, "", false, [], {}, [[1], null]] as JsonValue[]) assert.deepEqual(wkt.valueToJson(wkt.valueFromJson(value)), value);
    assert.deepEqual(wkt.listValueToJson(wkt.listValueFromJson([1, [2]])), [1, [2]]);
    assert.deepEqual(wkt.valueFromJson(null), { kind: { case: "nullValue", value: 0 } });
    assert.deepEqual(wkt.structToJson({}), {});
  });

  it("errors name the path", () => {
    refuses(() => wkt.structFromJson({ a: [{ b: NaN }] }), '["a"][0]["b"]: NaN is no JSON number');
    refuses(() => wkt.structFromJson({ a: (() => {}) as never }), '["a"]: function is no JSON');
    refuses(() => wkt.structToJson({ fields: { a: {} } }), '["a"]: a google.protobuf.Value without a kind is no JSON');
    refuses(() => wkt.valueToJson({ kind: { case: "numberValue", value: Infinity } }), "Infinity is no JSON number");
    const loop: JsonValue[] = [];
    loop.push(loop);
    refuses(() => wkt.valueFromJson(loop), /messages nested over 100 deep$/);
    assert.deepEqual(wkt.structFromJson({ a: undefined as never }), { fields: {} });
  });
});

describe("field masks", () => {
  it("in names of the .proto and of JSON", () => {
    assert.deepEqual(wkt.fieldMaskOf("a", "b_c.d_e"), { paths: ["a", "b_c.d_e"] });
    assert.equal(wkt.fieldMaskToString(wkt.fieldMaskOf("a", "b_c.d_e")), "a,bC.dE");
    assert.deepEqual(wkt.fieldMaskFromString("a,bC.dE"), { paths: ["a", "b_c.d_e"] });
    assert.deepEqual(wkt.fieldMaskFromString(""), { paths: [] });
    refuses(() => wkt.fieldMaskFromString("a_b"), 'field mask path "a_b" is no path in lowerCamelCase');
    refuses(() => wkt.fieldMaskToString({ paths: ["aB"] }), 'field mask path "aB" has no form in lowerCamelCase');
    for (const path of ["a_1", "__proto__", "a__b", "a_", ""])
      refuses(() => wkt.fieldMaskToString({ paths: [path] }), `field mask path "${path}" has no form in lowerCamelCase`);
    refuses(() => wkt.fieldMaskToString({ paths: ["labels.a/b"] }), 'field mask path "labels.a/b" has no form in lowerCamelCase');
  });

  const from = (): wkt.FileDescriptorProto =>
    wkt.FileDescriptorProto.create({
      name: "new",
      dependency: ["x"],
      options: { goPackage: "g", deprecated: true },
      sourceCodeInfo: { location: [{ path: [1] }] },
    });

  it("copy fields, and fields of fields", () => {
    const copied = wkt.applyFieldMask(wkt.FileDescriptorProto, wkt.fieldMaskOf("name", "dependency", "options.go_package", "syntax"), from());
    assert.deepEqual(copied, wkt.FileDescriptorProto.create({ name: "new", dependency: ["x"], options: { goPackage: "g" } }));
    const into = wkt.FileDescriptorProto.create({ name: "old", package: "p", syntax: "proto3", options: { javaPackage: "j" } });
    const same = wkt.applyFieldMask(wkt.FileDescriptorProto, { paths: ["name", "syntax", "options.deprecated", "options.java_package"] }, from(), into);
    assert.equal(same, into);
    assert.deepEqual(into, wkt.FileDescriptorProto.create({ name: "new", package: "p", options: { deprecated: true } }));
  });

  it("copy entries of maps and members of oneofs", () => {
    const struct = wkt.structFromJson({ "a.b/c": 1, d: 2 });
    const into = wkt.structFromJson({ e: 3, d: 4 });
    wkt.applyFieldMask(wkt.Struct, wkt.fieldMaskOf("fields.a.b/c", "fields.e"), struct, into);
    assert.deepEqual(wkt.structToJson(into), { d: 4, "a.b/c": 1 });
    const value = wkt.valueFromJson("x");
    assert.deepEqual(wkt.applyFieldMask(wkt.Value, wkt.fieldMaskOf("string_value"), value), value);
    assert.deepEqual(wkt.applyFieldMask(wkt.Value, wkt.fieldMaskOf("string_value"), wkt.valueFromJson(1), value), {});
    assert.deepEqual(wkt.applyFieldMask(wkt.Value, wkt.fieldMaskOf("bool_value"), wkt.valueFromJson(1), wkt.valueFromJson("x")), wkt.valueFromJson("x"));
  });

  it("errors name the path", () => {
    const apply = (path: string): unknown => wkt.applyFieldMask(wkt.FileDescriptorProto, { paths: [path] }, from());
    refuses(() => apply("nope"), 'field mask path "nope" names "nope", and google.protobuf.FileDescriptorProto has no such field');
    refuses(() => apply("options.nope"), 'field mask path "options.nope" names "nope", and google.protobuf.FileOptions has no such field');
    refuses(() => apply("name.x"), 'field mask path "name.x" goes into "name", which is no message');
    refuses(() => apply("message_type.name"), 'field mask path "message_type.name" goes into "message_type", which is no message');
    refuses(() => apply(""), 'field mask path "" names "", and google.protobuf.FileDescriptorProto has no such field');
  });
});

it("ttrpc/wkt has each generated name once", () => {
  for (const name of [
    "Any",
    "Api",
    "CodeGeneratorRequest",
    "FileDescriptorSet",
    "Duration",
    "Empty",
    "FieldMask",
    "SourceContext",
    "Struct",
    "Timestamp",
    "Type",
    "BytesValue",
  ]) {
    assert(name in wkt, name);
  }
  for (const name of [
    "Code",
    "Status",
    "ErrorInfo",
    "RetryInfo",
    "DebugInfo",
    "QuotaFailure",
    "Help_Link",
    "LocalizedMessage",
    "NullValue",
    "Edition",
    "Method",
    "Mixin",
    "Field",
    "Enum",
    "Option",
    "Syntax",
  ]) {
    assert(name in wkt, name);
  }
});
