// Busy polling: it happens when it may, and never keeps the loop from its other work.
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { afterEach, before, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { attach, closeAll, encode, logOf, native, pair, pattern, put, rawPeer, turn, until } from "./harness.js";
import { programFile } from "./programs.js";

before(attach);
afterEach(closeAll);

// Longer than any test: what would starve, would hang.
const FOREVER = 2 ** 31 - 1;

function loops(): number {
  return (performance.nodeTiming as unknown as { uvMetricsInfo: { loopCount: number } }).uvMetricsInfo.loopCount;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A connection which is alone with its events: after two wake-ups it may poll. */
async function wake(handle: number, write: (bytes: Buffer) => void): Promise<void> {
  const log = logOf(handle);
  for (let i = 0; i < 2; ++i) {
    const frames = log.frames.length;
    write(encode(i, 1, 0, pattern(5, i)));
    while (log.frames.length === frames) await sleep(1);
  }
}

/** Wakes a connection until its window is open. An immediate of the test runner, say, may keep it shut once or twice. */
async function wakeIntoWindow(handle: number, write: (bytes: Buffer) => void): Promise<void> {
  for (let tries = 0; tries < 50; ++tries) {
    await wake(handle, write);
    const before = loops();
    await sleep(20);
    if (loops() - before > 10) return;
  }
  assert.fail("the loop slept after each of 100 wake-ups");
}

describe("a polling connection", () => {
  it("keeps the loop awake, but not from its timers, immediates and other sockets", async () => {
    const peer = await rawPeer();
    const other = await rawPeer();
    native.setBusyPoll(other.handle, 0);
    native.setBusyPoll(peer.handle, FOREVER);
    native.start(peer.handle);
    native.start(other.handle);
    await sleep(5);
    await wakeIntoWindow(peer.handle, (bytes) => peer.socket.write(bytes));
    await turn();
    other.socket.write(encode(1, 1, 0, pattern(5, 1)));
    while (logOf(other.handle).frames.length === 0) await sleep(1);
    // The other connection's event ended the window.
    await sleep(5);
    const after = loops();
    await sleep(50);
    assert.ok(loops() - after < 10, `${loops() - after} iterations after the window`);
    peer.close();
    other.close();
  });

  it("is not alone: the loop goes on without sleeping while several are active, and runs its timers", async () => {
    const peers = [await rawPeer(), await rawPeer()];
    for (const { handle } of peers) {
      native.setBusyPoll(handle, FOREVER);
      native.start(handle);
    }
    await sleep(5);
    let timers = 0;
    const timer = setInterval(() => ++timers, 1);
    let awake = 0;
    for (let i = 0; i < 100 && awake === 0; ++i) {
      const { handle, socket } = peers[i % 2] as (typeof peers)[number];
      const { frames } = logOf(handle);
      const before = frames.length;
      socket.write(encode(i, 1, 0, pattern(5, i)));
      while (frames.length === before) await sleep(1);
      const turns = loops();
      await sleep(20);
      if (loops() - turns > 200) awake = loops() - turns;
    }
    clearInterval(timer);
    assert.ok(awake > 0, "the loop slept after each of 100 wake-ups");
    assert.ok(timers > 5, `${timers} timers ran`);
    for (const { handle } of peers) native.setBusyPoll(handle, 0);
    peers[0]?.socket.write(encode(1, 1, 0, pattern(5, 1)));
    await sleep(20);
    const turns = loops();
    await sleep(30);
    assert.ok(loops() - turns < 20, `${loops() - turns} iterations after the window`);
  });

  it("set to 0 lets the loop sleep", async () => {
    const peer = await rawPeer();
    native.setBusyPoll(peer.handle, 0);
    native.start(peer.handle);
    await sleep(5);
    await wake(peer.handle, (bytes) => peer.socket.write(bytes));
    const before = loops();
    await sleep(50);
    assert.ok(loops() - before < 10, `${loops() - before} iterations`);
    peer.close();
  });

  it("is left in peace after its automatic window", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    await sleep(5);
    await wake(peer.handle, (bytes) => peer.socket.write(bytes));
    const before = loops();
    await sleep(50);
    assert.ok(loops() - before < 10, `${loops() - before} iterations`);
    peer.close();
  });

  it("may be paused, ended and closed in its window", async () => {
    for (const end of ["pause", "end", "close"] as const) {
      const peer = await rawPeer();
      native.setBusyPoll(peer.handle, FOREVER);
      native.start(peer.handle);
      await sleep(5);
      await wakeIntoWindow(peer.handle, (bytes) => peer.socket.write(bytes));
      if (end === "pause") native.pause(peer.handle);
      if (end === "close") native.close(peer.handle);
      if (end === "end") {
        peer.socket.end();
        while (logOf(peer.handle).events.length === 0) await sleep(1);
      }
      await sleep(5);
      const before = loops();
      await sleep(30);
      assert.ok(loops() - before < 10, `${end}: ${loops() - before} iterations`);
      peer.close();
    }
  });

  it("delivers a conversation of two threads, with timers and immediates running in between", async () => {
    const worker = new Worker(programFile, { workerData: { mode: "echo" } });
    const [path] = (await once(worker, "message")) as [string];
    const client = native.connectUnix(path);
    native.setBusyPoll(client, FOREVER);
    native.start(client);
    const log = logOf(client);
    let [timers, immediates, answers] = [0, 0, 0];
    const timer = setInterval(() => ++timers, 1);
    let running = true;
    const again = (): void => {
      ++immediates;
      if (running) setTimeout(() => setImmediate(again), 1);
    };
    again();
    log.onBatch = (frames) => {
      answers += frames.length;
      log.frames.length = 0;
      put(client, answers, 1, pattern(100, answers));
    };
    put(client, 0, 1, pattern(100, 0));
    native.flush();
    while (timers < 20 || immediates < 10 || answers < 1000) await sleep(1);
    running = false;
    clearInterval(timer);
    native.close(client);
    await worker.terminate();
  });

  it("of two in one process never waits for the other", async () => {
    const a = await pair();
    let answers = 0;
    for (const handle of [a.client, a.server]) {
      native.setBusyPoll(handle, FOREVER);
      native.start(handle);
      logOf(handle).onBatch = () => {
        ++answers;
        put(handle, 1, 1, pattern(10, 1));
      };
    }
    put(a.client, 1, 1, pattern(10, 1));
    native.flush();
    await until(() => answers > 1000);
    a.close();
  });
});
