// Ours against Go in one interleaved run: medians of at least five rounds, as ratios. `npm run bench -- [--rounds N] [--seconds S] [--placement together|apart|free] [--only PART]`.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { goProgram, skipGo } from "../test/support/go.js";
import { ROOT } from "../test/support/root.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    placement: { type: "string", default: "together" },
    only: { type: "string", default: "" },
  },
});
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), "ttrpc-bench-"));
const WARM_UP_MS = "500";

interface Case {
  readonly label: string;
  readonly name: "unary" | "stream" | "blob";
  readonly inFlight: number;
  readonly bytes: number;
  readonly metric: "p50us" | "perSecond";
}
const cases: readonly Case[] = [
  { label: "unary 32 B, 1 in flight: median latency, µs", name: "unary", inFlight: 1, bytes: 32, metric: "p50us" },
  { label: "unary 32 B, 64 in flight: calls/s", name: "unary", inFlight: 64, bytes: 32, metric: "perSecond" },
  { label: "server stream 32 B: messages/s", name: "stream", inFlight: 1, bytes: 32, metric: "perSecond" },
  { label: "unary 64 KiB, 1 in flight: median latency, µs", name: "unary", inFlight: 1, bytes: 65_536, metric: "p50us" },
];

type Figures = Readonly<Record<Case["metric"], number>>;
interface System {
  readonly name: string;
  server(address: string): readonly string[];
  client(address: string, one: Case): readonly string[];
}

const node = (program: string, ...args: string[]): string[] => [process.execPath, join(ROOT, "dist-test/bench", program), ...args];
const ours = (channel: string): System => ({
  name: `ttrpc (${channel})`,
  server: (address) => node("server.js", address, channel),
  client: (address, one) => node("client.js", address, channel, one.name, String(one.inFlight), String(one.bytes), values.seconds, WARM_UP_MS),
});
const go: System = {
  name: "Go",
  server: (address) => [goProgram("bench"), "server", "-address", address],
  client: (address, one) => [
    goProgram("bench"),
    "client",
    "-address",
    address,
    "-case",
    one.name,
    "-inflight",
    String(one.inFlight),
    "-size",
    String(one.bytes),
    "-seconds",
    values.seconds,
    "-warmup-ms",
    WARM_UP_MS,
  ],
};

/** Cores of server and client. */
const cores = { together: ["0", "0"], apart: ["0", "1"], free: [undefined, undefined] }[values.placement];
if (cores === undefined) throw new Error(`--placement is together, apart or free, not ${values.placement}`);

function start(command: readonly string[], core: string | undefined): ChildProcess {
  const [program = "", ...args] = core === undefined ? command : ["taskset", "-c", core, ...command];
  return spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
}

async function lineOf(child: ChildProcess): Promise<string> {
  if (child.stdout !== null) for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("a benchmark program ended without a result");
}

let sockets = 0;

async function measure(system: System, one: Case): Promise<Figures> {
  const address = `unix://${join(folder, `${++sockets}.sock`)}`;
  const server = start(system.server(address), cores?.[0]);
  await lineOf(server);
  const client = start(system.client(address, one), cores?.[1]);
  const figures = JSON.parse(await lineOf(client)) as Figures;
  server.stdin?.end();
  await new Promise((resolve) => server.once("exit", resolve));
  return figures;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const withoutGo = skipGo();
if (withoutGo !== false) console.log(withoutGo);
const systems = [ours("native"), ours("node"), ...(withoutGo === false ? [go] : [])];
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores; Node ${process.versions.node}${withoutGo === false ? `, ${execFileSync("go", ["version"]).toString().trim()}` : ""}; placement ${values.placement}; medians of ${rounds} interleaved rounds of ${values.seconds} s`,
);

for (const one of cases.filter(({ label }) => label.includes(values.only))) {
  const results = new Map<string, number[]>(systems.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const system of systems) results.get(system.name)?.push((await measure(system, one))[one.metric]);
  }
  const reference = median(results.get("Go") ?? []);
  console.log(`\n${one.label}`);
  for (const [name, numbers] of results) {
    const value = median(numbers);
    const spread = `${Math.min(...numbers).toFixed(1)} to ${Math.max(...numbers).toFixed(1)}`;
    console.log(
      `  ${name.padEnd(16)} ${value.toFixed(1).padStart(12)}   (${spread})${Number.isNaN(reference) ? "" : `   ${(value / reference).toFixed(2)}x Go`}`,
    );
  }
}
rmSync(folder, { recursive: true, force: true });
