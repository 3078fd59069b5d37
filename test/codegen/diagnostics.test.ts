// What a user is told about a wrong .proto: the place, and what to do. protoc refuses all of these as well (last suite).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ProtoError, readProtos } from "#lib/codegen/from-files.js";
import { protocRefuses, skipProtoc } from "../support/protoc.js";
import { ROOT } from "../support/root.js";
import { folderWith } from "./programs.js";
import { readText, refusal } from "./reading.js";

type Case = readonly [what: string, text: string, ...expected: string[]];

const two = (text: string): string => `syntax = "proto2";\n${text}`;
const three = (text: string): string => `syntax = "proto3";\n${text}`;
const edition = (text: string): string => `edition = "2023";\n${text}`;

const syntax: readonly Case[] = [
  ["a missing semicolon", three("message M { int32 a = 1 }"), '2:25: expected ";", not "}"'],
  ["a missing number", three("message M { int32 a; }"), '2:20: expected "=" and a field number, not ";"'],
  ["a missing name", three("message { }"), '2:9: expected a message name, not "{"'],
  ["a missing brace", three("message M {\n  message N {\n  }\n"), '2:9: the message that begins here lacks its "}"'],
  ["a brace too many", three("message M {}\n}"), '3:1: expected a statement (such as "message"), not "}"'],
  ["a string that does not end", three('import "a;\n'), "2:8: strings cannot go on over the end of a line: a quote is missing"],
  ["a wrong escape", two('message M { optional string a = 1 [default = "\\q"]; }'), "2:47: invalid escape sequence in string"],
  ["a comment that does not end", three("/* a\nmessage M {}"), "2:1: the comment that begins here does not end"],
  ["a comment in a comment", three("/* a /* b */"), '2:6: "/*" inside a comment: comments cannot be nested'],
  ["a wrong number", two("message M { optional int32 a = 09; }"), "2:32: numbers with a leading zero must be octal"],
  ["a number and letters", three("message M { int32 a = 1a; }"), "2:24: need space between number and identifier"],
  ["a character that is nothing", three("message M { int32 ä = 1; }"), '2:19: unexpected character "ä"'],
  ["an unknown syntax", 'syntax = "proto4";', '1:10: syntax "proto4" is not known: "proto2" and "proto3" are'],
  ["an unknown edition", 'edition = "2022";', '1:11: edition "2022" is not known: 2023 and 2024 are'],
  ["a second package", three("package a;\npackage b;"), "3:1: the package is declared a second time"],
  [
    "an import twice",
    three('import "google/protobuf/any.proto";\nimport "google/protobuf/any.proto";'),
    '3:1: import "google/protobuf/any.proto" was listed twice',
  ],
  [
    "a field of proto2 without a label",
    two("message M { int32 a = 1; }"),
    '2:19: expected "required", "optional" or "repeated" before the type of a proto2 field',
  ],
  ["required in proto3", three("message M {\n  required int32 a = 1;\n}"), "3:3: required fields are not allowed in proto3"],
  ["a default in proto3", three("message M { int32 a = 1 [default = 1]; }"), "2:26: explicit default values are not allowed in proto3"],
  ["a group in proto3", three("message M { repeated group G = 1 {} }"), "2:22: groups are not supported in proto3"],
  ["a group in an edition", edition("message M { group G = 1 {} }"), "2:13: groups are not supported in editions: use features.message_encoding = DELIMITED"],
  [
    "optional in an edition",
    edition("message M { optional int32 a = 1; }"),
    '2:13: "optional" is not supported in editions: fields have presence unless features.field_presence says otherwise',
  ],
  [
    "required in an edition",
    edition("message M { required int32 a = 1; }"),
    '2:13: "required" is not supported in editions: use features.field_presence = LEGACY_REQUIRED',
  ],
  [
    "a label in a oneof",
    three("message M { oneof o { repeated int32 a = 1; } }"),
    "2:23: fields in oneofs must not have labels (required, optional, repeated)",
  ],
  ["a map in a oneof", three("message M { oneof o { map<int32, int32> a = 1; } }"), "2:23: map fields are not allowed in oneofs"],
  ["a repeated map", three("message M { repeated map<int32, int32> a = 1; }"), "2:22: labels (required, optional, repeated) are not allowed on map fields"],
  ["a map's key", three("message M { map<double, int32> a = 1; }"), "2:17: keys of maps cannot be float, double, bytes, enums or messages"],
  ["an empty oneof", three("message M { oneof o { } }"), "2:19: a oneof must have at least one field"],
  ["a group in small letters", two("message M { optional group g = 1 {} }"), "2:28: group names must start with a capital letter"],
  ["an rpc of a scalar", three("message M {}\nservice S { rpc R(string) returns (M); }"), '3:19: expected a message type, not "string"'],
  ["a default out of range", two("message M { optional int32 a = 1 [default = 2147483648]; }"), "2:45: integer out of range: at most 2147483647"],
  ["a negative default", two("message M { optional uint32 a = 1 [default = -1]; }"), "2:46: an unsigned field cannot have a negative default value"],
  ["a default of another type", two("message M { optional bool a = 1 [default = 1]; }"), '2:44: expected "true" or "false", not "1"'],
  ["a default of a repeated field", two("message M { repeated int32 a = 1 [default = 1]; }"), "2:35: repeated fields cannot have default values"],
  ["an option twice", three("message M { int32 a = 1 [deprecated = true, deprecated = true]; }"), '2:45: option "deprecated" was already set'],
  ["an option's value", three("message M { option deprecated = 1; }"), '2:33: the value of "deprecated" must be "true" or "false"'],
  ["jstype's value", three("message M { int64 a = 1 [jstype = X]; }"), '2:35: the value of "jstype" must be JS_NORMAL, JS_STRING or JS_NUMBER'],
  ["an option without a value", three("option x = ;"), '2:12: expected an option\'s value, not ";"'],
  ["an option whose braces do not close", three("option (x) = { a: 1"), '2:14: the value that begins here lacks its "}"'],
  ["features in proto3", three("message M { int32 a = 1 [features.field_presence = IMPLICIT]; }"), "2:26: features are only valid under editions"],
  ["an unknown feature", edition("option features.x = Y;"), '2:8: feature "x" is unknown'],
  ["a feature's value", edition("option features.enum_type = SHUT;"), '2:29: feature "enum_type" has no value SHUT: it must be one of OPEN, CLOSED'],
  ["a feature's place", edition("message M { option features.enum_type = OPEN; }"), '2:20: feature "enum_type" cannot be set for a message'],
  ["reserved names in quotes in an edition", edition('message M { reserved "a"; }'), "2:22: reserved names must be identifiers in editions, not strings"],
  ["reserved names without quotes", three("message M { reserved a; }"), "2:22: reserved names must be strings (only editions have identifiers)"],
  ["import option before 2024", edition('import option "a.proto";'), '2:8: "import option" is not supported before edition 2024'],
];

const meaning: readonly Case[] = [
  ["an unknown type", three("package p;\nmessage M {\n  repeated Foo.Bar a = 1;\n}"), '4:12: "Foo.Bar" is not defined'],
  ["an unknown type of a map", three("message M { map<string, Foo> a = 1; }"), '2:13: "Foo" is not defined'],
  ["unknown types of an rpc", three("service S {\n  rpc R(A) returns (B);\n}"), '3:9: "A" is not defined', '3:21: "B" is not defined'],
  ["a type of the wrong case", three("message M { String a = 1; }"), '2:13: "String" is not defined'],
  [
    "a type that an inner scope hides",
    three("package a;\nmessage T {}\nmessage M { message a {} a.T t = 1; }"),
    '4:26: "a.T" is not defined: the innermost scope that has its first part makes it "a.M.a.T"; ".a.T" would begin at the outermost',
  ],
  ["a type that is none", three("service S {}\nmessage M { .S s = 1; }"), '3:13: ".S" is not a type'],
  ["an rpc of an enum", three("enum E { A = 0; }\nservice S { rpc R(E) returns (E); }"), '3:19: "E" is not a message type', '3:31: "E" is not a message type'],
  ["a message twice", three("package p;\nmessage M {}\nmessage M {}"), '4:9: "M" is already defined in "p"'],
  ["a field twice", three("message M { int32 a = 1; string a = 2; }"), '2:33: "a" is already defined in "M"'],
  [
    "an enum value in two enums",
    three("enum A { X = 0; }\nenum B { X = 0; }"),
    '3:10: "X" is already defined: enum values are siblings of their enum "B", not members of it',
  ],
  ["an rpc twice", three("message M {}\nservice S { rpc R(M) returns (M); rpc R(M) returns (M); }"), '3:39: "R" is already defined in "S"'],
  ["a number twice", three("message M {\n  int32 a = 1;\n  int32 b = 1;\n}"), '4:13: field number 1 of "b" is already that of "a"'],
  ["number 0", three("message M { int32 a = 0; }"), '2:23: field number 0 of "a" is not positive'],
  ["a number too large", three("message M { int32 a = 536870912; }"), '2:23: field number 536870912 of "a" is above 536870911'],
  [
    "a number of protobuf's own",
    three("message M { int32 a = 19500; }"),
    '2:23: field number 19500 of "a" is reserved: protobuf keeps 19000 to 19999 for itself',
  ],
  ["a reserved number", three("message M { reserved 2, 5 to 7; int32 a = 6; }"), '2:43: field number 6 of "a" is reserved'],
  ["a number reserved up to max", three("message M { reserved 5 to max; int32 a = 536870911; }"), '2:42: field number 536870911 of "a" is reserved'],
  ["a reserved name", three('message M { reserved "a"; int32 a = 6; }'), '2:33: field name "a" is reserved'],
  ["a number for extensions", two("message M { extensions 5 to 7; optional int32 a = 7; }"), '2:51: field number 7 of "a" is in a range for extensions'],
  ["JSON names", three("message M { int32 foo_bar = 1; int32 fooBar = 2; }"), '2:38: the JSON name "fooBar" of field "fooBar" is also that of field "foo_bar"'],
  ["a custom JSON name", three('message M { int32 a = 1 [json_name = "b"]; int32 b = 2; }'), '2:50: the JSON name "b" of field "b" is also that of field "a"'],
  ["an enum that does not begin with 0", three("enum E { A = 1; }"), '2:14: the first value of enum "E" must be 0, not 1, as the enum is open'],
  ["an open enum of an edition", edition("enum E { A = -1; }"), '2:14: the first value of enum "E" must be 0, not -1, as the enum is open'],
  ["an empty enum", two("enum E { }"), '2:6: enum "E" has no values'],
  [
    "an enum number twice",
    three("enum E { A = 0; B = 1; C = 1; }"),
    '2:28: "C" has the number of "B": say "option allow_alias = true;" in enum "E" if that is meant',
  ],
  ["a reserved enum number", three("enum E { A = 0; B = 3; reserved 2 to 4; }"), '2:21: number 3 of enum value "B" is reserved'],
  ["a reserved enum value", three('enum E { A = 0; B = 3; reserved "B"; }'), '2:17: enum value "B" is reserved'],
  ["packed strings", two("message M { repeated string a = 1 [packed = true]; }"), '2:29: field "a" cannot be packed: only repeated scalars and enums can'],
  ["jstype of another type", three("message M { int32 a = 1 [jstype = JS_STRING]; }"), '2:19: field "a" has a jstype, but is no 64-bit integer'],
  ["a default that the enum lacks", two("enum E { A = 0; }\nmessage M { optional E a = 1 [default = B]; }"), '3:31: enum "E" has no value "B"'],
  ["a default of a message", two("message M { optional M a = 1 [default = 1]; }"), "2:31: messages cannot have default values"],
  ["a map's value", two("enum E { A = 1; }\nmessage M { map<string, E> a = 1; }"), '3:13: enum "E" cannot be a map\'s value, as its first value is not 0'],
  [
    "several",
    three("message M {\n  A a = 1;\n  B b = 1;\n}"),
    '3:3: "A" is not defined',
    '4:3: "B" is not defined',
    '4:9: field number 1 of "b" is already that of "a"',
  ],
];

for (const [name, cases] of [
  ["syntax", syntax],
  ["meaning", meaning],
] as const) {
  describe(`mistakes of ${name}`, () => {
    for (const [what, text, ...expected] of cases) it(what, () => assert.deepEqual(refusal(text), expected));
  });
}

describe("mistakes over several files", () => {
  it("each with its file, in order", () => {
    const texts = { "a.proto": three('import "b.proto";\nmessage A { B b = 1; }'), "b.proto": three("message B {"), "c.proto": three("message C {") };
    assert.deepEqual(refusal(texts), ['b.proto:2:9: the message that begins here lacks its "}"', 'c.proto:2:9: the message that begins here lacks its "}"']);
  });

  it("a name in two files", () => {
    assert.deepEqual(refusal({ "a.proto": three("message M {}"), "b.proto": three("message M {}") }), ['b.proto:2:9: "M" is already defined in "a.proto"']);
    assert.deepEqual(refusal({ "a.proto": three("message p {}"), "b.proto": three("package p;") }), [
      'b.proto:2:9: "p" is already defined, and not as a package, in "a.proto"',
    ]);
  });

  it("as data", () => {
    const folder = folderWith({ "a.proto": three("message M { X x = 1; }") });
    assert.throws(
      () => readProtos(["a.proto"], { includePaths: [folder] }),
      (error) => {
        assert.ok(error instanceof ProtoError);
        assert.deepEqual(error.diagnostics, [{ file: `${folder}/a.proto`, line: 2, column: 13, message: '"X" is not defined' }]);
        return true;
      },
    );
  });
});

describe("what is no mistake", () => {
  const fine: readonly string[] = [
    two("message M { optional int32 foo_bar = 1; optional int32 fooBar = 2; }"),
    two("enum E { A = 5; B = 0; }"),
    three("enum E { option allow_alias = true; A = 0; B = 0; }"),
    three("message M { int32 a = 18999; int32 b = 20000; int32 c = 536870911; }"),
    three("message M { reserved 1 to 3; int32 a = 4; }"),
    three("message M { option deprecated_legacy_json_field_conflicts = true; int32 foo_bar = 1; int32 fooBar = 2; }"),
    three(";;message M {;;};"),
    "",
  ];
  for (const text of fine) it(JSON.stringify(text), () => assert.equal(readText(text).path, "a.proto"));
});

describe("texts broken by chance", () => {
  const include = join(ROOT, "test/codegen/protos/reading");
  const files = readdirSync(include).filter((name) => name.endsWith(".proto"));
  const seed = Number(process.env["TTRPC_SEED"] ?? 1);

  it("are read or refused, at a place that is there", () => {
    const random = seeded(seed);
    for (let round = 0; round < 500; round++) {
      const name = files[random(files.length)] as string;
      const text = broken(readFileSync(join(include, name), "utf8"), random);
      const folder = folderWith({ "a.proto": text });
      try {
        readProtos(["a.proto"], { includePaths: [folder, include] });
      } catch (error) {
        assert.ok(error instanceof ProtoError, `TTRPC_SEED=${seed}, round ${round}: ${String(error)}`);
        const lines = text.split("\n");
        for (const { file, line, column } of error.diagnostics) {
          if (file !== `${folder}/a.proto`) continue;
          assert.ok(line >= 1 && column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1, `TTRPC_SEED=${seed}, round ${round}: ${error.message}`);
        }
      }
    }
  });

  /** A piece lost, doubled or put elsewhere. */
  function broken(text: string, random: (below: number) => number): string {
    for (let cuts = 1 + random(3); cuts > 0; cuts--) {
      const from = random(text.length);
      const piece = text.slice(from, from + 1 + random(random(2) === 0 ? 3 : 200));
      const to = random(text.length);
      if (random(2) === 0) text = text.slice(0, from) + text.slice(from + piece.length);
      if (random(2) === 0) text = text.slice(0, to) + piece + text.slice(to);
    }
    return text;
  }

  function seeded(state: number): (below: number) => number {
    return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
  }
});

describe("protoc refuses as well", { skip: skipProtoc() }, () => {
  const cases = [...syntax, ...meaning];
  const folder = folderWith(Object.fromEntries(cases.map(([, text], i) => [`case${i}.proto`, text])));
  const refused =
    skipProtoc() === false
      ? protocRefuses(
          cases.map((_, i) => `case${i}.proto`),
          folder,
        )
      : [];
  for (const [i, [what]] of cases.entries()) it(what, () => assert.equal(refused[i], true));
});
