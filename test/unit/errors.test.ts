// TtrpcError: codes, the mapping of foreign errors, details, and instanceof across two copies of the package.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { describe, it } from "node:test";
import {
  ClosedError,
  Code,
  OversizedMessageError,
  ProtocolError,
  ServerClosedError,
  StreamClosedError,
  StreamFullError,
  TtrpcError,
  Writer,
} from "#lib/index.js";
import type * as Errors from "#lib/errors.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import protobuf from "protobufjs";

/** The same module a second time, as a second copy of the package would be. */
const specifier = "#lib/errors.js?second-copy";
const copy = (await import(specifier)) as typeof Errors;

const classes = { TtrpcError, ClosedError, ServerClosedError, StreamClosedError, StreamFullError, ProtocolError, OversizedMessageError };

function makeAll(from: typeof Errors): Record<keyof typeof classes, TtrpcError> {
  return {
    TtrpcError: new from.TtrpcError(Code.NotFound, "x"),
    ClosedError: new from.ClosedError(),
    ServerClosedError: new from.ServerClosedError(),
    StreamClosedError: new from.StreamClosedError(),
    StreamFullError: new from.StreamFullError(),
    ProtocolError: new from.ProtocolError(),
    OversizedMessageError: new from.OversizedMessageError(5, 4),
  };
}

describe("the named errors", () => {
  it("have gRPC codes and Go's texts", () => {
    const table = Object.entries(makeAll(copy)).map(([name, error]) => [name, error.name, error.code, error.message]);
    assert.deepEqual(table, [
      ["TtrpcError", "TtrpcError", 5, "x"],
      ["ClosedError", "ClosedError", 14, "ttrpc: closed"],
      ["ServerClosedError", "ServerClosedError", 14, "ttrpc: server closed"],
      ["StreamClosedError", "StreamClosedError", 9, "ttrpc: stream closed"],
      ["StreamFullError", "StreamFullError", 8, "ttrpc: stream buffer full"],
      ["ProtocolError", "ProtocolError", 13, "protocol error"],
      ["OversizedMessageError", "OversizedMessageError", 8, "message of 5 bytes exceeds the 4 byte limit"],
    ]);
  });

  it("are Errors with a stack that names them", () => {
    for (const [name, error] of Object.entries(makeAll(copy))) {
      assert.ok(error instanceof Error);
      assert.equal(String(error), `${name}: ${error.message}`);
      assert.ok(error.stack?.startsWith(`${name}: ${error.message}\n`), error.stack);
      assert.deepEqual([Object.keys(error).includes("name"), error.details], [false, []]);
    }
  });

  it("an oversized message tells both sizes", () => {
    const error = new OversizedMessageError(4_194_305, 4_194_304, { message: "other words" });
    assert.deepEqual([error.rejectedBytes, error.maximumBytes, error.message], [4_194_305, 4_194_304, "other words"]);
  });

  it("a cause is kept, and is no property where there is none", () => {
    const cause = new Error("deeper");
    assert.equal(new TtrpcError(Code.Internal, "x", { cause }).cause, cause);
    assert.equal(new ClosedError(undefined, { cause }).cause, cause);
    assert.equal(Object.hasOwn(new TtrpcError(Code.Internal, "x"), "cause"), false);
  });

  it("codes are google.rpc.Code's", () => {
    assert.deepEqual(
      Object.values(Code),
      Array.from({ length: 17 }, (_, i) => i),
    );
    assert.deepEqual([Code.Ok, Code.Canceled, Code.DeadlineExceeded, Code.Unavailable, Code.Unauthenticated], [0, 1, 4, 14, 16]);
  });
});

describe("instanceof", () => {
  it("holds for the class and TtrpcError and no other, within one copy and across two", () => {
    const ours = makeAll(classes as typeof Errors);
    const theirs = makeAll(copy);
    for (const [name, type] of Object.entries(classes)) {
      for (const errors of [ours, theirs]) {
        for (const [other, error] of Object.entries(errors))
          assert.equal(error instanceof type, name === other || name === "TtrpcError", `${other} instanceof ${name}`);
      }
      for (const error of Object.values(ours)) assert.equal(error instanceof copy[name as keyof typeof classes], error.name === name || name === "TtrpcError");
    }
    assert.notEqual(copy.TtrpcError, TtrpcError, "the copies are two");
  });

  it("is false for everything else", () => {
    for (const value of [
      undefined,
      null,
      5,
      "TtrpcError",
      Symbol.iterator,
      {},
      new Error("x"),
      Object.create(null),
      () => {},
      { name: "TtrpcError", code: 5 },
    ]) {
      assert.equal(value instanceof TtrpcError, false);
      assert.equal(value instanceof ClosedError, false);
    }
  });

  it("an application's own class is its own: only what it made is of it", () => {
    class QuotaError extends TtrpcError {
      constructor(tenant: string) {
        super(Code.ResourceExhausted, `${tenant} has used up its quota`);
      }
    }
    class HardQuotaError extends QuotaError {}
    const error = new HardQuotaError("a");
    assert.ok(error instanceof HardQuotaError && error instanceof QuotaError && error instanceof TtrpcError && error instanceof copy.TtrpcError);
    assert.equal(new QuotaError("a") instanceof HardQuotaError, false);
    assert.equal(new TtrpcError(Code.ResourceExhausted, "x") instanceof QuotaError, false);
    assert.equal(error instanceof ClosedError, false);
    assert.equal(TtrpcError.from(error), error);
  });
});

describe("TtrpcError.from", () => {
  const withCode = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });
  const abort = new AbortController();
  abort.abort();
  const table: readonly (readonly [what: string, reason: unknown, code: Code, message: string])[] = [
    ["an Error", new Error("plain"), Code.Unknown, "plain"],
    ["an Error without text", new Error(), Code.Unknown, ""],
    ["EEXIST", withCode("EEXIST"), Code.AlreadyExists, "EEXIST: it failed"],
    ["ENOTEMPTY", withCode("ENOTEMPTY"), Code.AlreadyExists, "ENOTEMPTY: it failed"],
    ["ENOENT", withCode("ENOENT"), Code.NotFound, "ENOENT: it failed"],
    ["EACCES", withCode("EACCES"), Code.PermissionDenied, "EACCES: it failed"],
    ["EPERM", withCode("EPERM"), Code.PermissionDenied, "EPERM: it failed"],
    ["EINVAL", withCode("EINVAL"), Code.Unknown, "EINVAL: it failed"],
    ["another system error", withCode("EIO"), Code.Unknown, "EIO: it failed"],
    ["a code that is a property of every object", withCode("toString"), Code.Unknown, "toString: it failed"],
    ["a numeric code", Object.assign(new Error("x"), { code: 5 }), Code.Unknown, "x"],
    ["an abort", abort.signal.reason, Code.Canceled, "This operation was aborted"],
    ["a timeout", new DOMException("took too long", "TimeoutError"), Code.DeadlineExceeded, "took too long"],
    ["a string", "just text", Code.Unknown, "just text"],
    ["undefined", undefined, Code.Unknown, "undefined"],
    ["null", null, Code.Unknown, "null"],
    ["a symbol", Symbol("s"), Code.Unknown, "Symbol(s)"],
    ["an object that has no text", Object.create(null), Code.Unknown, "[object Object]"],
    [
      "an object whose text fails",
      {
        toString() {
          throw new Error("no");
        },
      },
      Code.Unknown,
      "[object Object]",
    ],
  ];
  for (const [what, reason, code, message] of table) {
    it(what, () => {
      const error = TtrpcError.from(reason);
      assert.deepEqual([error.code, error.message], [code, message]);
      if (reason !== undefined) assert.equal(error.cause, reason);
    });
  }

  it("what Node throws for a file that is not there", async () => {
    const error = TtrpcError.from(await stat("/nowhere/at/all").catch((reason: unknown) => reason));
    assert.equal(error.code, Code.NotFound);
  });

  it("a TtrpcError stays what it is, that of another copy too", () => {
    for (const error of [...Object.values(makeAll(classes as typeof Errors)), ...Object.values(makeAll(copy))])
      assert.equal(TtrpcError.from(error, Code.Internal), error);
  });

  it("the fallback is for what has no code of its own", () => {
    assert.deepEqual(
      [TtrpcError.from(new Error("x"), Code.Internal).code, TtrpcError.from("x", Code.Internal).code, TtrpcError.from(withCode("ENOENT"), Code.Internal).code],
      [13, 13, 5],
    );
  });

  it("an error caused by a status takes its code and details and keeps its own text, however deep", () => {
    const details = [{ typeUrl: "a", value: new Uint8Array([1]) }];
    const inner = new copy.TtrpcError(Code.NotFound, "inner", { details });
    const outer = new Error("outer", { cause: new Error("middle", { cause: inner }) });
    const error = TtrpcError.from(outer);
    assert.deepEqual([error.code, error.message, error.details, error.cause], [Code.NotFound, "outer", details, outer]);
  });

  it("a status that is a cause counts for more than a system error around it", () => {
    assert.equal(TtrpcError.from(Object.assign(new Error("x", { cause: new TtrpcError(Code.Aborted, "y") }), { code: "ENOENT" })).code, Code.Aborted);
  });

  it("causes in a circle end", () => {
    const one = new Error("one");
    one.cause = new Error("two", { cause: one });
    assert.deepEqual([TtrpcError.from(one).code, TtrpcError.from(one).message], [Code.Unknown, "one"]);
  });
});

describe("details", () => {
  const { root } = protobuf.parse('syntax = "proto3"; package a; message Info { string text = 1; } message Other { string text = 1; }');
  const Info = fromProtobufjs<{ text: string }>(root.lookupType("a.Info"));
  const bytes = (text: string): Uint8Array => new Writer().uint32(10).string(text).finish();

  it("of a type are found with and without the prefix, in order, others left out", () => {
    const error = new TtrpcError(Code.Internal, "x", {
      details: [
        { typeUrl: "type.googleapis.com/a.Info", value: bytes("one") },
        { typeUrl: "type.googleapis.com/a.Other", value: bytes("no") },
        { typeUrl: "a.Info", value: bytes("two") },
        { typeUrl: "example.com/x/a.Info", value: bytes("three") },
        { typeUrl: "xa.Info", value: bytes("no") },
        { typeUrl: "", value: bytes("no") },
      ],
    });
    assert.deepEqual(
      error.findDetails(Info).map(({ text }) => text),
      ["one", "two", "three"],
    );
    assert.deepEqual(new TtrpcError(Code.Internal, "x").findDetails(Info), []);
  });

  it("that are a part of a larger buffer are read from there", () => {
    const whole = Buffer.concat([Buffer.alloc(7, 0xff), bytes("part"), Buffer.alloc(7, 0xff)]);
    const error = new TtrpcError(Code.Internal, "x", { details: [{ typeUrl: "a.Info", value: whole.subarray(7, -7) }] });
    assert.deepEqual(
      error.findDetails(Info).map(({ text }) => text),
      ["part"],
    );
  });
});
