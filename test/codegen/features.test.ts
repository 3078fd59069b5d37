// What syntax, edition and features come to for a field: presence, packing, groups.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Field } from "#lib/codegen/ir.js";
import { fieldOf, readText } from "./reading.js";

function fieldIn(head: string, declaration: string): Field {
  const file = readText(`${head}\nenum E { E_ZERO = 0; E_ONE = 1; }\nmessage N {}\nmessage M { ${declaration} }`);
  const fields = file.messages.find(({ name }) => name === "M")?.fields ?? [];
  return fieldOf(file, "M", fields[fields.length - 1]?.name ?? "");
}

const heads: Readonly<Record<string, string>> = {
  proto2: `syntax = "proto2";`,
  none: "",
  proto3: `syntax = "proto3";`,
  2023: `edition = "2023";`,
  2024: `edition = "2024";`,
  "2023 implicit": `edition = "2023"; option features.field_presence = IMPLICIT;`,
  "2023 required": `edition = "2023"; option features.field_presence = LEGACY_REQUIRED;`,
  "2023 expanded": `edition = "2023"; option features = { repeated_field_encoding: EXPANDED };`,
  "2023 delimited": `edition = "2023"; option features.message_encoding = DELIMITED;`,
};

describe("presence", () => {
  const cases: readonly (readonly [head: string, declaration: string, expected: Field["presence"]])[] = [
    ["proto2", "optional int32 a = 1;", "explicit"],
    ["none", "optional int32 a = 1;", "explicit"],
    ["proto2", "required int32 a = 1;", "required"],
    ["proto2", "required N a = 1;", "required"],
    ["proto2", "repeated int32 a = 1;", "implicit"],
    ["proto2", "optional group G = 1 {}", "explicit"],
    ["proto2", "required group G = 1 {}", "required"],
    ["proto2", "map<string, N> a = 1;", "implicit"],
    ["proto3", "int32 a = 1;", "implicit"],
    ["proto3", "E a = 1;", "implicit"],
    ["proto3", "N a = 1;", "explicit"],
    ["proto3", "optional int32 a = 1;", "explicit"],
    ["proto3", "optional N a = 1;", "explicit"],
    ["proto3", "oneof o { int32 a = 1; }", "explicit"],
    ["proto3", "repeated N a = 1;", "implicit"],
    ["2023", "int32 a = 1;", "explicit"],
    ["2024", "E a = 1;", "explicit"],
    ["2023", "int32 a = 1 [features.field_presence = IMPLICIT];", "implicit"],
    ["2023", "int32 a = 1 [features = { field_presence: IMPLICIT }];", "implicit"],
    ["2023", "int32 a = 1 [features.field_presence = LEGACY_REQUIRED];", "required"],
    ["2023 implicit", "int32 a = 1;", "implicit"],
    ["2023 implicit", "N a = 1;", "explicit"],
    ["2023 implicit", "oneof o { int32 a = 1; }", "explicit"],
    ["2023 implicit", "int32 a = 1 [features.field_presence = EXPLICIT];", "explicit"],
    ["2023 required", "int32 a = 1;", "required"],
    ["2023 required", "N a = 1;", "required"],
    ["2023 required", "repeated int32 a = 1;", "implicit"],
    ["2023 required", "oneof o { int32 a = 1; }", "explicit"],
  ];
  for (const [head, declaration, expected] of cases) {
    it(`${head}: ${declaration}`, () => assert.equal(fieldIn(heads[head] as string, declaration).presence, expected));
  }
});

describe("packing", () => {
  const cases: readonly (readonly [head: string, declaration: string, expected: boolean])[] = [
    ["proto2", "repeated int32 a = 1;", false],
    ["proto2", "repeated int32 a = 1 [packed = true];", true],
    ["proto2", "repeated E a = 1 [packed = true];", true],
    ["proto3", "repeated int32 a = 1;", true],
    ["proto3", "repeated E a = 1;", true],
    ["proto3", "repeated int32 a = 1 [packed = false];", false],
    ["proto3", "repeated string a = 1;", false],
    ["proto3", "repeated bytes a = 1;", false],
    ["proto3", "repeated N a = 1;", false],
    ["proto3", "int32 a = 1;", false],
    ["proto3", "map<int32, int32> a = 1;", false],
    ["2023", "repeated double a = 1;", true],
    ["2023", "repeated bool a = 1 [features.repeated_field_encoding = EXPANDED];", false],
    ["2023 expanded", "repeated bool a = 1;", false],
    ["2023 expanded", "repeated bool a = 1 [features.repeated_field_encoding = PACKED];", true],
  ];
  for (const [head, declaration, expected] of cases) {
    it(`${head}: ${declaration}`, () => assert.equal(fieldIn(heads[head] as string, declaration).packed, expected));
  }
});

describe("delimited messages", () => {
  const cases: readonly (readonly [head: string, declaration: string, expected: boolean])[] = [
    ["proto2", "optional N a = 1;", false],
    ["proto2", "optional group G = 1 {}", true],
    ["proto2", "repeated group G = 1 {}", true],
    ["proto2", "oneof o { group G = 1 {} }", true],
    ["2023", "N a = 1;", false],
    ["2023", "N a = 1 [features.message_encoding = DELIMITED];", true],
    ["2023", "oneof o { N a = 1 [features.message_encoding = DELIMITED]; }", true],
    ["2023 delimited", "N a = 1;", true],
    ["2023 delimited", "repeated N a = 1;", true],
    ["2023 delimited", "map<string, N> a = 1;", false],
    ["2023 delimited", "N a = 1 [features.message_encoding = LENGTH_PREFIXED];", false],
  ];
  for (const [head, declaration, expected] of cases) {
    it(`${head}: ${declaration}`, () => {
      const { type } = fieldIn(heads[head] as string, declaration);
      assert.ok(type.kind === "message");
      assert.equal(type.delimited, expected);
    });
  }
});

describe("inheritance", () => {
  it("goes from the file into all messages, and the innermost setting counts", () => {
    const file = readText(`edition = "2023";
option features = { field_presence: IMPLICIT repeated_field_encoding: EXPANDED };
message Outer {
  message Inner { int32 a = 1; repeated int32 b = 2; int32 c = 3 [features.field_presence = EXPLICIT]; }
  repeated int32 a = 1 [features.repeated_field_encoding = PACKED];
}`);
    const [outer] = file.messages;
    assert.deepEqual(
      [...(outer?.messages[0]?.fields ?? []), ...(outer?.fields ?? [])].map(({ presence, packed }) => [presence, packed]),
      [
        ["implicit", false],
        ["implicit", false],
        ["explicit", false],
        ["implicit", true],
      ],
    );
  });

  it("languages' features are read over", () => {
    const head = `edition = "2023"; import "google/protobuf/descriptor.proto"; option features.(pb.cpp).string_type = VIEW;`;
    const options = "[features = { [pb.cpp] { string_type: VIEW }, field_presence: IMPLICIT [pb.go]: { x: 1 } }, features.(pb.cpp).x = {}]";
    assert.equal(fieldIn(head, `string a = 1 ${options};`).presence, "implicit");
  });
});
