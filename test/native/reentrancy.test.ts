// What JavaScript may do inside the addon's callbacks: throw, close, pause, open, flush; and when its ticks run.
import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import {
  attach,
  closeAll,
  control,
  DRAIN,
  END,
  encode,
  IN_CALLBACK,
  IN_ROWS,
  logOf,
  native,
  OUT_ROWS,
  opened,
  pair,
  pattern,
  put,
  rawPeer,
  Ref,
  socketPath,
  turn,
  until,
} from "./harness.js";

before(attach);
afterEach(closeAll);

async function settled(): Promise<void> {
  for (let i = 0; i < 4; ++i) await turn();
}

function batch(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => encode(i, 1, 0, pattern(5, i))));
}

/** Runs `action` while uncaught exceptions are collected instead of ending the test. */
async function uncaughtDuring(action: () => Promise<void>): Promise<unknown[]> {
  const previous = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const errors: unknown[] = [];
  process.on("uncaughtException", (error) => errors.push(error));
  try {
    await action();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of previous) process.on("uncaughtException", listener);
  }
  return errors;
}

describe("inside a callback", () => {
  it("an exception is uncaught once, and everything goes on", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    const boom = new Error("boom");
    log.onBatch = () => {
      put(peer.handle, 99, 1, pattern(1, 1));
      throw boom;
    };
    let answered = 0;
    peer.socket.on("data", (chunk: Buffer) => {
      answered += chunk.length;
    });
    peer.socket.resume();
    const errors = await uncaughtDuring(async () => {
      peer.socket.write(batch(IN_ROWS * 2 + 1)); // the callback of the first table throws; the others still come
      native.start(peer.handle);
      await until(() => log.frames.length === IN_ROWS * 2 + 1);
      peer.socket.write(encode(1000, 1, 0, pattern(100_000, 1)));
      await until(() => log.frames.at(-1)?.streamId === 1000);
      log.onEvent = () => {
        throw boom;
      };
      peer.socket.end();
      await until(() => log.events.length === 1);
      await settled();
    });
    assert.deepEqual(errors, [boom, boom, boom, boom, boom]);
    assert.equal(control[IN_CALLBACK], 0);
    await until(() => answered === 4 * 11);
    peer.close();
  });

  it("close() ends the batch, and nothing comes any more", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    log.onBatch = () => native.close(peer.handle);
    peer.socket.write(batch(IN_ROWS * 3));
    peer.socket.end();
    native.start(peer.handle);
    await until(() => log.frames.length > 0);
    await settled();
    assert.deepEqual(log.batches, [IN_ROWS]);
    assert.deepEqual(log.events, []);
    peer.close();
  });

  it("close() works in every kind of callback", async () => {
    const large = await rawPeer();
    logOf(large.handle).onBatch = () => native.close(large.handle);
    large.socket.write(encode(1, 1, 0, pattern(1_000_000, 1)));
    native.start(large.handle);
    await until(() => logOf(large.handle).frames.length === 1);

    const ended = await rawPeer();
    logOf(ended.handle).onEvent = () => native.close(ended.handle);
    native.start(ended.handle);
    ended.socket.end();
    await until(() => logOf(ended.handle).values(END).length === 1);

    const drained = await pair();
    logOf(drained.client).onEvent = () => native.close(drained.client);
    put(drained.client, 1, 1, new Ref(pattern(2_000_000, 1)));
    native.flush();
    native.start(drained.server);
    await until(() => logOf(drained.server).events.length > 0);
    assert.deepEqual(logOf(drained.client).values(DRAIN), [0]);
    assert.equal(logOf(drained.server).frames[0]?.payload.length, 2_000_000);

    await settled();
    for (const peer of [large, ended, drained]) peer.close();
  });

  it("pause() stops reading, but not what has been read", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    log.onBatch = () => native.pause(peer.handle);
    peer.socket.write(batch(IN_ROWS * 2));
    await settled();
    native.start(peer.handle);
    await until(() => log.frames.length > 0);
    peer.socket.write(batch(1));
    await settled();
    assert.deepEqual(log.batches, [IN_ROWS, IN_ROWS]);
    log.onBatch = undefined;
    native.resume(peer.handle);
    await until(() => log.frames.length === IN_ROWS * 2 + 1);
    peer.close();
  });

  it("pause() and resume() are idempotent", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    native.start(peer.handle);
    native.pause(peer.handle);
    native.pause(peer.handle);
    peer.socket.write(batch(1));
    await settled();
    assert.equal(logOf(peer.handle).frames.length, 0);
    native.resume(peer.handle);
    native.resume(peer.handle);
    await until(() => logOf(peer.handle).frames.length === 1);
    peer.close();
  });

  it("flush() sends at once, and the slab stays as it is", async () => {
    const a = await pair();
    native.start(a.client);
    native.start(a.server);
    logOf(a.server).onBatch = (frames) => {
      for (const frame of frames) put(a.server, frame.streamId, 2, frame.payload);
      native.flush();
      assert.equal(control[OUT_ROWS], 0);
      assert.equal(control[IN_CALLBACK], 1);
    };
    for (let i = 0; i < 30; ++i) put(a.client, i, 1, pattern(1000, i));
    native.flush();
    await until(() => logOf(a.client).frames.length === 30);
    logOf(a.client).frames.forEach((frame, i) => assert.deepEqual(frame.payload, pattern(1000, i)));
    a.close();
  });

  it("connections may be opened, used and closed", async () => {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 100));
    native.start(listener);
    const peer = await rawPeer();
    const inner: number[] = [];
    logOf(peer.handle).onBatch = (frames) => {
      for (const frame of frames) {
        const handle = opened(native.connectUnix(path));
        inner.push(handle);
        put(handle, frame.streamId, 1, frame.payload);
        native.flush();
      }
      native.close(peer.handle);
    };
    logOf(listener).onEvent = (event) => native.start(event.value);
    peer.socket.write(batch(10));
    native.start(peer.handle);
    const servers = () => logOf(listener).events.map((event) => event.value);
    await until(() => servers().filter((server) => logOf(server).frames.length === 1).length === 10);
    for (const handle of [listener, ...inner, ...servers()]) native.close(handle);
    peer.close();
  });
});

describe("after a callback", () => {
  it("ticks and microtasks have run, and what they wrote is sent, before the next one", async () => {
    const peers = [await rawPeer(), await rawPeer(), await rawPeer()];
    const order: string[] = [];
    peers.forEach((peer, i) => {
      logOf(peer.handle).onBatch = () => {
        order.push(`callback ${i}`);
        process.nextTick(() => order.push(`tick ${i}`));
        void Promise.resolve().then(() => {
          order.push(`microtask ${i}`);
          assert.equal(control[IN_CALLBACK], 1);
          put(peer.handle, i, 2, pattern(10, i));
        });
      };
      peer.socket.write(batch(1));
    });
    await settled();
    for (const peer of peers) native.start(peer.handle);
    await until(() => order.length === 9);
    assert.equal(control[IN_CALLBACK], 0);
    assert.equal(control[OUT_ROWS], 0, "flushed without being asked");
    const inOrder = order.map((entry) => entry.split(" ")[0]);
    assert.deepEqual(inOrder, ["callback", "tick", "microtask", "callback", "tick", "microtask", "callback", "tick", "microtask"]);
    for (const peer of peers) {
      let received = 0;
      peer.socket.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      peer.socket.resume();
      await until(() => received === 20);
      peer.close();
    }
  });

  it("rows which point nowhere are an uncaught error, and the next ones are sent", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    native.start(peer.handle);
    log.onBatch = () => {
      put(peer.handle, 1, 2, new Ref(pattern(10, 1)));
      const { refs } = harness;
      refs[0] = pattern(9, 1);
    };
    const harness = await import("./harness.js");
    const errors = await uncaughtDuring(async () => {
      peer.socket.write(batch(1));
      await until(() => log.frames.length === 1);
      await settled();
    });
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof RangeError);
    peer.close();
  });
});
