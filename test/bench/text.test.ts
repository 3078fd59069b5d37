// Results as text: figures with units, tables, and two runs side by side.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compare } from "../../bench/compare.js";
import { bytes, count, digits, format, range, times } from "../../bench/format.js";
import type { Metric, Results } from "../../bench/results.js";
import { markdown, terminal } from "../../bench/table.js";
import { sample } from "./sample.js";

describe("figures for people", () => {
  const table: readonly (readonly [Metric, number, string])[] = [
    ["p50us", 14.84, "14.8 µs"],
    ["p50us", 0.5, "500 ns"],
    ["p50us", 999.7, "1.00 ms"],
    ["p50us", 0, "0 s"],
    ["coldMs", 48.2, "48.2 ms"],
    ["perSecond", 366_312, "366 k/s"],
    ["perSecond", 999_900, "1.00 M/s"],
    ["bytesPerSecond", 1.24e9, "1.24 GB/s"],
    ["kibPerConnection", 0.91, "0.910 KiB"],
    ["kibPerConnection", 2048, "2.00 MiB"],
  ];
  for (const [metric, value, text] of table) it(`${metric} ${value}`, () => assert.equal(format(metric, value), text));

  it("digits, counts, sizes, ratios", () => {
    assert.deepEqual([0, 1.234, 12.34, 123.4, 9.999, 99.99].map(digits), ["0", "1.23", "12.3", "123", "10.0", "100"]);
    assert.deepEqual([count(64), count(1000)], ["64.0", "1.00k"]);
    assert.deepEqual([bytes(32), bytes(65_536)], ["32.0 B", "64.0 KiB"]);
    assert.deepEqual([times(1.944), times(12.34)], ["1.94x", "12.3x"]);
  });

  it("a range has its unit once, or both", () => {
    assert.equal(range("p50us", 11.1, 15.5), "11.1 to 15.5 µs");
    assert.equal(range("p50us", 900, 1500), "900 µs to 1.50 ms");
  });
});

const small = (ours: readonly number[]): Results => {
  const row = { case: "u", label: "unary 32 B", group: "latency", placement: "apart", metric: "p50us" } as const;
  return {
    date: "2026-11-24T10:20:30Z",
    machine: { cpu: "CPU", cores: 2, memoryGiB: 8, kernel: "Linux" },
    versions: { node: "20", go: "1.26" },
    options: { rounds: 3, seconds: 1, quick: false },
    rows: [
      { ...row, system: "go", rounds: [20, 22, 24].map((p50us) => ({ p50us })) },
      { ...row, system: "ours", rounds: ours.map((p50us) => ({ p50us })) },
    ],
    missing: ["rust: no cargo"],
  };
};

describe("tables", () => {
  it("Markdown: a column for each system, ours first", () => {
    const lines = markdown(small([10, 11, 12])).split("\n");
    assert.ok(lines.includes("| apart: server and client on a core each | ours | Go |"));
    assert.ok(lines.includes("| unary 32 B | 11.0 µs (10.0 to 12.0 µs), 2.00x | 22.0 µs (20.0 to 24.0 µs) |"));
    assert.ok(lines.includes("- Left out: rust: no cargo"));
  });

  it("Markdown: all rows of a table have as many cells", () => {
    for (const part of markdown(sample()).split("\n\n")) {
      const widths = part
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) => line.split("|").length);
      assert.ok(new Set(widths).size <= 1, part);
    }
  });

  it("terminal: a line for each system", () => {
    const lines = terminal(small([10, 11, 12])).split("\n");
    assert.ok(lines.some((line) => /^ {4}ours +11\.0 µs +10\.0 to 12\.0 µs +2\.00x$/.test(line)));
    assert.ok(lines.some((line) => /^ {4}Go +22\.0 µs +20\.0 to 24\.0 µs$/.test(line)));
    assert.ok(lines.includes("left out: rust: no cargo"));
  });
});

describe("comparison of two runs", () => {
  const ours = (before: readonly number[], after: readonly number[]): string | undefined =>
    compare(small(before), small(after))
      .split("\n")
      .find((line) => line.startsWith("    ours"));

  it("marks a change larger than both spreads", () => {
    assert.match(ours([20, 21, 22], [10, 11, 12]) ?? "", /21\.0 µs +11\.0 µs +-47\.6 % +better$/);
    assert.match(ours([10, 11, 12], [20, 21, 22]) ?? "", /11\.0 µs +21\.0 µs +\+90\.9 % +WORSE$/);
  });

  it("does not mark one within either spread", () => {
    assert.match(ours([10, 20, 31], [9, 10, 11]) ?? "", /-50\.0 %$/);
    assert.match(ours([9, 10, 11], [10, 20, 31]) ?? "", /\+100\.0 %$/);
  });

  it("has rows that only one run has", () => {
    assert.match(ours([10], []) ?? "", /10\.0 µs +-$/);
    assert.match(ours([], [10]) ?? "", /- +10\.0 µs$/);
  });
});
