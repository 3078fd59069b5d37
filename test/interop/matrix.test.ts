// The matrix of implementations, cell by cell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { channels } from "../support/channels.js";
import { skipGo } from "../support/go.js";
import { ROOT } from "../support/root.js";
import { skipRust } from "../support/rust.js";
import { type Cell, kinds, outcomes, type Pair, pairs, show, type System } from "./cells.js";
import { documentText, type PairResult } from "./document.js";
import { exceptionFor, exceptions, expected } from "./expected.js";
import { runPair } from "./matrix.js";

/** Why a system is left out, or false. */
const skips: Readonly<Record<System, string | false>> = {
  go: skipGo(),
  rust: skipRust(),
  node: false,
  native: channels.includes("native") ? false : "the addon is switched off",
};

function isSkipped({ client, server }: Pair): string | false {
  return skips[client] || skips[server];
}

const results: PairResult[] = [];

describe("matrix", () => {
  for (const pair of pairs) describe(`${pair.client} to ${pair.server}`, { skip: isSkipped(pair) }, () => cellsOf(pair));

  it("docs/interop.md says the same: npm run interop -- --write", { skip: pairs.some(isSkipped) && "not all peers are here" }, () => {
    assert.equal(readFileSync(join(ROOT, "docs/interop.md"), "utf8"), documentText(results));
  });

  it("every exception is met, and none is between two ends of ours", () => {
    const met = pairs.flatMap((pair) => kinds.flatMap((kind) => outcomes.map((outcome) => exceptionFor(pair, kind, outcome))));
    exceptions.forEach((exception, at) => {
      assert.ok(met.includes(at), exception.why);
      assert.ok([exception.client, exception.server].some((system) => system === "go" || system === "rust"));
    });
  });
});

function cellsOf(pair: Pair): void {
  let cells: Cell[];
  before(async () => {
    cells = await runPair(pair);
    results.push({ ...pair, cells });
  });
  for (const kind of kinds) {
    for (const outcome of outcomes) {
      const wanted = expected(pair, kind, outcome);
      it(`${kind}, ${outcome}: ${wanted}`, () => {
        const found = cells.filter((cell) => cell.kind === kind && cell.outcome === outcome);
        assert.deepEqual(found.map(show), [wanted], found.map(({ text }) => text).join());
      });
    }
  }
}
