// Runs all cases against Go's peers and ours, as a child of main.ts, and sends it what was seen.
import type { Link } from "../rpc/links.js";
import { type Outcome, titleOf, wanted } from "./cases.js";
import { goClient, ourClient, playClientCase } from "./client-driver.js";
import { playServerCase } from "./server-driver.js";
import { type Running, startGo, startGoAlone, startGoFaulty, startOurs, startOursBroken } from "./servers.js";
import { AT_ONCE, clientCases, serverCases } from "./suites.js";
import { type Column, documentOf, surprises } from "./table.js";

/** What main.ts gets. */
export interface Measured {
  readonly document: string;
  readonly surprises: readonly string[];
}

const seen: Record<string, Partial<Record<Column, Outcome>>> = {};

async function note(column: Column, title: string, run: () => Promise<Outcome>): Promise<void> {
  (seen[title] ??= {})[column] = await run().catch((error: unknown) => [`failed: ${String(error)}`]);
}

/** Each of `items`, a few at a time. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await act(item);
    }),
  );
}

async function servers(column: Column, shared: Running, alone: () => Promise<Running>, broken: () => Promise<Running>): Promise<void> {
  await each(serverCases, (one) =>
    note(column, titleOf(one), async () => {
      const lines = column === "go" ? one.go : wanted(one);
      if (one.server === undefined) return playServerCase(shared, one, lines);
      await using server = await (one.server === "own" ? alone() : broken());
      return await playServerCase(server, one, lines);
    }),
  );
  await shared[Symbol.asyncDispose]();
}

await servers("go", await startGo(), startGoAlone, () => startGoFaulty("read-error"));
await each(clientCases, (one) => note("go", titleOf(one), () => playClientCase(goClient, "go", one)));
for (const link of ["native", "node"] satisfies Link[]) {
  await servers(
    link,
    await startOurs(link),
    () => startOurs(link),
    () => Promise.resolve(startOursBroken()),
  );
  await each(clientCases, (one) => note(link, titleOf(one), () => playClientCase(ourClient(link), link, one)));
}

process.send?.({ document: documentOf(seen), surprises: surprises(seen) } satisfies Measured, () => process.disconnect());
