// Made-up results in the shape of real ones, the same every time: some of every group, some holes.
import type { Group, Metric, Placement, Results, Round, Row } from "../../bench/results.js";

/** Speed of each system relative to Go, more or less. */
const speeds: Readonly<Record<string, number>> = {
  ours: 3.2,
  "ours-node": 1.9,
  go: 1,
  rust: 1.5,
  "rust-mt": 1.2,
  "ours->go": 1.3,
  "go->ours": 1.25,
  "grpc-js": 0.18,
  connect: 0.12,
};

/** From 0 to 1, by a linear congruential generator. */
function randomness(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

export function sample(rounds = 5): Results {
  const random = randomness();
  const rows: Row[] = [];
  const add = (
    one: { case: string; label: string; group: Group; metric: Metric; parameter?: number },
    placement: Placement,
    system: string,
    round: (noise: number) => Round,
  ): void => {
    rows.push({ ...one, placement, system, rounds: Array.from({ length: rounds }, () => round(0.85 + 0.3 * random())) });
  };
  const quantiles = (p50us: number): Round => ({
    p10us: p50us * 0.8,
    p25us: p50us * 0.9,
    p50us,
    p75us: p50us * 1.2,
    p90us: p50us * 1.6,
    p99us: p50us * 4,
    p999us: p50us * 18,
    maxUs: p50us * 90,
  });

  for (const placement of ["apart", "together", "free"] as const) {
    const wakeUp = placement === "together" ? 1 : 1.6;
    for (const [system, speed] of Object.entries(speeds)) {
      const parts = speed > 1 ? speed ** 0.6 : speed;
      for (const bytes of [32, 65_536]) {
        const label = bytes === 32 ? "unary 32 B, 1 in flight" : "unary 64 KiB, 1 in flight";
        add({ case: `unary-${bytes}-1`, label, group: "latency", metric: "p50us" }, placement, system, (noise) =>
          quantiles((28 * wakeUp * noise * (1 + bytes / 12_000)) / parts),
        );
      }
      for (const inFlight of [1, 8, 64, 256]) {
        add(
          { case: `calls-32-${inFlight}`, label: `unary 32 B, ${inFlight} in flight: calls`, group: "throughput", metric: "perSecond", parameter: inFlight },
          placement,
          system,
          (noise) => {
            const perSecond = (60_000 * noise * speed * inFlight) / (inFlight + 6 * speed);
            return { perSecond, clientCpuUsPerCall: 6.5e5 / (perSecond / noise) / 1.2, serverCpuUsPerCall: 4.2e5 / (perSecond / noise) / 1.2 };
          },
        );
      }
    }
  }
  for (const [system, speed] of Object.entries({ ...speeds, raw: 6 })) {
    for (const [bytes, size] of [
      [32, "32 B"],
      [4096, "4 KiB"],
      [65_536, "64 KiB"],
      [1_048_576, "1 MiB"],
    ] as const) {
      add({ case: `size-${bytes}`, label: `unary ${size}: bytes`, group: "size", metric: "bytesPerSecond", parameter: bytes }, "apart", system, (noise) => ({
        bytesPerSecond: (noise * 2.1e9 * bytes * speed ** 0.4) / (bytes + 40_000 / speed),
      }));
    }
    for (const connections of [1, 100, 1000]) {
      add(
        { case: `connections-${connections}`, label: `unary 32 B, ${connections} connections`, group: "connections", metric: "p50us", parameter: connections },
        "free",
        system,
        (noise) => quantiles((30 * noise * (1 + connections / 20)) / speed ** 0.6),
      );
    }
    add({ case: "idle", label: "idle connection", group: "memory", metric: "kibPerConnection", parameter: 1000 }, "free", system, (noise) => ({
      kibPerConnection: (8.2 * noise) / speed,
    }));
    add({ case: "cold", label: "process to first reply", group: "cold", metric: "coldMs" }, "free", system, (noise) => ({
      coldMs: (system === "go" || system === "rust" ? 6 : 48) * noise,
    }));
  }
  return {
    date: "2026-11-24T10:20:30Z",
    machine: { cpu: "Example CPU", cores: 2, memoryGiB: 8, kernel: "Linux 6.1" },
    versions: { node: "20.20.2", go: "1.26.8", rust: "1.90.0" },
    options: { rounds, seconds: 1, quick: false },
    rows,
    missing: ["grpc-c++: it is not installed here"],
  };
}
