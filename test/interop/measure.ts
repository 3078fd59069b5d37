// The child process of main.ts: runs all pairs and sends the document to its parent.
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { freePath } from "../support/channels.js";
import { pairs } from "./cells.js";
import { documentText, type PairResult, surprisesIn } from "./document.js";
import { runPair } from "./matrix.js";

export interface Measured {
  readonly document: string;
  readonly surprises: readonly string[];
}

const results: PairResult[] = [];
for (const pair of pairs) results.push({ ...pair, cells: await runPair(pair) });
// Only a test's end would take it away.
rmSync(dirname(freePath()), { recursive: true, force: true });
process.send?.({ document: documentText(results), surprises: surprisesIn(results) } satisfies Measured, () => process.disconnect());
