// StreamTable against a Map.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamTable } from "#lib/stream-table.js";
import { random } from "../wire/support.js";

describe("StreamTable", () => {
  it("has what was added, until it is deleted", () => {
    const table = new StreamTable<string>();
    for (let id = 1; id < 200; id += 2) table.add(id, `${id}`);
    assert.equal(table.size, 100);
    for (let id = 1; id < 200; id += 2) assert.equal(table.get(id), `${id}`);
    assert.deepEqual([table.get(201), table.get(2), table.get(0)], [undefined, undefined, undefined]);
    assert.deepEqual([table.delete(51), table.delete(51), table.get(51), table.size], [true, false, undefined, 99]);
  });

  it("the id 0, of calls that were never sent, is in no table: deleting it changes nothing", () => {
    const table = new StreamTable<string>();
    for (const ids of [[], [1], [1, 3], [1, 17, 33]]) {
      for (const id of ids) table.add(id, `${id}`);
      const { size } = table;
      assert.deepEqual([table.delete(0), table.size, table.get(0)], [false, size, undefined]);
      for (const id of ids) assert.equal(table.get(id), `${id}`);
      table.clear();
    }
  });

  it("ids that fall into one slot are kept apart, and found when one before them goes", () => {
    const table = new StreamTable<number>();
    const ids = [1, 17, 33];
    for (const gone of ids) {
      for (const id of ids) table.add(id, id);
      table.delete(gone);
      for (const id of ids) assert.equal(table.get(id), id === gone ? undefined : id);
      table.clear();
    }
  });

  it("clear returns what was in it", () => {
    const table = new StreamTable<string>();
    table.add(1, "a");
    table.add(0xffffffff, "z");
    assert.deepEqual(table.values().toSorted(), ["a", "z"]);
    assert.deepEqual(table.clear().toSorted(), ["a", "z"]);
    assert.deepEqual([table.size, table.get(1), table.clear()], [0, undefined, []]);
  });

  it("agrees with a Map through 20,000 random steps, with stragglers", () => {
    const next = random(9);
    const table = new StreamTable<number>();
    const map = new Map<number, number>();
    let id = 1;
    for (let step = 0; step < 20_000; step++) {
      if (next() < 0.52) {
        table.add(id, step);
        map.set(id, step);
        id += next() < 0.1 ? 2 + 2 * Math.floor(next() * 1000) : 2;
      } else if (map.size !== 0) {
        // Mostly the oldest, now and then any.
        const ids = [...map.keys()];
        const gone = ids[next() < 0.8 ? 0 : Math.floor(next() * ids.length)] as number;
        assert.equal(table.get(gone), map.get(gone));
        assert.equal(table.delete(gone), map.delete(gone));
        assert.equal(table.get(gone), undefined);
      }
      assert.equal(table.size, map.size);
      const probe = 1 + 2 * Math.floor(next() * id * 0.5);
      assert.equal(table.get(probe), map.get(probe));
    }
    for (const [known, value] of map) assert.equal(table.get(known), value);
  });
});
