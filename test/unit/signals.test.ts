// Watching one AbortSignal for many calls.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { type Abortable, unwatchSignal, watchSignal } from "#lib/signals.js";

class Entry implements Abortable {
  aborted = 0;
  onAbort(): void {
    this.aborted++;
  }
}

describe("watchSignal", () => {
  it("has one listener for however many entries, and none when they are gone", () => {
    const { signal } = new AbortController();
    const entries = Array.from({ length: 100 }, () => new Entry());
    for (const entry of entries) watchSignal(signal, entry);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    for (const entry of entries) unwatchSignal(signal, entry);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("tells all that still watch, once", () => {
    const controller = new AbortController();
    const [stays, leaves, other] = [new Entry(), new Entry(), new Entry()];
    for (const entry of [stays, leaves]) watchSignal(controller.signal, entry);
    watchSignal(new AbortController().signal, other);
    unwatchSignal(controller.signal, leaves);
    unwatchSignal(controller.signal, leaves);
    unwatchSignal(controller.signal, other);
    controller.abort();
    controller.abort();
    assert.deepEqual([stays.aborted, leaves.aborted, other.aborted], [1, 0, 0]);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("an entry that watches twice is told once", () => {
    const controller = new AbortController();
    const entry = new Entry();
    watchSignal(controller.signal, entry);
    watchSignal(controller.signal, entry);
    controller.abort();
    assert.equal(entry.aborted, 1);
  });
});
