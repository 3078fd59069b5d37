// Which stream ids a Request may have: above all before it, or unused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamIds } from "#lib/stream-ids.js";

describe("increasing stream ids", () => {
  it("an id must be above all before it", () => {
    const ids = new StreamIds("increasing");
    assert.deepEqual(
      [1, 3, 9, 5, 9, 11, 4294967295, 1].map((id) => ids.take(id)),
      [true, true, true, false, false, true, true, false],
    );
  });
});

describe("unused stream ids", () => {
  it("an id that was passed over may come later, once", () => {
    const ids = new StreamIds("unused");
    assert.deepEqual(
      [5, 1, 3, 1, 3, 5, 7, 13, 9, 11, 9].map((id) => ids.take(id)),
      [true, true, true, false, false, false, true, true, true, true, false],
    );
  });

  it("the latest 1024 of them are remembered", () => {
    const ids = new StreamIds("unused");
    ids.take(4001);
    assert.equal(ids.take(4001 - 2 * 1024), true);
    assert.equal(ids.take(4001 - 2 * 1025), false);
    ids.take(8001);
    assert.equal(ids.take(3999), false);
    assert.equal(ids.take(7999), true);
  });
});
