// proto3 JSON: what protobuf-go's protojson writes and takes, we write and take.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect, isDeepStrictEqual } from "node:util";
import { Code, TtrpcError } from "#lib/errors.js";
import { createRegistry, fromJson, fromJsonString, type JsonMessage, toJson, toJsonString } from "#lib/json/index.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import * as wkt from "#lib/wkt/index.js";
import { GoCodec, type GoResult } from "../support/codec.js";
import { skipGo } from "../support/go.js";
import { ROOT } from "../support/root.js";
import { generated, type Sources } from "./generated.js";
import { ALL_CASES } from "./json-cases.js";
import { everyKind } from "./kinds.js";
import { type RandomMessage, RandomMessages } from "./random.js";
import { ours } from "./shapes.js";

type Loose = { [property: string]: unknown };
type LooseType = JsonMessage<Loose, Loose>;

const SEED = Number(process.env["TTRPC_SEED"] ?? 4711);
const RANDOM_MESSAGES = 2000;

const sources: Sources = { includePaths: [join(ROOT, "test/codegen/json")], files: ["json.proto"] };
const code = await generated("json-forms", sources, { json: true });
const type = (name: string): LooseType => code.type(`ttrpc.test.json.${name}`) as unknown as LooseType;
const All = type("All");
const registry = createRegistry(code.types.values() as Iterable<LooseType>, [
  wkt.Any,
  wkt.Timestamp,
  wkt.Duration,
  wkt.Empty,
  wkt.Struct,
  wkt.Value,
  wkt.Int64Value,
]);
const options = { registry };

const read = (json: unknown, more: object = {}): Loose => fromJson(All, json, { ...options, ...more });
const write = (message: Loose, more: object = {}): unknown => toJson(All, message, { ...options, ...more });
const refuses = (json: unknown, message: string | RegExp): void => assert.throws(() => read(json), { name: "TtrpcError", code: Code.InvalidArgument, message });

/** Of two decimals that are as short and as near to a float, we do not always take the same as Go. */
function asFloats(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => (typeof value === "number" ? Math.fround(value) : value));
}

describe("against Go's protojson", { skip: skipGo() }, () => {
  const go = new GoCodec(sources.includePaths, sources.files);
  const ask = (operation: "from json" | "to json", inputs: readonly Uint8Array[]): GoResult[] =>
    go.run(
      operation,
      inputs.map((bytes) => ({ type: All.typeName, bytes })),
    );

  /** On purpose. */
  const differs = new Map<string, string>([
    ['{"i32":1e}', "no JSON, but Go takes it"],
    ['{"i32":1e-1000}', "zero as a double, which is what JSON.parse makes of it"],
    ['{"real":3.4028235677973366e+38}', "as a double, as far from the greatest float as from the next, which is none"],
  ]);

  it(`${ALL_CASES.length} texts: the same verdict, the same message`, () => {
    const verdicts = ask(
      "from json",
      ALL_CASES.map((text) => Buffer.from(text)),
    );
    const problems: string[] = [];
    for (const [i, text] of ALL_CASES.entries()) {
      const theirs = verdicts[i] as GoResult;
      let mine: Loose | string;
      try {
        mine = fromBinary(All, toBinary(All, fromJsonString(All, text, options)));
      } catch (error) {
        assert(error instanceof TtrpcError && error.code === Code.InvalidArgument, `${text}: ${String(error)}`);
        mine = error.message;
      }
      const expected = theirs.bytes === undefined ? undefined : fromBinary(All, theirs.bytes);
      const same = expected === undefined ? typeof mine === "string" : isDeepStrictEqual(mine, expected);
      if (same === differs.has(text)) problems.push(`${text}\n  Go:   ${theirs.error ?? inspect(expected)}\n  ours: ${inspect(mine)}`);
    }
    assert.equal(problems.join("\n"), "");
  });

  it("what we take and write, Go writes the same", () => {
    const taken = ALL_CASES.flatMap((text) => {
      try {
        return [fromJsonString(All, text, options)];
      } catch {
        return [];
      }
    });
    assert(taken.length > 150);
    const results = ask(
      "to json",
      taken.map((message) => toBinary(All, message)),
    );
    for (const [i, message] of taken.entries()) {
      const { bytes, error } = results[i] as GoResult;
      assert(bytes !== undefined, error);
      const mine = toJsonString(All, message, options);
      assert.deepEqual(JSON.parse(mine), JSON.parse(bytes.toString()));
      // JSON has one null, and only one of the numbers that a NullValue can be.
      assert.deepEqual(fromJsonString(All, mine, options), { ...message, null: 0 });
    }
  });

  it(`${RANDOM_MESSAGES} random messages of every kind of field`, async (t) => {
    let refused = 0;
    const [schemas = []] = await everyKind("json", { json: true });
    for (const kinds of schemas) {
      const samples: RandomMessage[] = Array.from({ length: RANDOM_MESSAGES / 4 }, (_, i) => {
        // JSON has one null, whatever the number of the NullValue.
        const source = new RandomMessages(SEED + i, { unknownEnumValues: kinds.openEnums && kinds.name !== "well-known types" });
        return source.message(source.pick(kinds.messages));
      });
      const texts = kinds.go.run(
        "to json",
        samples.map((message) => ({ type: message.type.typeName, bytes: toBinary(kinds.type(message.type.typeName), ours(message)) })),
      );
      for (const [i, message] of samples.entries()) {
        const target = kinds.type(message.type.typeName) as unknown as LooseType;
        const context = `${kinds.name}, TTRPC_SEED=${SEED + i}, ${target.typeName}`;
        const { bytes } = texts[i] as GoResult;
        const whole = ours(message, true) as Loose;
        if (bytes === undefined) {
          // Times and durations out of range, an Any of an unknown type, and the like.
          assert.throws(() => toJsonString(target, whole, options), { code: Code.InvalidArgument }, context);
          refused++;
          continue;
        }
        const mine = toJsonString(target, whole, options);
        assert.deepEqual(asFloats(mine), asFloats(bytes.toString()), context);
        for (const text of [mine, bytes.toString()]) assert.deepEqual(fromJsonString(target, text, options), whole, context);
      }
    }
    t.diagnostic(`TTRPC_SEED=${SEED}, ${refused} have no JSON`);
  });
});

it("types follow from the message", () => {
  const at: wkt.Timestamp = fromJson(wkt.Timestamp, "1970-01-01T00:00:01Z");
  assert.deepEqual(at, { seconds: 1n, nanos: 0 });
  assert.equal(toJson(wkt.Timestamp, { seconds: 1n }), "1970-01-01T00:00:01Z");
  // @ts-expect-error: seconds are bigint
  assert.equal(toJson(wkt.Timestamp, { seconds: 1 }), "1970-01-01T00:00:01Z");
});

describe("toJson", () => {
  it("leaves out what is zero and has no presence, unless asked", () => {
    assert.deepEqual(write(All.create()), {});
    assert.deepEqual(write({}), {});
    assert.deepEqual(write({ maybeI32: 0, maybeText: "", longReal: -0 }), { maybeI32: 0, maybeText: "", longReal: -0 });
    const all = write(All.create(), { emitDefaults: true }) as Loose;
    assert.deepEqual(all, write({}, { emitDefaults: true }));
    const { i32, i64, text, data, flag, state, longs, labels } = all;
    assert.deepEqual(
      { i32, i64, text, data, flag, state, longs, labels },
      { i32: 0, i64: "0", text: "", data: "", flag: false, state: "STATE_UNSPECIFIED", longs: [], labels: {} },
    );
    for (const absent of ["maybeI32", "leaf", "chosenText", "at", "wrappedLong"]) assert(!(absent in all), absent);
  });

  it("names and enums as asked", () => {
    const message = { otherName: "a", longReal: 1, state: 1, states: [1, -1, 77], FooBar: "b", constructor$: "c" };
    assert.deepEqual(write(message), {
      renamed: "a",
      longReal: 1,
      state: "STATE_RUNNING",
      states: ["STATE_RUNNING", "STATE_GONE", 77],
      FooBar: "b",
      constructor: "c",
    });
    assert.deepEqual(write(message, { useProtoNames: true, enumsAsNumbers: true }), {
      other_name: "a",
      long_real: 1,
      state: 1,
      states: [1, -1, 77],
      FooBar: "b",
      constructor: "c",
    });
  });

  it("floats are written as short as they can be", () => {
    assert.deepEqual(write({ real: Math.fround(0.1) }), { real: 0.1 });
    assert.deepEqual(write({ real: 16_777_216 }), { real: 16_777_216 });
    assert.deepEqual(write({ real: Infinity, longReal: NaN, reals: [-Infinity] }), { real: "Infinity", longReal: "NaN", reals: ["-Infinity"] });
    assert.equal(toJsonString(All, { longReal: -0 }), '{"longReal":-0}');
  });

  it("indents as JSON.stringify does", () => {
    const message = { labels: { a: "b" }, longs: [1n], leaf: {}, struct: { fields: {} } };
    const json = toJson(All, message);
    assert.equal(toJsonString(All, message, { indent: 2 }), JSON.stringify(json, undefined, 2));
    assert.equal(toJsonString(All, message), JSON.stringify(json));
  });

  it("64-bit integers in each form", () => {
    const Wide = type("Wide");
    const message = { text: "-5", number: 7, numbers: { "18446744073709551615": 3n } };
    const json = { text: "-5", number: "7", numbers: { "18446744073709551615": "3" } };
    assert.deepEqual(toJson(Wide, message), json);
    assert.deepEqual(fromJson(Wide, json), message);
    assert.throws(() => fromJson(Wide, { number: "9007199254740993" }), /^TtrpcError: number: 9007199254740993 has no exact number$/);
  });

  it("a Map has keys of its own types", async () => {
    const { type: of } = await generated("json-map", sources, { json: true, maps: "map", int64: "string" });
    const target = of("ttrpc.test.json.All") as unknown as LooseType;
    const json = { labels: { a: "b" }, byId: { "5": { text: "x" } }, byFlag: { true: "STATE_RUNNING" }, byNumber: { "7": "AQ==" } };
    const message = fromJson(target, json);
    assert.deepEqual(message["byId"], new Map([["5", { state: 0, text: "x" }]]));
    assert.deepEqual(message["byFlag"], new Map([[true, 1]]));
    assert.deepEqual(message["byNumber"], new Map([[7, Uint8Array.of(1)]]));
    assert.deepEqual(toJson(target, message), json);
  });

  it("refuses what has no JSON, with the path", () => {
    const cannot = (message: Loose, text: RegExp): void =>
      assert.throws(() => write(message), { name: "TtrpcError", code: Code.InvalidArgument, message: text });
    cannot({ i32: 1.5 }, /^i32: 1.5 is no int32$/);
    cannot({ leaves: [{}, { text: 5 }] }, /^leaves\[1\]\.text: 5 is no string$/);
    cannot({ labels: { a: 1 } }, /^labels\["a"\]: 1 is no string$/);
    cannot({ i64: 2n ** 63n }, /^i64: 9223372036854775808 is out of range of int64, -9223372036854775808 to 9223372036854775807$/);
    cannot({ at: { seconds: 1n, nanos: -1 } }, /^at: timestamp of -1 nanoseconds/);
    cannot({ timeout: { seconds: 1n, nanos: -1 } }, /^timeout: duration of 1 seconds and -1 nanoseconds has two signs$/);
    cannot({ mask: { paths: ["fooBar"] } }, /^mask: field mask path "fooBar" has no form in lowerCamelCase$/);
    cannot({ value: {} }, /^value: a google.protobuf.Value without a kind is no JSON$/);
    cannot({ values: [{ kind: { case: "numberValue", value: NaN } }] }, /^values\[0\]: NaN is no JSON number$/);
    cannot({ any: { typeUrl: "x/no.Such", value: new Uint8Array() } }, /^any: the registry has no type no.Such$/);
    cannot(
      { any: { typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Spec", value: Buffer.from("{}") } },
      /^any: the Any of types.containerd.io\/.* holds JSON of a Go type/,
    );
    assert.throws(() => toJson(All, { any: wkt.anyPack(wkt.Empty, {}) }), /^TtrpcError: any: an Any of google.protobuf.Empty needs a registry of types$/);
    const cycle: Loose = {};
    cycle["node"] = cycle;
    assert.throws(() => toJson(type("Node"), cycle), /messages nested over 100 deep$/);
  });

  it("a type without a table is told apart", () => {
    const { typeName, create, encode, decode } = All;
    assert.throws(
      () => toJson({ typeName, create, encode, decode } as unknown as LooseType, {}),
      /^TypeError: ttrpc.test.json.All has no table of fields: generate it with the option json$/,
    );
  });
});

describe("fromJson", () => {
  it("errors name the path and the value", () => {
    refuses({ byId: { 5: { state: "X" } } }, 'byId["5"].state: unknown enum value "X" of ttrpc.test.json.State');
    refuses({ leaves: [{}, { nope: 1 }] }, 'leaves[1]: ttrpc.test.json.Leaf has no field "nope"');
    refuses({ nope: 1 }, 'ttrpc.test.json.All has no field "nope"');
    refuses({ i32: 2 ** 31 }, "i32: 2147483648 is out of range of int32, -2147483648 to 2147483647");
    refuses({ i32: NaN }, "i32: NaN is no int32");
    refuses({ data: "!" }, 'data: "!" is no base64');
    refuses({ longs: 1 }, "longs: 1 is no array");
    refuses({ longs: [null] }, "longs[0]: null is no element");
    refuses({ labels: { a: null } }, 'labels["a"]: null is no value');
    refuses({ byId: { x: {} } }, 'byId["x"]: key "x" is no int64');
    refuses({ chosenText: "a", chosenLong: 1 }, "chosenLong: oneof choice has chosenText already");
    refuses({ maybeI32: 1, maybe_i32: 1 }, "maybe_i32: given twice, by both of its names");
    refuses({ at: "yesterday" }, 'at: "yesterday" is no RFC 3339 time');
    refuses({ timeout: 5 }, "timeout: 5 is no google.protobuf.Duration");
    refuses({ struct: { a: { b: [undefined] } } }, 'struct["a"]["b"][0]: undefined is no JSON');
    refuses({ any: { "@type": "x/google.protobuf.Timestamp", value: 1 } }, "any.value: 1 is no google.protobuf.Timestamp");
    refuses([], "an array is no ttrpc.test.json.All");
    assert.throws(() => fromJsonString(All, '{\n  "i32": 1,\n  "i32": 2}'), { code: Code.InvalidArgument, message: 'JSON 3:3: key "i32" comes twice' });
    assert.throws(() => fromJsonString(All, '{"i32": tru}'), { message: 'JSON 1:9: "t" where a value should be' });
  });

  it("unknown fields and enum names are left out if asked", () => {
    const json = { nope: 1, state: "X", states: ["X", "STATE_GONE"], byFlag: { true: "X", false: 1 }, leaf: { more: {} }, maybeState: "X" };
    const { state, states, byFlag, leaf, ...rest } = read(json, { ignoreUnknownFields: true });
    assert.deepEqual({ state, states, byFlag, leaf }, { state: 0, states: [-1], byFlag: { false: 1 }, leaf: { state: 0, text: "" } });
    assert(!("maybeState" in rest));
  });

  it("undefined is absence", () => {
    assert.deepEqual(read({ i32: undefined, labels: { a: undefined } }), All.create());
  });

  it("bounds what it is given", () => {
    const nest = (depth: number, step: (inner: object) => object): object => (depth === 0 ? {} : step(nest(depth - 1, step)));
    const Node = type("Node");
    assert.doesNotThrow(() =>
      toBinary(
        Node,
        fromJson(
          Node,
          nest(99, (node) => ({ node })),
        ),
      ),
    );
    for (const step of [
      (node: object): object => ({ node }),
      (node: object): object => ({ nodes: [node] }),
      (node: object): object => ({ named: { a: node } }),
    ]) {
      assert.throws(() => fromJson(Node, nest(100, step)), /messages nested over 100 deep$/);
      assert.throws(() => fromJsonString(Node, JSON.stringify(nest(300, step))), { code: Code.InvalidArgument });
    }
    assert.throws(() => fromJsonString(All, `{"value":${"[".repeat(100_000)}`), /nested over 1000 deep$/);
    assert.throws(() => read({ value: nest(60, (inner) => ({ inner })) }), /messages nested over 100 deep$/);
    // What is taken can be decoded again.
    const deep = read({ value: nest(40, (inner) => ({ inner })) });
    assert.deepEqual(fromBinary(All, toBinary(All, deep)), deep);
  });
});
