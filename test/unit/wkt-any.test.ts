// Any, whoever wrote its type URL; and Status, whose details are Anys.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, TtrpcError } from "#lib/errors.js";
import * as wkt from "#lib/wkt/index.js";

const timeout = { seconds: 5n, nanos: 0 };
const SPEC = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

describe("Any", () => {
  it("is packed with the prefix asked for", () => {
    assert.equal(wkt.anyPack(wkt.Duration, timeout).typeUrl, "type.googleapis.com/google.protobuf.Duration");
    assert.equal(wkt.anyPack(wkt.Duration, timeout, { typeUrlPrefix: "" }).typeUrl, "google.protobuf.Duration");
    assert.equal(wkt.anyPack(wkt.Duration, timeout, { typeUrlPrefix: "/" }).typeUrl, "/google.protobuf.Duration");
    assert.equal(wkt.anyPack(wkt.Duration, timeout, { typeUrlPrefix: "example.com/types" }).typeUrl, "example.com/types/google.protobuf.Duration");
  });

  it("is unpacked whatever is before the name", () => {
    const registry = wkt.createRegistry(wkt.Duration, wkt.createRegistry(wkt.Timestamp, wkt.Empty));
    const { value } = wkt.anyPack(wkt.Duration, timeout);
    for (const prefix of ["type.googleapis.com/", "/", "", "example.com/a/b/"]) {
      const any = { typeUrl: `${prefix}google.protobuf.Duration`, value };
      assert(wkt.anyIs(any, wkt.Duration) && wkt.anyIs(any, "google.protobuf.Duration"));
      assert(!wkt.anyIs(any, wkt.Timestamp) && !wkt.anyIs(any, "Duration"));
      assert.deepEqual(wkt.anyUnpack(any, wkt.Duration), timeout);
      assert.deepEqual(wkt.anyUnpack(any, registry), { type: wkt.Duration, message: timeout });
    }
    assert.deepEqual(
      [...registry].map(({ typeName }) => typeName),
      ["google.protobuf.Duration", "google.protobuf.Timestamp", "google.protobuf.Empty"],
    );
  });

  it("refuses what it does not hold", () => {
    const any = wkt.anyPack(wkt.Duration, timeout);
    const registry = wkt.createRegistry(wkt.Empty);
    assert.throws(() => wkt.anyUnpack(any, wkt.Timestamp), {
      code: Code.InvalidArgument,
      message: "the Any holds a google.protobuf.Duration, not a google.protobuf.Timestamp",
    });
    assert.throws(() => wkt.anyUnpack(any, registry), { code: Code.NotFound, message: "the registry has no type google.protobuf.Duration" });
    assert.throws(() => wkt.anyUnpack({}, registry), { code: Code.InvalidArgument, message: 'type URL "" names no message' });
    assert.throws(() => wkt.anyUnpack({ ...any, value: Uint8Array.of(8) }, wkt.Duration));
    assert.throws(() => wkt.createRegistry(wkt.Empty, { ...wkt.Empty }), /^TypeError: two message types are called google.protobuf.Empty$/);
  });

  it("JSON of a Go type, as containerd's typeurl writes it, is told apart", () => {
    const any = { typeUrl: SPEC, value: Buffer.from("{}") };
    const message = `the Any of ${SPEC} holds JSON of a Go type, not a protobuf message: JSON.parse its value`;
    assert.throws(() => wkt.anyUnpack(any, wkt.createRegistry(wkt.Empty)), { code: Code.InvalidArgument, message });
    assert.throws(() => wkt.anyUnpack(any, wkt.Empty), { code: Code.InvalidArgument, message });
    assert(!wkt.anyIs(any, "Spec"));
  });
});

describe("Status", () => {
  const detail = wkt.anyPack(wkt.BadRequest, { fieldViolations: [{ field: "id", description: "is empty" }] });

  it("is an error, and back", () => {
    const error = new TtrpcError(Code.InvalidArgument, "no", { details: [detail] });
    const status = wkt.statusFromError(error);
    assert.deepEqual(status, { code: 3, message: "no", details: [detail] });
    const back = wkt.errorFromStatus(wkt.Status.create(status));
    assert.deepEqual([back?.code, back?.message, back?.details], [error.code, error.message, error.details]);
    assert.equal(back?.findDetails(wkt.BadRequest)[0]?.fieldViolations[0]?.field, "id");
    assert.deepEqual(back?.findDetails(wkt.RetryInfo), []);
  });

  it("of what a handler may throw", () => {
    assert.deepEqual(wkt.statusFromError(Object.assign(new Error("gone"), { code: "ENOENT" })), { code: Code.NotFound, message: "gone", details: [] });
    assert.deepEqual(wkt.statusFromError("x"), { code: Code.Unknown, message: "x", details: [] });
  });

  it("of success is no error", () => {
    assert.equal(wkt.errorFromStatus({}), undefined);
    assert.equal(wkt.errorFromStatus({ code: wkt.Code.OK }), undefined);
    assert.equal(wkt.errorFromStatus({ code: wkt.Code.ABORTED })?.code, Code.Aborted);
  });
});
