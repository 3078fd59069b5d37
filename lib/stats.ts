// Sums of counters over connections.
import type { ConnectionStats } from "./connection.js";

export const noStats: ConnectionStats = {
  callsStarted: 0,
  callsFailed: 0,
  active: 0,
  bytesSent: 0,
  bytesReceived: 0,
  framesSent: 0,
  framesReceived: 0,
  queuedBytes: 0,
};

export function addStats(a: ConnectionStats, b: ConnectionStats): ConnectionStats {
  const sum: { -readonly [K in keyof ConnectionStats]: number } = { ...a };
  for (const name of Object.keys(noStats) as (keyof ConnectionStats)[]) sum[name] += b[name];
  return sum;
}
