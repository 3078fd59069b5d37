// The time of day in nanoseconds: Date.now() is cut to milliseconds, and containerd's suite compares what a server says with what
// it saw on its own clock just before and after.
import type { Timestamp } from "ttrpc/wkt";
import { timestampFromNanos } from "ttrpc/wkt";

const CALIBRATIONS = 5;

/** What to add to the monotonic clock. Each look at a tick of Date.now() is late by a little, so the largest is the nearest. */
function measureOffset(): bigint {
  let offset: bigint | undefined;
  for (let round = 0; round < CALIBRATIONS; round++) {
    const begin = Date.now();
    while (Date.now() === begin) {
      // Wait for the next millisecond.
    }
    const monotonic = process.hrtime.bigint();
    const seen = BigInt(begin + 1) * 1_000_000n - monotonic;
    if (offset === undefined || seen > offset) offset = seen;
  }
  return offset as bigint;
}

/** A clock, set by the system's when it is made. */
export function makeClock(): () => Timestamp {
  const offset = measureOffset();
  return () => timestampFromNanos(process.hrtime.bigint() + offset);
}
