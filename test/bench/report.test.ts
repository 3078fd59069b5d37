// The report: figures are there or said to be missing, the page stands alone, every plot is drawn.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { figuresOf } from "../../bench/report/figures.js";
import { page } from "../../bench/report/page.js";
import { logScale, measuredScale, ratioScale, zeroScale } from "../../bench/report/scale.js";
import { ROOT } from "../support/root.js";
import { sample } from "./sample.js";

describe("axes", () => {
  it("bars begin at zero", () => {
    const scale = zeroScale([30, 95]);
    assert.equal(scale.domain[0], 0);
    assert.deepEqual(scale.ticks, [0, 20, 40, 60, 80]);
  });

  it("logarithmic ones have their ticks within, and the ratio's has 1", () => {
    assert.deepEqual(logScale([10, 100]).ticks, [10, 20, 50, 100]);
    assert.deepEqual(measuredScale([64, 1, 8, 1]).ticks, [1, 8, 64]);
    assert.ok(ratioScale([3, 4]).ticks.includes(1));
    assert.equal(measuredScale([64]).position(64).toFixed(6), "0.500000");
  });
});

describe("report", () => {
  it("names what there is no data for, and what was left out", () => {
    const results = { ...sample(), rows: sample().rows.filter(({ group }) => group !== "memory") };
    const html = page(results, figuresOf(results), new Map());
    assert.match(html, /No data for: Memory of an idle connection/);
    assert.match(html, /Left out: grpc-c\+\+: it is not installed here/);
  });

  it("of no rows at all is a page too", () => {
    const results = { ...sample(), rows: [] };
    assert.match(page(results, figuresOf(results), new Map()), /No data for: Latency/);
  });

  it("escapes what comes from outside", () => {
    const results = { ...sample(), missing: ["<script>&"] };
    assert.match(page(results, [], new Map()), /Left out: &lt;script&gt;&amp;/);
  });

  it("draws every plot into files and into one page that needs no other", () => {
    const folder = mkdtempSync(join(tmpdir(), "ttrpc-report-"));
    try {
      const results = sample(3);
      writeFileSync(join(folder, "results.json"), JSON.stringify(results));
      execFileSync(process.execPath, ["bench/report/main.mjs", join(folder, "results.json"), "--out", join(folder, "out")], { cwd: ROOT });
      const names = figuresOf(results).flatMap(({ plots }) => plots.map(({ name }) => `${name}.svg`));
      assert.deepEqual(readdirSync(join(folder, "out")).sort(), [...names, "index.html"].sort());
      for (const name of names) {
        const svg = readFileSync(join(folder, "out", name), "utf8");
        assert.match(svg, /^<svg role="img" aria-label="[^"]+"/);
        assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
      }
      const html = readFileSync(join(folder, "out/index.html"), "utf8");
      assert.equal(html.split("<svg role=").length - 1, names.length);
      assert.doesNotMatch(html, /NaN|undefined|Infinity|<script|<link|src=/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
