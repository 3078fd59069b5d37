// google.protobuf.Duration and the other ways to say how long.
import { Code, TtrpcError } from "../errors.js";
import type { Duration, DurationInit } from "./google/protobuf/duration_ttrpc.js";
import { fractionOf } from "./timestamp.js";

const NANOS_PER_SECOND = 1_000_000_000;
/** 10000 years. */
const MAX_SECONDS = 315_576_000_000n;

const SECONDS = /^(-?)(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?s$/;

/** Fractions become nanoseconds. Throws InvalidArgument beyond 10000 years. */
export function durationFromMs(ms: number): Duration {
  if (!Number.isFinite(ms)) throw new TtrpcError(Code.InvalidArgument, `${ms} milliseconds are no duration`);
  const whole = Math.trunc(ms);
  return durationFromNanos(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)));
}

/** Milliseconds, nanoseconds as a fraction: exact to one for durations up to 100 days, `durationNanos` always. Throws InvalidArgument out of range. */
export function durationMs(duration: DurationInit): number {
  const { seconds, nanos } = checkDuration(duration);
  return Number(seconds) * 1000 + nanos / 1_000_000;
}

/** Go: durationpb.New. Throws InvalidArgument beyond 10000 years. */
export function durationFromNanos(value: bigint): Duration {
  const perSecond = BigInt(NANOS_PER_SECOND);
  return checkDuration({ seconds: value / perSecond, nanos: Number(value % perSecond) });
}

/** Go: AsDuration. Throws InvalidArgument out of range. */
export function durationNanos(duration: DurationInit): bigint {
  const { seconds, nanos } = checkDuration(duration);
  return seconds * BigInt(NANOS_PER_SECOND) + BigInt(nanos);
}

/** From seconds with an "s" behind, as "1.5s". Throws InvalidArgument. */
export function durationFromString(text: string): Duration {
  const [, sign, seconds = "", fraction = ""] = SECONDS.exec(text) ?? [];
  if (seconds === "") throw new TtrpcError(Code.InvalidArgument, `${JSON.stringify(text)} is no duration, as "1.5s" is`);
  const nanos = Number(fraction.padEnd(9, "0"));
  return checkDuration(sign === "-" ? { seconds: -BigInt(seconds), nanos: 0 - nanos } : { seconds: BigInt(seconds), nanos });
}

/** As seconds with 0, 3, 6 or 9 digits behind the point and an "s": what JSON has. Throws InvalidArgument out of range. */
export function durationToString(duration: DurationInit): string {
  const { seconds, nanos } = checkDuration(duration);
  const negative = seconds < 0n || nanos < 0;
  return `${negative ? "-" : ""}${negative ? -seconds : seconds}${fractionOf(Math.abs(nanos))}s`;
}

function checkDuration({ seconds = 0n, nanos = 0 }: DurationInit): Duration {
  if (seconds < -MAX_SECONDS || seconds > MAX_SECONDS) throw new TtrpcError(Code.InvalidArgument, `duration of ${seconds} seconds is beyond 10000 years`);
  if (!Number.isInteger(nanos) || Math.abs(nanos) >= NANOS_PER_SECOND)
    throw new TtrpcError(Code.InvalidArgument, `duration of ${nanos} nanoseconds is not within -999999999 to 999999999`);
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0))
    throw new TtrpcError(Code.InvalidArgument, `duration of ${seconds} seconds and ${nanos} nanoseconds has two signs`);
  // Not negative zero.
  return { seconds, nanos: nanos + 0 };
}
