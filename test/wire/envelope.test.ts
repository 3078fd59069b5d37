// Request and Response, against the bytes that Go's ttrpc sends and against protobufjs's view of the same messages.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import {
  closePayload,
  envelopeError,
  openRequestPayload,
  openResponsePayload,
  readRequest,
  readResponse,
  requestPrefix,
  writeRequestOptions,
  writeStatus,
} from "#lib/wire/envelope.js";
import { REFERENCE_BYTES } from "#lib/wire/writer.js";
import { ROOT } from "../support/root.js";
import { assertWireError, hex, INVALID_UTF8, long, MALFORMED, unhex } from "./support.js";

const SCHEMA = `
syntax = "proto3";
package ttrpc;
message Request { string service = 1; string method = 2; bytes payload = 3; int64 timeout_nano = 4; repeated KeyValue metadata = 5; }
message Response { Status status = 1; bytes payload = 2; }
message KeyValue { string key = 1; string value = 2; }
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Any { string type_url = 1; bytes value = 2; }
`;
const root = protobuf.parse(SCHEMA, { keepCase: true }).root.resolveAll();
const Request = root.lookupType("ttrpc.Request");
const Response = root.lookupType("ttrpc.Response");

interface RequestParts {
  service?: string;
  method?: string;
  payload?: Uint8Array;
  timeoutMs?: number;
  metadata?: [string, string][];
}

/** A Request, put together as the client does it. */
function writeRequest({ service = "svc", method = "Echo", payload = new Uint8Array(0), timeoutMs, metadata }: RequestParts, width = 1): string {
  const writer = new Writer();
  writer.raw(requestPrefix(service, method, new Writer()));
  const start = openRequestPayload(writer, width);
  writer.raw(payload);
  assert.equal(closePayload(writer, start, width), payload.length);
  writeRequestOptions(writer, timeoutMs, metadata?.flat());
  return hex(writer.finish());
}

function writeReply(payload: Uint8Array, width = 1): string {
  const writer = new Writer();
  const start = openResponsePayload(writer, width);
  writer.raw(payload);
  closePayload(writer, start, width);
  return hex(writer.finish());
}

function statusOf(code: number, message: string, details: { typeUrl: string; value: Uint8Array }[] = []): string {
  const writer = new Writer();
  writeStatus(writer, code, message, details);
  return hex(writer.finish());
}

describe("Go's bytes", () => {
  const payload = unhex("080312026869");
  const echo = "0a03737663 12044563686f 1a06080312026869".replaceAll(" ", "");

  it("a unary request", () => {
    assert.equal(writeRequest({ payload }), echo);
    const bytes = unhex(echo);
    const { service, method, payloadStart, payloadEnd, timeoutMs, metadata } = readRequest(new Reader(bytes));
    assert.deepEqual(
      [service, method, hex(bytes.subarray(payloadStart, payloadEnd)), timeoutMs, metadata],
      ["svc", "Echo", "080312026869", undefined, undefined],
    );
  });

  it("a reply", () => {
    assert.equal(writeReply(payload), "1206080312026869");
    // Go leaves the status of success out; Rust sends an empty one; a code of 0 means the same.
    for (const text of ["1206080312026869", "0a001206080312026869", "0a0208001206080312026869"]) {
      const bytes = unhex(text);
      const { code, message, details, payloadStart, payloadEnd } = readResponse(new Reader(bytes));
      assert.deepEqual([code, message, details, hex(bytes.subarray(payloadStart, payloadEnd))], [0, "", undefined, "080312026869"]);
    }
  });

  it("an empty reply is nothing at all", () => {
    assert.equal(writeReply(new Uint8Array(0)), "");
    const { code, payloadStart, payloadEnd } = readResponse(new Reader(Buffer.alloc(0)));
    assert.deepEqual([code, payloadEnd - payloadStart], [0, 0]);
  });

  const statuses: readonly (readonly [code: number, message: string, bytes: string])[] = [
    [12, "method nope", "0a0f080c120b6d6574686f64206e6f7065"],
    [4, "context deadline exceeded", "0a1d08041219636f6e7465787420646561646c696e65206578636565646564"],
    [2, "", "0a020802"],
    [-1, "x", "0a0e08ffffffffffffffffff01120178"],
    [0, "", "0a00"],
  ];
  for (const [code, message, bytes] of statuses) {
    it(`a status ${code} "${message}"`, () => {
      assert.equal(statusOf(code, message), bytes);
      const envelope = readResponse(new Reader(unhex(bytes)));
      assert.deepEqual([envelope.code, envelope.message, envelope.details], [code, message, undefined]);
    });
  }

  it("a deadline and metadata", () => {
    const text = writeRequest({
      timeoutMs: 1.5,
      metadata: [
        ["foo", "one"],
        ["foo", "two"],
        ["blank", ""],
      ],
    });
    assert.equal(text, "0a0373766312044563686f 20e0c65b 2a0a0a03666f6f12036f6e65 2a0a0a03666f6f120374776f 2a070a05626c616e6b".replaceAll(" ", ""));
    const { timeoutMs, metadata } = readRequest(new Reader(unhex(text)));
    assert.equal(timeoutMs, 1.5);
    assert.deepEqual(metadata, ["foo", "one", "foo", "two", "blank", ""]);
  });
});

describe("protobufjs reads what is written", () => {
  const payloads = [0, 1, 127, 128, 16_383, 16_384, 70_000].map((length) => Buffer.alloc(length, 0x61));

  it("requests, with every guess of the payload's length", () => {
    for (const payload of payloads) {
      for (let width = 1; width <= 4; width++) {
        const text = writeRequest({ service: "pkg.Sérvice", method: "M", payload, timeoutMs: 2, metadata: [["k", "v"]] }, width);
        const message = { service: "pkg.Sérvice", method: "M", payload, timeout_nano: long(2_000_000n), metadata: [{ key: "k", value: "v" }] };
        assert.equal(text, hex(Request.encode(message).finish()));
      }
    }
  });

  it("replies, with every guess", () => {
    for (const payload of payloads)
      for (let width = 1; width <= 4; width++) assert.equal(writeReply(payload, width), hex(Response.encode({ payload }).finish()));
  });

  it("errors with details", () => {
    const details = [
      { typeUrl: "type.googleapis.com/a.B", value: unhex("0102") },
      { typeUrl: "c.D", value: Buffer.alloc(0) },
      { typeUrl: "e.F", value: Buffer.alloc(300, 1) },
    ];
    const message = { status: { code: 5, message: "nö", details: details.map(({ typeUrl, value }) => ({ type_url: typeUrl, value })) } };
    const text = statusOf(5, "nö", details);
    assert.equal(text, hex(Response.encode(message).finish()));
    const read = readResponse(new Reader(unhex(text)));
    assert.deepEqual(
      read.details?.map(({ typeUrl, value }) => [typeUrl, hex(value)]),
      details.map(({ typeUrl, value }) => [typeUrl, hex(value)]),
    );
  });

  it("empty names are left out, as proto3 does", () => {
    assert.equal(writeRequest({ service: "", method: "" }), "");
    assert.equal(writeRequest({ service: "", method: "M" }), "12014d");
  });

  const proto = join(ROOT, "proto/ttrpc.proto");
  it("proto/ttrpc.proto says the same", { skip: existsSync(proto) ? false : "there is no proto/ttrpc.proto yet" }, () => {
    const own = new protobuf.Root();
    own.resolvePath = (_origin, target) => (existsSync(join(ROOT, "proto", target)) ? join(ROOT, "proto", target) : target);
    own.loadSync(proto, { keepCase: true }).resolveAll();
    const request = { service: "s", method: "m", payload: unhex("01"), timeout_nano: long(5n), metadata: [{ key: "k", value: "v" }] };
    assert.equal(hex(own.lookupType("ttrpc.Request").encode(request).finish()), hex(Request.encode(request).finish()));
    const response = { status: { code: 1, message: "m", details: [{ type_url: "t", value: unhex("02") }] }, payload: unhex("03") };
    assert.equal(hex(own.lookupType("ttrpc.Response").encode(response).finish()), hex(Response.encode(response).finish()));
  });
});

describe("timeouts", () => {
  const nanos = (timeoutMs: number): string =>
    Request.toObject(Request.decode(unhex(writeRequest({ timeoutMs }))), { longs: String })["timeout_nano"] as string;

  it("go out in nanoseconds, at least one, at most 292 years", () => {
    assert.deepEqual([0.001, 1, 1e-9, 0.4e-6, -5, 9.2e12, 1e300, Infinity].map(nanos), [
      "1000",
      "1000000",
      "1",
      "1",
      "1",
      "9200000000000000000",
      "9200000000000000000",
      "9200000000000000000",
    ]);
  });

  it("come in relative; none for zero, negative for one that is over", () => {
    const read = (nano: bigint): number | undefined => readRequest(new Reader(Request.encode({ timeout_nano: long(nano) }).finish())).timeoutMs;
    assert.deepEqual([read(0n), read(1_500_000n), read(-1_000_009_103n), read(3_600_000_000_000n)], [undefined, 1.5, -1000.009103, 3_600_000]);
    assert.equal(read(2n ** 63n - 1n), 9_223_372_036_854.775);
    assert.equal(readRequest(new Reader(unhex("2000"))).timeoutMs, undefined);
  });
});

describe("reading", () => {
  it("the result is used again: nothing of the last message stays", () => {
    readRequest(new Reader(unhex(writeRequest({ payload: unhex("01"), timeoutMs: 1, metadata: [["a", "b"]] }))));
    const request = { ...readRequest(new Reader(Buffer.alloc(0))) };
    assert.deepEqual(request, { service: "", method: "", payloadStart: 0, payloadEnd: 0, timeoutMs: undefined, metadata: undefined });
    readResponse(new Reader(unhex(statusOf(5, "x", [{ typeUrl: "t", value: unhex("01") }]))));
    assert.deepEqual({ ...readResponse(new Reader(Buffer.alloc(0))) }, { code: 0, message: "", details: undefined, payloadStart: 0, payloadEnd: 0 });
  });

  it("of a field that comes twice the last one counts; unknown fields and known numbers of other types are skipped", () => {
    // service twice, field 9 of three wire types, method as a varint, payload twice.
    const bytes = unhex("0a0161 0a0162 48ff01 4a0100 4d00000000 1007 1a0101 1a0202 03");
    const { service, method, payloadStart, payloadEnd } = readRequest(new Reader(bytes));
    assert.deepEqual([service, method, hex(bytes.subarray(payloadStart, payloadEnd))], ["b", "", "0203"]);
    // In a pair and in a status, too.
    assert.deepEqual(readRequest(new Reader(unhex("2a0a 1801 0a016b 0801 120176"))).metadata, ["k", "v"]);
    assert.equal(readResponse(new Reader(unhex("0a09 2001 0805 12016d 1001"))).message, "m");
  });

  it("positions are those of the reader's buffer, wherever the envelope lies in it", () => {
    const bytes = Buffer.concat([Buffer.alloc(100, 0xff), unhex(writeRequest({ payload: unhex("aabb") })), Buffer.alloc(9, 0xff)]);
    const { payloadStart, payloadEnd } = readRequest(new Reader(bytes, 100, bytes.length - 9));
    assert.equal(hex(bytes.subarray(payloadStart, payloadEnd)), "aabb");
  });

  it("a detail is a copy: the buffer is used again", () => {
    const bytes = unhex(statusOf(5, "x", [{ typeUrl: "t", value: unhex("0102") }]));
    const { details } = readResponse(new Reader(bytes));
    bytes.fill(0);
    assert.deepEqual(
      details?.map(({ typeUrl, value }) => [typeUrl, hex(value)]),
      [["t", "0102"]],
    );
  });

  it("what is malformed is refused, and the reader is no worse for it", () => {
    const reader = new Reader(Buffer.alloc(0));
    // A status, a detail, and a pair whose content reaches beyond them.
    for (const text of ["0a02", "0a0412056d", "0a051a030a0574 78", "1205", "00", "08", "0a020880"])
      assertWireError(() => readResponse(reader.reset(unhex(text), 0, unhex(text).length, false)), MALFORMED, text);
    for (const text of ["0a", "0a05", "2a020a05", "2a", "20", "20ffffffffffffffffffff", "1a05 00"])
      assertWireError(() => readRequest(reader.reset(unhex(text), 0, unhex(text).length, false)), MALFORMED, text);
    for (const text of ["0a01ff", "1202c328", "2a030a0180", "2a06 0a016b 1201ff"])
      assertWireError(() => readRequest(reader.reset(unhex(text), 0, unhex(text).length, false)), INVALID_UTF8, text);
    assert.equal(readRequest(reader.reset(unhex("0a0161"), 0, 3, false)).service, "a");
  });

  it("envelopeError gives protobuf-go's text for what a Reader throws", () => {
    assert.throws(
      () => readRequest(new Reader(unhex("00"))),
      (error: unknown) => envelopeError(error) === MALFORMED,
    );
    assert.equal(envelopeError(new Error("other")), "Error: other");
  });
});

describe("a payload with a referenced part", () => {
  it("has its length counted, and is kept if it is only that", () => {
    const big = Buffer.alloc(REFERENCE_BYTES, 5);
    const writer = new Writer(undefined, true);
    const start = openResponsePayload(writer, 1);
    writer.raw(big);
    assert.equal(closePayload(writer, start, 1), REFERENCE_BYTES);
    assert.equal(writer.references.length, 1);
    assert.equal(hex(writer.finish()), hex(Response.encode({ payload: big }).finish()));
  });
});
