// Metadata. Go: metadata_test.go, test by test, and what TypeScript adds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, type MetadataInit, Server, type UnaryCall } from "#lib/index.js";
import { connectTo } from "#lib/testing.js";
import { register } from "../support/implementations.js";
import { Peer } from "../support/services.js";

function pairs(metadata: Metadata): string[] {
  return [...metadata].map(([key, value]) => `${key}=${value}`);
}

describe("Go's tests", () => {
  it("TestMetadataGet", () => {
    const metadata = new Metadata().set("foo", "1", "2");
    assert.deepEqual(metadata.getAll("foo"), ["1", "2"]);
    assert.equal(metadata.get("foo"), "1");
  });

  it("TestMetadataGetInvalidKey", () => {
    const metadata = new Metadata().set("foo", "1", "2");
    assert.deepEqual([metadata.get("invalid"), metadata.getAll("invalid"), metadata.has("invalid")], [undefined, [], false]);
  });

  it("TestMetadataUnset", () => {
    const metadata = new Metadata().set("foo", "1", "2");
    metadata.set("foo");
    assert.deepEqual([metadata.get("foo"), metadata.has("foo"), metadata.empty], [undefined, false, true]);
  });

  it("TestMetadataReplace", () => {
    const metadata = new Metadata().set("foo", "1", "2").set("foo", "3", "4");
    assert.deepEqual(metadata.getAll("foo"), ["3", "4"]);
  });

  it("TestMetadataAppend", () => {
    const metadata = new Metadata().set("foo", "1").append("foo", "2").append("bar", "3");
    assert.deepEqual([metadata.getAll("foo"), metadata.getAll("bar")], [["1", "2"], ["3"]]);
  });

  it("TestMetadataContext: a handler and interceptors of both sides see it", async () => {
    const seen: string[] = [];
    const look = {
      unary: (call: UnaryCall, next: (call: UnaryCall) => Promise<object>) => (seen.push(`${call.side} ${pairs(call.metadata).join()}`), next(call)),
    };
    const server = register(new Server({ interceptors: [look] }));
    const client = await connectTo(server, { interceptors: [look] });
    try {
      const { msg } = await client.service(Peer).metadata({}, { metadata: new Metadata({ foo: ["bar", "baz"] }) });
      assert.deepEqual(JSON.parse(msg), { foo: ["bar", "baz"] });
      assert.deepEqual(seen, ["client foo=bar,foo=baz", "server foo=bar,foo=baz"]);
    } finally {
      await client.close();
      await server.close();
    }
  });

  it("TestMetadataClone", () => {
    const metadata = new Metadata({ foo: ["1", "2"], bar: "3" });
    const clone = metadata.clone();
    assert.notEqual(clone, metadata);
    assert.deepEqual(pairs(clone), ["foo=1", "foo=2", "bar=3"]);
    assert.equal(new Metadata().clone().empty, true);
  });

  it("TestMetadataCloneConcurrent: changing clones leaves the original and the others alone", () => {
    const metadata = new Metadata({ foo: ["bar"] });
    const clones = Array.from({ length: 20 }, (_, i) => metadata.clone().set("foo", `${i}`).append("foo", "more").append("own", `${i}`));
    assert.deepEqual(pairs(metadata), ["foo=bar"]);
    for (const [i, clone] of clones.entries()) assert.deepEqual(pairs(clone), [`foo=${i}`, "foo=more", `own=${i}`]);
  });
});

describe("keys", () => {
  it("are lower case, however they are written and asked for", () => {
    const metadata = new Metadata({ Foo: "1", FOO: "2" }).append("fOo", "3").set("BAR", "4");
    assert.deepEqual(pairs(metadata), ["foo=1", "foo=2", "foo=3", "bar=4"]);
    assert.deepEqual([metadata.get("FOO"), metadata.has("Bar"), metadata.delete("BaR"), metadata.delete("bar")], ["1", true, true, false]);
  });

  it("of objects' own machinery are keys like others", () => {
    const metadata = new Metadata(JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>);
    assert.deepEqual([metadata.get("__proto__"), metadata.get("constructor"), metadata.get("tostring")], ["a", "b", undefined]);
    assert.equal(JSON.stringify(metadata), '{"__proto__":["a"],"constructor":["b"]}');
  });
});

describe("making one", () => {
  const inits: Readonly<Record<string, MetadataInit>> = {
    "a record": { a: ["1", "2"], b: "" },
    "a record whose order of keys counts": { a: ["1"], b: [""], A: "2" },
    pairs: [
      ["a", "1"],
      ["b", ""],
      ["a", "2"],
    ],
    "a Map": new Map([
      ["b", ""],
      ["a", "1"],
      ["A", "2"],
    ]),
    "another Metadata": new Metadata({ a: ["1", "2"], b: "" }),
  };
  for (const [what, init] of Object.entries(inits)) {
    it(`from ${what}`, () => {
      const metadata = new Metadata(init);
      assert.deepEqual([metadata.getAll("a"), metadata.getAll("b"), pairs(metadata).length], [["1", "2"], [""], 3]);
    });
  }

  it("from nothing, and from lists without values: empty", () => {
    for (const init of [undefined, {}, [], { a: [] }]) assert.equal(new Metadata(init).empty, true);
  });

  it("from another one does not share lists with it", () => {
    const source = new Metadata({ a: "1" });
    const copy = new Metadata(source);
    source.append("a", "2");
    assert.deepEqual(copy.getAll("a"), ["1"]);
    const list = ["1"];
    const own = new Metadata({ a: list });
    own.append("a", "2");
    assert.deepEqual(list, ["1"]);
  });

  const wrong: readonly (readonly [init: unknown, text: string])[] = [
    [{ a: 5 }, 'metadata "a" must be a string or strings, not number'],
    [{ a: undefined }, 'metadata "a" must be a string or strings, not undefined'],
    [{ a: ["x", 5] }, 'metadata "a" must be a string, not number'],
    [[["a", 5]], 'metadata "a" must be a string, not number'],
    [[[5, "a"]], "a metadata key must be a string, not number"],
  ];
  for (const [init, text] of wrong)
    it(`from ${JSON.stringify(init)}: ${text}`, () => assert.throws(() => new Metadata(init as MetadataInit), new TypeError(text)));

  it("a value that is none is refused whole: nothing is appended, nothing replaced", () => {
    const metadata = new Metadata({ a: "1" });
    const wrong = 3 as unknown as string;
    for (const method of ["append", "set"] as const) {
      assert.throws(() => metadata[method]("a", "2", wrong), new TypeError('metadata "a" must be a string, not number'));
      assert.throws(() => metadata[method](wrong, "2"), new TypeError("a metadata key must be a string, not number"));
    }
    assert.deepEqual(pairs(metadata), ["a=1"]);
  });
});
