// Call options: defaults, checks, and what tells options from a source of requests.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CallOptions, Code, ContextValues, Metadata } from "#lib/index.js";
import { isSource, resolveCall } from "#lib/call.js";

const none = { timeoutMs: undefined, signal: undefined, metadata: undefined, values: undefined };

describe("call options", () => {
  it("are none by default", () => {
    assert.deepEqual(resolveCall(undefined, undefined), none);
    assert.deepEqual(resolveCall({}, undefined), none);
    assert.deepEqual(resolveCall({ timeoutMs: undefined, signal: undefined, metadata: undefined, values: undefined }, undefined), none);
  });

  it("take the client's timeout where they give none", () => {
    for (const options of [undefined, {}, { timeoutMs: undefined }]) assert.equal(resolveCall(options, 500).timeoutMs, 500);
    for (const timeoutMs of [1, 0.5, 0, -1]) assert.equal(resolveCall({ timeoutMs }, 500).timeoutMs, timeoutMs);
  });

  it("an infinite timeout is none, the client's too", () => {
    assert.equal(resolveCall({ timeoutMs: Infinity }, 500).timeoutMs, undefined);
    for (const options of [undefined, {}]) assert.deepEqual(resolveCall(options, Infinity), none);
  });

  it("keep what they are given; metadata become a Metadata of the call's own", () => {
    const { signal } = new AbortController();
    const values = new ContextValues();
    const metadata = new Metadata({ a: "1" });
    const resolved = resolveCall({ signal, values, metadata }, undefined);
    assert.deepEqual([resolved.signal === signal, resolved.values === values], [true, true]);
    // The caller may go on with its own while the call waits.
    metadata.set("a", "2");
    assert.deepEqual([...(resolved.metadata as Metadata)], [["a", "1"]]);
    assert.deepEqual(
      [...(resolveCall({ metadata: { A: ["1", "2"] } }, undefined).metadata as Metadata)],
      [
        ["a", "1"],
        ["a", "2"],
      ],
    );
  });

  it("that are unknown are refused", () => {
    assert.throws(
      () => resolveCall({ timeout: 5 } as CallOptions, undefined),
      new TypeError('unknown call option "timeout"; there are timeoutMs, signal, metadata, values'),
    );
  });

  it("that are of the wrong type are refused", () => {
    for (const timeoutMs of [NaN, "5", null, 5n]) {
      assert.throws(() => resolveCall({ timeoutMs: timeoutMs as number }, undefined), {
        code: Code.InvalidArgument,
        message: `timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`,
      });
    }
    assert.throws(() => resolveCall({ signal: new AbortController() as unknown as AbortSignal }, undefined), new TypeError("signal must be an AbortSignal"));
    assert.throws(
      () => resolveCall({ metadata: { a: 5 as unknown as string } }, undefined),
      new TypeError('metadata "a" must be a string or strings, not number'),
    );
  });
});

describe("a source of requests", () => {
  it("is what can be iterated", () => {
    const sources = [[], new Set(), (function* () {})(), (async function* () {})(), { [Symbol.asyncIterator]() {} }];
    for (const value of sources) assert.equal(isSource(value), true);
    for (const value of [undefined, null, {}, { timeoutMs: 5 }, "text", 5, () => {}]) assert.equal(isSource(value), false);
  });
});
