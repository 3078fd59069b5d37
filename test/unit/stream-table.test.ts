// The table of what is in flight must behave as a Map does, in whatever order ids leave.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamTable } from "#lib/stream-table.js";

/** A small generator of pseudo-random numbers, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("StreamTable", () => {
  it("agrees with a Map over 100,000 random steps", () => {
    const next = random(7);
    const table = new StreamTable<number>();
    const map = new Map<number, number>();
    let id = 1;
    for (let step = 0; step < 100_000; step++) {
      if (next() < 0.5 || map.size === 0) {
        table.add(id, id * 3);
        map.set(id, id * 3);
        id += next() < 0.1 ? 2 * Math.ceil(next() * 1_000) : 2;
      } else {
        const ids = [...map.keys()];
        // The oldest, the newest, or one in between.
        const at = next() < 0.6 ? 0 : next() < 0.5 ? ids.length - 1 : Math.floor(next() * ids.length);
        const gone = ids[at] as number;
        assert.equal(table.delete(gone), map.delete(gone));
        assert.equal(table.delete(gone), false);
        assert.equal(table.get(gone), undefined);
      }
      assert.equal(table.size, map.size);
      if (step % 1_000 === 0) {
        for (const [key, value] of map) assert.equal(table.get(key), value);
        assert.deepEqual(table.values().sort((a, b) => a - b), [...map.values()]);
      }
      // Keeps both small enough to be quick.
      if (map.size > 300) {
        table.clear();
        map.clear();
      }
    }
  });

  it("holds ids up to the last one", () => {
    const table = new StreamTable<string>();
    table.add(0xffffffff, "last");
    table.add(1, "first");
    table.add(0x7fffffff, "middle");
    assert.deepEqual([table.get(0xffffffff), table.get(1), table.get(0x7fffffff), table.get(3)], ["last", "first", "middle", undefined]);
    assert.deepEqual(table.clear().length, 3);
    assert.deepEqual([table.size, table.get(1)], [0, undefined]);
  });

  it("grows, and finds everybody afterwards", () => {
    const table = new StreamTable<number>();
    for (let id = 1; id < 20_000; id += 2) table.add(id, id);
    for (let id = 1; id < 20_000; id += 2) assert.equal(table.get(id), id);
    for (let id = 1; id < 20_000; id += 4) assert.equal(table.delete(id), true);
    for (let id = 1; id < 20_000; id += 2) assert.equal(table.get(id), id % 4 === 1 ? undefined : id);
  });
});
