// Every implementation as client against every implementation as server.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { Server } from "ttrpc";
import { freePath } from "../support/channels.js";
import { goProgram, startGoServer } from "../support/go.js";
import { runRustClient, startRustServer } from "../support/rust.js";
import type { Cell, Pair, System } from "./cells.js";
import { runOurClient } from "./our-client.js";
import { Matrix, matrix } from "./service.js";

interface RunningServer {
  readonly address: string;
  stop(): Promise<unknown>;
}

/** A server of `system`, on a socket of its own. */
export async function startServer(system: System): Promise<RunningServer> {
  const address = `unix://${freePath()}`;
  if (system === "go") return startGoServer(address);
  if (system === "rust") return startRustServer("server", address);
  const server = new Server({ channel: system }).service(Matrix, matrix);
  await server.listen(address);
  return { address, stop: () => server.close() };
}

/** All cells of one pair. */
export async function runPair({ client, server }: Pair): Promise<Cell[]> {
  const { address, stop } = await startServer(server);
  try {
    if (client === "go") return await runGoMatrix(address);
    if (client === "rust") return await runRustClient<Cell>("client", address, "matrix");
    return await runOurClient(address, client);
  } finally {
    await stop();
  }
}

async function runGoMatrix(address: string): Promise<Cell[]> {
  const child = spawn(join(dirname(goProgram("client")), "matrix"), ["-address", address]);
  let out = "";
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`Go's matrix ended with ${code}: ${log}`);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Cell);
}
