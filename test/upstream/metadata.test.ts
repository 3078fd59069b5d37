// Mirrors metadata_test.go: lists of strings by key, and how they reach a handler.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Interceptor, Metadata } from "ttrpc";
import { onEachLink } from "../rpc/links.js";
import { test } from "../support/implementations.js";
import { Test } from "../support/services.js";
import { serve } from "./support.js";

describe("metadata_test.go", () => {
  it("TestMetadataGet", () => {
    const metadata = new Metadata().set("foo", "1", "2");
    assert.ok(metadata.has("foo"));
    assert.deepEqual(metadata.getAll("foo"), ["1", "2"]);
    assert.equal(metadata.get("foo"), "1");
  });

  it("TestMetadataGetInvalidKey", () => {
    const metadata = new Metadata().set("foo", "1", "2");
    assert.deepEqual([metadata.has("invalid"), metadata.get("invalid"), metadata.getAll("invalid")], [false, undefined, []]);
  });

  it("TestMetadataUnset", () => {
    const metadata = new Metadata().set("foo", "1", "2").set("foo");
    assert.deepEqual([metadata.has("foo"), metadata.get("foo"), metadata.getAll("foo"), metadata.empty], [false, undefined, [], true]);
  });

  it("TestMetadataReplace", () => {
    const metadata = new Metadata().set("foo", "1", "2").set("foo", "3", "4");
    assert.deepEqual(metadata.getAll("foo"), ["3", "4"]);
  });

  it("TestMetadataAppend", () => {
    const metadata = new Metadata().set("foo", "1").append("foo", "2").append("bar", "3");
    assert.deepEqual(metadata.getAll("foo"), ["1", "2"]);
    assert.deepEqual(metadata.getAll("bar"), ["3"]);
  });

  it("TestMetadataClone", () => {
    // Upstream's nil map, and its key without values, are an empty Metadata and no key: there is one way to have nothing.
    assert.ok(new Metadata().clone().empty);
    const metadata = new Metadata({ nil: [], foo: ["bar"], baz: ["qux", "quxx"] });
    const clone = metadata.clone();
    assert.deepEqual(clone.toJSON(), { foo: ["bar"], baz: ["qux", "quxx"] });
    assert.deepEqual([clone.has("nil"), metadata.has("nil")], [false, false]);
    // Neither sees what is done to the other.
    clone.append("baz", "more").delete("foo");
    metadata.append("foo", "too");
    assert.deepEqual(metadata.toJSON(), { foo: ["bar", "too"], baz: ["qux", "quxx"] });
    assert.deepEqual(clone.toJSON(), { baz: ["qux", "quxx", "more"] });
  });
});

onEachLink("metadata_test.go, over a call", (link) => {
  // A context is a call's options on one side, and the handler's context on the other.
  it("TestMetadataContext", async () => {
    const seen: unknown[] = [];
    await using serving = await serve(link, (server) =>
      server.service(Test, {
        test(_, { metadata }) {
          seen.push(metadata.has("foo"), metadata.get("foo"), metadata.has("other"));
          return {};
        },
      }),
    );
    await (await serving.connect()).service(Test).test({}, { metadata: new Metadata().set("foo", "bar") });
    assert.deepEqual(seen, [true, "bar", false]);
  });

  // No threads write to one map here. What is left of the danger: calls that share a Metadata, each changing it on its way.
  it("TestMetadataCloneConcurrent", async () => {
    const shared = new Metadata().set("foo", "bar");
    let count = 0;
    const changing: Interceptor = {
      async unary(call, next) {
        call.metadata.set("foo", `baz${count++}`);
        await new Promise((resolve) => setImmediate(resolve));
        return next(call);
      },
    };
    await using serving = await serve(link, (server) => server.service(Test, test));
    const client = await serving.connect({ interceptors: [changing] });
    const replies = await Promise.all(Array.from({ length: 20 }, () => client.service(Test).test({}, { metadata: shared })));
    assert.deepEqual(
      replies.map(({ metadata }) => metadata),
      Array.from({ length: 20 }, (_, i) => `baz${i}`),
    );
    assert.deepEqual(shared.toJSON(), { foo: ["bar"] });
  });
});
