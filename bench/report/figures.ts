// All figures of the report in their order.
import type { Results } from "../results.js";
import { cpu, memory } from "./bars.js";
import { connections, size, throughput } from "./curves.js";
import { latency } from "./latency.js";
import type { Figure } from "./plot.js";
import { ratios } from "./ratios.js";

export function figuresOf(results: Results): readonly Figure[] {
  return [ratios, latency, throughput, cpu, size, memory, connections].map((figure) => figure(results));
}
