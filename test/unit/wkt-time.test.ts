// Timestamps and durations: nothing is lost that the other side can hold, and what is out of range says so.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "#lib/errors.js";
import * as wkt from "#lib/wkt/index.js";

const refuses = (run: () => unknown, message: string | RegExp): void => assert.throws(run, { name: "TtrpcError", code: Code.InvalidArgument, message });

describe("timestamps", () => {
  it("of dates, to the millisecond, before 1970 as well", () => {
    for (const iso of [
      "2026-11-23T15:04:05.678Z",
      "1970-01-01T00:00:00.000Z",
      "1969-12-31T23:59:59.999Z",
      "0001-01-01T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
    ]) {
      const date = new Date(iso);
      const timestamp = wkt.timestampFromDate(date);
      assert(timestamp.nanos >= 0);
      assert.deepEqual(wkt.timestampToDate(timestamp), date);
      assert.equal(wkt.timestampMs(timestamp), date.getTime());
    }
    assert.deepEqual(wkt.timestampFromDate(new Date(-1)), { seconds: -1n, nanos: 999_000_000 });
    assert.deepEqual(wkt.timestampToDate({ seconds: 1n, nanos: 999_999_999 }), new Date(1999));
    assert.deepEqual(wkt.timestampToDate({}), new Date(0));
  });

  it("now", () => {
    const before = Date.now();
    const now = wkt.timestampMs(wkt.timestampNow());
    assert(before <= now && now <= Date.now());
  });

  it("of milliseconds and nanoseconds", () => {
    assert.deepEqual(wkt.timestampFromMs(1500.25), { seconds: 1n, nanos: 500_250_000 });
    assert.deepEqual(wkt.timestampFromMs(-0.000001), { seconds: -1n, nanos: 999_999_999 });
    assert.deepEqual(wkt.timestampFromMs(999.9999999), { seconds: 1n, nanos: 0 });
    assert.equal(wkt.timestampMs({ seconds: 1n, nanos: 1 }), 1000.000001);
    for (const nanos of [0n, 1n, -1n, 1_766_000_000_123_456_789n, -62_135_596_800_000_000_000n]) {
      assert.equal(wkt.timestampNanos(wkt.timestampFromNanos(nanos)), nanos);
    }
  });

  it("as RFC 3339", () => {
    for (const [text, seconds, nanos] of [
      ["1970-01-01T00:00:00Z", 0n, 0],
      ["2026-11-23T15:04:05.123456789Z", 1_795_446_245n, 123_456_789],
      ["2026-11-23T15:04:05.120Z", 1_795_446_245n, 120_000_000],
      ["2026-11-23T15:04:05.000120Z", 1_795_446_245n, 120_000],
      ["1969-12-31T23:59:59.999Z", -1n, 999_000_000],
    ] as const) {
      assert.deepEqual(wkt.timestampFromString(text), { seconds, nanos });
      assert.equal(wkt.timestampToString({ seconds, nanos }), text);
    }
    assert.deepEqual(wkt.timestampFromString("1970-01-01T01:00:00.5+01:00"), { seconds: 0n, nanos: 500_000_000 });
    assert.deepEqual(wkt.timestampFromString("1969-12-31T22:30:00-01:30"), { seconds: 0n, nanos: 0 });
  });

  it("errors name the value", () => {
    refuses(() => wkt.timestampFromDate(new Date("never")), "NaN milliseconds are no time");
    refuses(() => wkt.timestampFromMs(8.64e15), "timestamp of 8640000000000 seconds is not within the years 1 to 9999");
    refuses(() => wkt.timestampToDate({ seconds: 253_402_300_800n }), "timestamp of 253402300800 seconds is not within the years 1 to 9999");
    refuses(() => wkt.timestampMs({ nanos: 1_000_000_000 }), "timestamp of 1000000000 nanoseconds is not within 0 to 999999999");
    refuses(() => wkt.timestampFromString("2026-02-29T00:00:00Z"), '"2026-02-29T00:00:00Z" is no RFC 3339 time');
  });
});

describe("durations", () => {
  it("of milliseconds and nanoseconds, of either sign", () => {
    assert.deepEqual(wkt.durationFromMs(1500), { seconds: 1n, nanos: 500_000_000 });
    assert.deepEqual(wkt.durationFromMs(-1500), { seconds: -1n, nanos: -500_000_000 });
    assert.deepEqual(wkt.durationFromMs(0.000001), { seconds: 0n, nanos: 1 });
    assert.equal(wkt.durationMs({ seconds: -1n, nanos: -500_000_000 }), -1500);
    assert.equal(wkt.durationMs({}), 0);
    for (const nanos of [0n, 1n, -1n, 1_999_999_999n, -1_999_999_999n, 315_576_000_000_999_999_999n]) {
      assert.equal(wkt.durationNanos(wkt.durationFromNanos(nanos)), nanos);
    }
  });

  it("as text", () => {
    for (const [text, seconds, nanos] of [
      ["0s", 0n, 0],
      ["1s", 1n, 0],
      ["-0.500s", 0n, -500_000_000],
      ["-1.000000001s", -1n, -1],
      ["1.500100s", 1n, 500_100_000],
      ["315576000000s", 315_576_000_000n, 0],
    ] as const) {
      assert.deepEqual(wkt.durationFromString(text), { seconds, nanos });
      assert.equal(wkt.durationToString({ seconds, nanos }), text);
    }
    assert.deepEqual(wkt.durationFromString("-0s"), { seconds: 0n, nanos: 0 });
  });

  it("errors name the value", () => {
    refuses(() => wkt.durationFromMs(Infinity), "Infinity milliseconds are no duration");
    refuses(() => wkt.durationFromMs(3.2e14), "duration of 320000000000 seconds is beyond 10000 years");
    refuses(() => wkt.durationMs({ seconds: 1n, nanos: -1 }), "duration of 1 seconds and -1 nanoseconds has two signs");
    refuses(() => wkt.durationNanos({ nanos: -1_000_000_000 }), "duration of -1000000000 nanoseconds is not within -999999999 to 999999999");
    refuses(() => wkt.durationFromString("1.5"), '"1.5" is no duration, as "1.5s" is');
  });
});
