// The cases as a whole: none forgotten, no difference that is none, and the document is theirs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../support/root.js";
import { isGo, titleOf, wanted } from "./cases.js";
import { differences } from "./differences.js";
import { rows } from "./rows.js";
import { allCases } from "./suites.js";
import { documentOf, expected, surprises } from "./table.js";

describe("the conformance cases", () => {
  it("have names of their own", () => {
    const names = allCases.map(titleOf);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });

  it("cover every row", () => {
    const covered = new Set<string>(allCases.map(({ row }) => row));
    assert.deepEqual(
      Object.keys(rows).filter((row) => !covered.has(row)),
      [],
    );
  });

  it("use every reason, and differ where they say so", () => {
    const used = new Set<string | undefined>(allCases.flatMap(({ ours, goAtTimes }) => [ours?.because, goAtTimes?.because]));
    assert.deepEqual(
      Object.keys(differences).filter((name) => !used.has(name)),
      [],
    );
    for (const one of allCases) if (one.ours !== undefined) assert.ok(!isGo(one, wanted(one)), `${titleOf(one)}: ours is what Go does`);
  });

  it("are what docs/conformance.md says; `npm run conformance -- --write` brings it up to date", () => {
    assert.deepEqual(surprises(expected()), []);
    assert.equal(readFileSync(join(ROOT, "docs/conformance.md"), "utf8"), documentOf(expected()));
  });
});
