// DeadlineQueue, on a clock of the test's own: order, removal, and one timer for all.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { type Deadline, DeadlineQueue } from "#lib/deadlines.js";
import { random } from "../wire/support.js";

const START_MS = 1_000;
let clockMs = START_MS;

beforeEach(() => {
  clockMs = START_MS;
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => clockMs);
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** Lets time pass. */
function advance(ms: number): void {
  clockMs += ms;
  mock.timers.tick(ms);
}

const fired: string[] = [];
beforeEach(() => void fired.splice(0));

function entry(name: string, afterMs: number, then?: () => void): Deadline {
  return {
    deadlineMs: clockMs + afterMs,
    deadlineIndex: -1,
    onDeadline() {
      fired.push(name);
      then?.();
    },
  };
}

describe("DeadlineQueue", () => {
  it("fires in the order of time, whatever the order of adding", () => {
    const queue = new DeadlineQueue();
    for (const ms of [50, 10, 40, 20, 30]) queue.add(entry(`${ms}`, ms));
    assert.equal(queue.size, 5);
    advance(9);
    assert.deepEqual(fired, []);
    advance(1);
    assert.deepEqual(fired, ["10"]);
    advance(40);
    assert.deepEqual(fired, ["10", "20", "30", "40", "50"]);
    assert.equal(queue.size, 0);
  });

  it("fires nothing too early, fractions included", () => {
    const queue = new DeadlineQueue();
    queue.add(entry("x", 10.5));
    advance(10);
    assert.deepEqual(fired, []);
    advance(1);
    assert.deepEqual(fired, ["x"]);
  });

  it("a nearer one that comes later goes first", () => {
    const queue = new DeadlineQueue();
    queue.add(entry("far", 1_000));
    advance(10);
    queue.add(entry("near", 5));
    advance(5);
    assert.deepEqual(fired, ["near"]);
    advance(985);
    assert.deepEqual(fired, ["near", "far"]);
  });

  it("equal ones fire together, all of them", () => {
    const queue = new DeadlineQueue();
    for (let i = 0; i < 20; i++) queue.add(entry("same", 7));
    queue.add(entry("later", 8));
    advance(7);
    assert.deepEqual(
      fired,
      Array.from({ length: 20 }, () => "same"),
    );
    assert.equal(queue.size, 1);
  });

  it("one that is past fires on the next timer, not within add", () => {
    const queue = new DeadlineQueue();
    queue.add(entry("past", -100));
    assert.deepEqual(fired, []);
    advance(1);
    assert.deepEqual(fired, ["past"]);
  });

  it("a removed one does not fire; removing again, or one never added, does nothing", () => {
    const queue = new DeadlineQueue();
    const [a, b, c, stranger] = [entry("a", 1), entry("b", 2), entry("c", 3), entry("stranger", 1)];
    for (const one of [a, b, c]) queue.add(one);
    queue.remove(a);
    queue.remove(a);
    queue.remove(stranger);
    assert.deepEqual([a.deadlineIndex, queue.size], [-1, 2]);
    advance(3);
    assert.deepEqual(fired, ["b", "c"]);
    assert.deepEqual([b.deadlineIndex, c.deadlineIndex], [-1, -1]);
    queue.remove(b);
    assert.equal(queue.size, 0);
  });

  it("an entry can be added again after it has fired, and from within", () => {
    const queue = new DeadlineQueue();
    let times = 0;
    const again: Deadline = entry("again", 5, () => {
      assert.equal(again.deadlineIndex, -1, "it is out of the queue when it is told");
      if (++times === 3) return;
      again.deadlineMs = clockMs + 5;
      queue.add(again);
    });
    queue.add(again);
    for (let i = 0; i < 5; i++) advance(5);
    assert.deepEqual(fired, ["again", "again", "again"]);
  });

  it("one may remove another that is due at the same time", () => {
    const queue = new DeadlineQueue();
    const victim = entry("victim", 5);
    queue.add(entry("first", 4, () => queue.remove(victim)));
    queue.add(victim);
    advance(10);
    assert.deepEqual(fired, ["first"]);
  });

  it("clear forgets all, and the queue can be used on", () => {
    const queue = new DeadlineQueue();
    const kept = entry("kept", 5);
    queue.add(kept);
    queue.add(entry("other", 6));
    queue.clear();
    assert.deepEqual([queue.size, kept.deadlineIndex], [0, -1]);
    advance(100);
    assert.deepEqual(fired, []);
    kept.deadlineMs = clockMs + 5;
    queue.add(kept);
    advance(5);
    assert.deepEqual(fired, ["kept"]);
  });

  it("clear from within a deadline ends the round", () => {
    const queue = new DeadlineQueue();
    queue.add(entry("closes", 5, () => queue.clear()));
    queue.add(entry("never", 5.5));
    advance(10);
    assert.deepEqual(fired, ["closes"]);
  });

  it("a deadline beyond what a timer can wait is waited for, not fired at once", () => {
    const queue = new DeadlineQueue();
    // The timers of node:test wait for any time; Node's own would fire after 1 ms.
    const timers = mock.method(globalThis, "setTimeout");
    queue.add(entry("in 30 days", 30 * 86_400_000));
    queue.add(entry("never", Infinity));
    advance(2 ** 31 - 1);
    assert.deepEqual(fired, []);
    advance(30 * 86_400_000 - (2 ** 31 - 1));
    assert.deepEqual(fired, ["in 30 days"]);
    assert.equal(queue.size, 1);
    for (const {
      arguments: [, delayMs],
    } of timers.mock.calls)
      assert.ok((delayMs as number) < 2 ** 31, `${delayMs} ms`);
  });

  it("keeps its order through 2,000 random additions and removals", () => {
    const queue = new DeadlineQueue();
    const next = random(5);
    const alive = new Map<string, Deadline>();
    const times = new Map<string, number>();
    for (let i = 0; i < 2_000; i++) {
      const one = entry(`${i}`, 1 + Math.floor(next() * 500));
      queue.add(one);
      alive.set(`${i}`, one);
      times.set(`${i}`, one.deadlineMs);
      if (next() < 0.4) {
        const [name, gone] = [...alive][Math.floor(next() * alive.size)] as [string, Deadline];
        queue.remove(gone);
        alive.delete(name);
      }
    }
    assert.equal(queue.size, alive.size);
    for (let ms = 0; ms < 500; ms += 10) {
      advance(10);
      for (const name of fired) assert.ok((times.get(name) as number) <= clockMs, `${name} was early`);
    }
    assert.equal(queue.size, 0);
    assert.deepEqual(new Set(fired), new Set(alive.keys()));
    const order = fired.map((name) => times.get(name) as number);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });
});
