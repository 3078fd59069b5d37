// google.protobuf.Timestamp and the other ways to say when. Nanoseconds survive wherever the other side can hold them.
import { Code, TtrpcError } from "../errors.js";
import type { Timestamp, TimestampInit } from "./google/protobuf/timestamp_ttrpc.js";

const NANOS_PER_SECOND = 1_000_000_000;
/** 0001-01-01T00:00:00Z */
const MIN_SECONDS = -62_135_596_800n;
/** 9999-12-31T23:59:59Z */
const MAX_SECONDS = 253_402_300_799n;

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Now, to the millisecond. */
export function timestampNow(): Timestamp {
  return timestampFromMs(Date.now());
}

/** Throws InvalidArgument for an invalid date and for years before 1 or after 9999. */
export function timestampFromDate(date: Date): Timestamp {
  return timestampFromMs(date.getTime());
}

/** What is below a millisecond is cut off. Throws InvalidArgument out of range. */
export function timestampToDate(timestamp: TimestampInit): Date {
  const { seconds, nanos } = checkTimestamp(timestamp);
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1_000_000));
}

/** From milliseconds since 1970; fractions become nanoseconds. Throws InvalidArgument out of range. */
export function timestampFromMs(ms: number): Timestamp {
  if (!Number.isFinite(ms)) throw new TtrpcError(Code.InvalidArgument, `${ms} milliseconds are no time`);
  const whole = Math.floor(ms);
  return timestampFromNanos(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)));
}

/** Milliseconds since 1970, nanoseconds as a fraction: exact to about 200 ns, `timestampNanos` to one. Throws InvalidArgument out of range. */
export function timestampMs(timestamp: TimestampInit): number {
  const { seconds, nanos } = checkTimestamp(timestamp);
  return Number(seconds) * 1000 + nanos / 1_000_000;
}

/** From nanoseconds since 1970: Go's UnixNano. Throws InvalidArgument out of range. */
export function timestampFromNanos(value: bigint): Timestamp {
  const perSecond = BigInt(NANOS_PER_SECOND);
  const nanos = ((value % perSecond) + perSecond) % perSecond;
  return checkTimestamp({ seconds: (value - nanos) / perSecond, nanos: Number(nanos) });
}

/** Nanoseconds since 1970. Throws InvalidArgument out of range. */
export function timestampNanos(timestamp: TimestampInit): bigint {
  const { seconds, nanos } = checkTimestamp(timestamp);
  return seconds * BigInt(NANOS_PER_SECOND) + BigInt(nanos);
}

/** From RFC 3339, as "2026-11-23T15:00:00.5+01:00". Throws InvalidArgument. */
export function timestampFromString(text: string): Timestamp {
  const [, local = "", fraction = "", sign, hours = "00", minutes = "00"] = RFC3339.exec(text) ?? [];
  const ms = Date.parse(`${local}Z`);
  // A day that the month does not have is read as one of the next month; hour 24 as well.
  const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(local);
  if (!exists || hours > "23" || minutes > "59") throw new TtrpcError(Code.InvalidArgument, `${JSON.stringify(text)} is no RFC 3339 time`);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60 : 60);
  return checkTimestamp({ seconds: BigInt(ms / 1000 - offset), nanos: Number(fraction.padEnd(9, "0")) });
}

/** As RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second: what JSON has. Throws InvalidArgument out of range. */
export function timestampToString(timestamp: TimestampInit): string {
  const { seconds, nanos } = checkTimestamp(timestamp);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fractionOf(nanos)}Z`;
}

/** Nanoseconds behind a decimal point, in groups of three digits; "" for none. */
export function fractionOf(nanos: number): string {
  if (nanos === 0) return "";
  return `.${String(nanos)
    .padStart(9, "0")
    .replace(/(?:000)+$/, "")}`;
}

function checkTimestamp({ seconds = 0n, nanos = 0 }: TimestampInit): Timestamp {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS)
    throw new TtrpcError(Code.InvalidArgument, `timestamp of ${seconds} seconds is not within the years 1 to 9999`);
  if (!Number.isInteger(nanos) || nanos < 0 || nanos >= NANOS_PER_SECOND)
    throw new TtrpcError(Code.InvalidArgument, `timestamp of ${nanos} nanoseconds is not within 0 to 999999999`);
  return { seconds, nanos };
}
