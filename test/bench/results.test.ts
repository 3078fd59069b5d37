// How a benchmark's numbers are read: medians, spreads, ratios round by round.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advantagesOver, better, counterpart, figures, measured, median, placementsOf, ratioTo, type Row, spread, valueOf } from "../../bench/results.js";

function row(system: string, values: readonly (number | undefined)[], more: Partial<Row> = {}): Row {
  const rounds = values.map((p50us) => (p50us === undefined ? {} : { p50us }));
  return { case: "unary", label: "unary", group: "latency", placement: "apart", system, metric: "p50us", rounds, ...more };
}

describe("benchmark results", () => {
  it("median: the middle one, the mean of the middle two, NaN of nothing", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([7]), 7);
    assert.ok(Number.isNaN(median([])));
  });

  it("median sorts numbers as numbers, and a copy of them", () => {
    const numbers = [10, 9, 100];
    assert.equal(median(numbers), 10);
    assert.deepEqual(numbers, [10, 9, 100]);
  });

  it("spread: least and greatest", () => {
    assert.deepEqual(spread([3, 1, 2]), { min: 1, max: 3 });
    assert.deepEqual(spread([]), { min: Number.NaN, max: Number.NaN });
  });

  it("the value of a row is the median of its metric, failed rounds left out", () => {
    assert.equal(valueOf(row("ours", [1, undefined, 3, 2])), 2);
    assert.deepEqual(figures(row("ours", [1, undefined, 3])), [1, 3]);
    assert.ok(Number.isNaN(valueOf(row("ours", [1], { metric: "perSecond" }))));
  });

  it("a ratio is the median of the rounds' ratios, not the ratio of medians", () => {
    // Medians are 20 and 10; round by round it was 1, 1 and 4.
    assert.equal(ratioTo(row("ours", [10, 30, 20]), row("go", [10, 30, 5])), 1);
  });

  it("rounds that one of the two failed in are left out, and the others keep their places", () => {
    assert.equal(ratioTo(row("ours", [10, undefined, 30]), row("go", [5, 1, 10])), 2.5);
    assert.ok(Number.isNaN(ratioTo(row("ours", [10]), row("go", []))));
  });

  it("an advantage is above 1 where the row is better, whatever it measures", () => {
    assert.equal(better("p50us"), "lower");
    assert.equal(better("perSecond"), "higher");
    assert.deepEqual(advantagesOver(row("ours", [5]), row("go", [10])), [2]);
    const [fast, slow] = [row("ours", []), row("go", [])].map((row, index) => ({
      ...row,
      metric: "perSecond" as const,
      rounds: [{ perSecond: index === 0 ? 10 : 5 }],
    }));
    assert.ok(fast !== undefined && slow !== undefined);
    assert.deepEqual(advantagesOver(fast, slow), [2]);
  });

  it("the counterpart is the other system's row of the same case and placement", () => {
    const rows = [row("go", [1], { placement: "free" }), row("go", [2], { case: "stream" }), row("go", [3]), row("ours", [4])];
    assert.equal(counterpart(rows, row("ours", [])), rows[2]);
    assert.equal(counterpart(rows, row("go", []), "ours"), rows[3]);
    assert.equal(counterpart(rows, row("ours", [], { placement: "together" })), undefined);
  });

  it("rows that failed in all rounds are not measured; placements have one order", () => {
    assert.deepEqual(measured([row("ours", [undefined])]), []);
    assert.deepEqual(placementsOf([row("a", [], { placement: "free" }), row("a", [], { placement: "apart" })]), ["apart", "free"]);
  });
});
