// From descriptors to the intermediate form: links, folded map entries and oneofs, recursion, defaults; and both front ends alike.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FileDescriptorProto } from "#lib/codegen/descriptor.js";
import { fromRequest } from "#lib/codegen/from-request.js";
import { lower } from "#lib/codegen/lower.js";
import { cyclic } from "#lib/codegen/recursion.js";
import { describeTexts, fieldOf, flat, readText, readTexts } from "./reading.js";

describe("types", () => {
  it("are linked: messages, enums, parents, files, methods", () => {
    const { files } = readTexts({
      "a.proto": `syntax = "proto3"; package a.b; import "b.proto";
message M { message N { enum E { ZERO = 0; } } N n = 1; N.E e = 2; repeated c.Other other = 3; }
service S { rpc One(M) returns (stream M.N); rpc Two(stream c.Other) returns (M); rpc Three(stream M) returns (stream M); }`,
      "b.proto": `syntax = "proto3"; package c; message Other {}`,
    });
    const [b, a] = files;
    const m = a?.messages[0];
    assert.ok(a !== undefined && m !== undefined && b !== undefined);
    assert.equal(m.typeName, "a.b.M");
    assert.equal(m.messages[0]?.typeName, "a.b.M.N");
    assert.equal(m.messages[0]?.parent, m);
    assert.equal(m.messages[0]?.enums[0]?.typeName, "a.b.M.N.E");
    assert.equal(m.file, a);
    assert.deepEqual(a.imports, [{ path: "b.proto", public: false }]);
    const [n, e, other] = m.fields.map(({ type }) => type);
    assert.ok(n?.kind === "message" && n.message === m.messages[0]);
    assert.ok(e?.kind === "enum" && e.enum === m.messages[0]?.enums[0]);
    assert.ok(other?.kind === "message" && other.message === b.messages[0]);
    assert.deepEqual(
      a.services[0]?.methods.map(({ name, kind, input, output }) => [name, kind, input.name, output.name]),
      [
        ["One", "serverStream", "M", "N"],
        ["Two", "clientStream", "Other", "M"],
        ["Three", "bidi", "M", "M"],
      ],
    );
    assert.equal(a.services[0]?.typeName, "a.b.S");
  });

  it("that are missing in a request are named", () => {
    const [file] = describeTexts({ "a.proto": `syntax = "proto3"; message M { N n = 1; } message N {}` });
    file?.messageType.pop();
    assert.throws(() => lower([file as FileDescriptorProto]), { message: "type .N of M.n is in none of the files" });
  });
});

describe("maps", () => {
  const file = readText(`syntax = "proto3"; message M { map<string, M> a_b = 1; map<sfixed64, E> c = 2; map<bool, bytes> d = 3; } enum E { Z = 0; }`);

  it("have their keys' and values' types, and no entry messages", () => {
    assert.deepEqual(file.messages[0]?.messages, []);
    assert.deepEqual(
      file.messages[0]?.fields.map(({ cardinality, key, type, presence, packed }) => [cardinality, key, type.kind, presence, packed]),
      [
        ["map", "string", "message", "implicit", false],
        ["map", "sfixed64", "enum", "implicit", false],
        ["map", "bool", "scalar", "implicit", false],
      ],
    );
  });
});

describe("oneofs", () => {
  const file = readText(
    `syntax = "proto3"; message M { optional int32 a = 1; oneof o { int32 b = 2; string c = 3; } optional M d = 4; oneof p { int32 e = 5; } }`,
  );
  const [message] = file.messages;

  it("are those of the text: not those of proto3 optional", () => {
    assert.deepEqual(
      message?.oneofs.map(({ name, fields }) => [name, fields.map((field) => field.name)]),
      [
        ["o", ["b", "c"]],
        ["p", ["e"]],
      ],
    );
    assert.deepEqual(
      message?.fields.map(({ oneof, presence }) => [oneof?.name, presence]),
      [
        [undefined, "explicit"],
        ["o", "explicit"],
        ["o", "explicit"],
        [undefined, "explicit"],
        ["p", "explicit"],
      ],
    );
    assert.equal(message?.fields[1]?.oneof, message?.oneofs[0]);
    assert.equal(message?.oneofs[0]?.fields[0], message?.fields[1]);
  });
});

describe("recursion", () => {
  it("through fields, maps, oneofs and groups; not of messages that only lead to a circle", () => {
    const file = readText(`syntax = "proto2";
message Self { optional Self self = 1; }
message A { optional B b = 1; } message B { map<string, C> c = 1; } message C { oneof o { A a = 1; Leaf leaf = 2; } }
message ToCircle { repeated A a = 1; }
message Leaf {}
message G { optional group H = 1 { optional G g = 1; optional group I = 2 {} } }`);
    const found: string[] = [];
    const visit = (messages: typeof file.messages): void => {
      for (const message of messages) {
        if (message.recursive) found.push(message.typeName);
        visit(message.messages);
      }
    };
    visit(file.messages);
    assert.deepEqual(found, ["Self", "A", "B", "C", "G", "G.H"]);
  });

  it("of graphs: as a slow search finds it", () => {
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 300; round++) {
      const size = 1 + random(8);
      const edges = Array.from({ length: size }, () => Array.from({ length: random(3) }, () => random(size)));
      const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
        (edges[from] ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
      const nodes = edges.map((_, i) => i);
      assert.deepEqual(
        [...cyclic(nodes, (node) => edges[node] ?? [])].sort((a, b) => a - b),
        nodes.filter((node) => reaches(node, node)),
        JSON.stringify(edges),
      );
    }
  });

  it("over chains of any length", () => {
    const length = 100_000;
    const nodes = Array.from({ length }, (_, i) => i);
    assert.equal(cyclic(nodes, (node) => [(node + 1) % length]).size, length);
    assert.equal(cyclic(nodes, (node) => (node + 1 < length ? [node + 1] : [])).size, 0);
  });
});

describe("defaults", () => {
  const cases: readonly (readonly [type: string, text: string, expected: string])[] = [
    ["int32", "-0x10", "-16"],
    ["int32", "017", "15"],
    ["int32", "-0", "0"],
    ["int64", "-9223372036854775808", "-9223372036854775808"],
    ["uint64", "0xffffffffffffffff", "18446744073709551615"],
    ["double", "1.50", "1.5"],
    ["double", "-1e3", "-1000"],
    ["double", "inf", "inf"],
    ["double", "-inf", "-inf"],
    ["double", "-nan", "nan"],
    ["double", "-0", "-0"],
    ["double", "1e999", "inf"],
    ["float", "0.1", "0.1"],
    ["float", "3.4028235e38", "3.4028235e+38"],
    ["float", "16777217", "16777216"],
    ["float", "1e39", "inf"],
    ["bool", "true", "true"],
    ["string", `"a\\n\\x41" 'b"'`, `a\nAb"`],
    ["string", '"\\u00e9\\U0001f600 é"', "é😀 é"],
    ["bytes", '"\\xff\\0\\n\\"é"', '\\377\\000\\n\\"\\303\\251'],
    ["E", "B", "B"],
  ];
  for (const [type, text, expected] of cases) {
    it(`${type} ${text}`, () => {
      const file = readText(`syntax = "proto2"; enum E { A = 0; B = 1; } message M { optional ${type} a = 1 [default = ${text}]; }`);
      assert.equal(fieldOf(file, "M", "a").defaultValue, expected);
    });
  }

  it("of doubles and floats do not depend on who wrote them down", () => {
    const [file] = describeTexts({
      "a.proto": `syntax = "proto2"; message M { optional float a = 1 [default = 0.1]; optional double b = 2 [default = 1e300]; }`,
    });
    const fields = file?.messageType[0]?.field ?? [];
    const texts = [
      ["0.100000001", "1.0000000000000001e+300"],
      ["0.1", "1e300"],
      ["1e-1", "1e+300"],
    ];
    for (const [a = "", b = ""] of texts) {
      fields.forEach((field, i) => (field.defaultValue = i === 0 ? a : b));
      const [message] = lower([file as FileDescriptorProto])[0]?.messages ?? [];
      assert.deepEqual(
        message?.fields.map(({ defaultValue }) => defaultValue),
        ["0.1", "1e+300"],
      );
    }
  });
});

describe("the rest", () => {
  it("deprecation, JSON names, jstype", () => {
    const file = readText(`syntax = "proto3"; option deprecated = true;
message M { option deprecated = true; int64 a_b = 1 [deprecated = true, jstype = JS_STRING]; uint64 c = 2 [jstype = JS_NUMBER, json_name = "x y"]; int64 __d_1e = 3 [jstype = JS_NORMAL]; }
enum E { option deprecated = true; A = 0 [deprecated = true]; B = 1; }
service S { option deprecated = true; rpc R(M) returns (M) { option deprecated = true; } rpc T(M) returns (M); }`);
    assert.equal(file.deprecated, true);
    assert.equal(file.messages[0]?.deprecated, true);
    assert.deepEqual(
      file.messages[0]?.fields.map(({ jsonName, deprecated, jstype }) => [jsonName, deprecated, jstype]),
      [
        ["aB", true, "string"],
        ["x y", false, "number"],
        ["D1e", false, "normal"],
      ],
    );
    assert.equal(file.enums[0]?.deprecated, true);
    assert.deepEqual(
      file.enums[0]?.values.map(({ deprecated }) => deprecated),
      [true, false],
    );
    assert.deepEqual([file.services[0]?.deprecated, ...(file.services[0]?.methods ?? []).map(({ deprecated }) => deprecated)], [true, true, false]);
  });

  it("a request gives what files give", () => {
    const texts = {
      "a.proto": `syntax = "proto3"; package a; import "b.proto"; message M { b.N n = 1; }`,
      "b.proto": `syntax = "proto3"; package b; message N {}`,
    };
    const protoFile = describeTexts(texts);
    const { files, wanted, parameter } = fromRequest({ fileToGenerate: ["a.proto"], parameter: "int64=number", protoFile });
    assert.deepEqual(files.map(flat), readTexts(texts).files.map(flat));
    assert.deepEqual([[...wanted], parameter], [["a.proto"], "int64=number"]);
    assert.throws(() => fromRequest({ fileToGenerate: ["c.proto"], protoFile }), { message: "c.proto is to be generated, but the request does not have it" });
  });
});
