// What a benchmark run leaves behind as JSON, and how its numbers are read: one median per row, its spread, its ratio to another system round by round.

export interface Results {
  /** When the run began, ISO 8601. */
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly kernel: string };
  /** By program or library: node, go, rust, grpc-js and so on. */
  readonly versions: Readonly<Record<string, string>>;
  readonly options: { readonly rounds: number; readonly seconds: number; readonly quick: boolean };
  readonly rows: readonly Row[];
  /** Lines that say which part was left out, and why. */
  readonly missing: readonly string[];
}

export type Group = "latency" | "throughput" | "size" | "stream" | "connections" | "memory" | "cold" | "polling";

/** Server and client on a core each, on one core, or wherever the kernel puts them. */
export type Placement = "apart" | "together" | "free";

export type Metric = "p50us" | "perSecond" | "bytesPerSecond" | "kibPerConnection" | "coldMs";

/** One system in one case at one placement. There is one row for each such three. */
export interface Row {
  /** A stable name that later runs are compared by: "unary-32-1". */
  readonly case: string;
  /** For people: "unary 32 B, 1 in flight". */
  readonly label: string;
  readonly group: Group;
  readonly placement: Placement;
  /** A name from `systems.ts`, or a new one. */
  readonly system: string;
  /** Calls in flight, bytes or connections: the x axis of its group. Rows without it are on no curve. */
  readonly parameter?: number;
  /** What the row is judged by. */
  readonly metric: Metric;
  /** One for each interleaved round, in order; a round that failed is `{}`, so that rounds of all systems keep their places. */
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly perSecond?: number;
  readonly bytesPerSecond?: number;
  readonly p10us?: number;
  readonly p25us?: number;
  readonly p50us?: number;
  readonly p75us?: number;
  readonly p90us?: number;
  readonly p99us?: number;
  readonly p999us?: number;
  readonly maxUs?: number;
  readonly clientCpuUsPerCall?: number;
  readonly serverCpuUsPerCall?: number;
  readonly kibPerConnection?: number;
  readonly coldMs?: number;
}

/** The system that the others are measured against. */
export const REFERENCE = "go";

export function better(metric: Metric): "lower" | "higher" {
  return metric === "perSecond" || metric === "bytesPerSecond" ? "higher" : "lower";
}

/** The middle one, or the mean of the middle two. NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** NaN to NaN of nothing. */
export function spread(numbers: readonly number[]): Spread {
  return numbers.length === 0 ? { min: Number.NaN, max: Number.NaN } : { min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** One figure of all rounds that have it. */
export function figures(row: Row, figure: keyof Round = row.metric): readonly number[] {
  return row.rounds.map((round) => round[figure]).filter((value) => value !== undefined);
}

/** The median of the row's metric over its rounds. */
export function valueOf(row: Row): number {
  return median(figures(row));
}

/** The ratios of rounds that both have: a noisy moment hits both systems of a round, and so leaves their ratio alone. */
export function ratiosTo(row: Row, reference: Row): readonly number[] {
  return row.rounds.flatMap((round, index) => {
    const value = round[row.metric];
    const other = reference.rounds[index]?.[row.metric];
    return value === undefined || other === undefined || other === 0 ? [] : [value / other];
  });
}

/** The median of `ratiosTo`. */
export function ratioTo(row: Row, reference: Row): number {
  return median(ratiosTo(row, reference));
}

/** How many times better than the reference, round by round: `ratiosTo`, upside down where lower is better. */
export function advantagesOver(row: Row, reference: Row): readonly number[] {
  const ratios = ratiosTo(row, reference);
  return better(row.metric) === "higher" ? ratios : ratios.map((ratio) => 1 / ratio);
}

/** The row of another system in the same case and placement. */
export function counterpart(rows: readonly Row[], row: Row, system: string = REFERENCE): Row | undefined {
  return rows.find((other) => other.case === row.case && other.placement === row.placement && other.system === system);
}

/** Rows that have a value; a system that failed in all rounds has none. */
export function measured(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => figures(row).length > 0);
}

/** Cases in the order in which they first appear. */
export function casesOf(rows: readonly Row[]): readonly { readonly case: string; readonly label: string; readonly metric: Metric }[] {
  return [...new Map(rows.map((row) => [row.case, row])).values()];
}

/** Placements among the rows, in the order of every table and plot. */
export function placementsOf(rows: readonly Row[]): readonly Placement[] {
  const order: readonly Placement[] = ["apart", "together", "free"];
  return order.filter((placement) => rows.some((row) => row.placement === placement));
}
