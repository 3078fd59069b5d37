// How the pauses between attempts grow.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "#lib/persistent/backoff.js";

const take = (backoff: Backoff, count: number, chance: number): number[] => Array.from({ length: count }, () => backoff.nextMs(chance));

describe("pauses between attempts", () => {
  const config = { initialMs: 50, maxMs: 1_000, factor: 2, jitter: 0.2 };

  it("double up to the longest, and begin anew after a success", () => {
    const backoff = new Backoff(config);
    assert.deepEqual(take(backoff, 7, 0), [50, 100, 200, 400, 800, 1_000, 1_000]);
    backoff.reset();
    assert.deepEqual(take(backoff, 2, 0), [50, 100]);
  });

  it("are shorter by chance, by a fifth at most", () => {
    assert.deepEqual(take(new Backoff(config), 3, 0.5), [45, 90, 180]);
    const drawn = Array.from({ length: 200 }, () => new Backoff(config).nextMs());
    assert.ok(
      drawn.every((pauseMs) => pauseMs > 40 && pauseMs <= 50),
      String(drawn),
    );
    assert.ok(new Set(drawn).size > 100);
  });

  it("stay in bounds after any number of failures", () => {
    assert.equal(take(new Backoff({ ...config, factor: 1e100 }), 2_000, 0).at(-1), 1_000);
    assert.equal(new Backoff({ ...config, initialMs: 5_000 }).nextMs(0), 1_000);
  });
});
