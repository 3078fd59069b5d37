// Frames leaving: coalescing, references, partial writes, several connections, failure and half-close.
import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  attach,
  closeAll,
  BACKLOGGED,
  control,
  currentArena,
  DRAIN,
  END,
  encode,
  logOf,
  native,
  OUT_ROWS,
  outTable,
  pair,
  pattern,
  put,
  rawPeer,
  REF_ROWS,
  Ref,
  refs,
  turn,
  until,
  useArena,
  useOutTables,
} from "./harness.js";

before(attach);
afterEach(closeAll);

const EPIPE = -32;

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

async function settled(): Promise<void> {
  for (let i = 0; i < 3; ++i) await turn();
}

describe("flush", () => {
  it("writes the frames byte for byte as the protocol has them", async () => {
    const peer = await rawPeer();
    put(peer.handle, 1, 0x0201, pattern(5, 1));
    put(peer.handle, 0xfffffffd, 0xff03, pattern(0, 2));
    put(peer.handle, 3, 0x0001, pattern(500, 3));
    native.flush();
    assert.equal(control[OUT_ROWS], 0);
    const expected = Buffer.concat([encode(1, 1, 2, pattern(5, 1)), encode(0xfffffffd, 3, 0xff, pattern(0, 2)), encode(3, 1, 0, pattern(500, 3))]);
    let received = Buffer.alloc(0);
    peer.socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    peer.socket.resume();
    await until(() => received.length >= expected.length);
    assert.deepEqual(received, expected);
    peer.close();
  });

  it("keeps the order per connection when rows of two are interleaved", async () => {
    const [a, b] = [await pair(), await pair()];
    native.start(a.server);
    native.start(b.server);
    for (let i = 0; i < 40; ++i) {
      put(a.client, i, 1, pattern(i, i), new Ref(pattern(50, i)), pattern(1, i));
      put(b.client, i, 2, pattern(i + 1, i));
      if (i % 3 === 0) put(b.client, 1000 + i, 2, new Ref(pattern(7, i)));
    }
    native.flush();
    await until(() => logOf(a.server).frames.length === 40 && logOf(b.server).frames.length === 54);
    logOf(a.server).frames.forEach((frame, i) => {
      assert.equal(frame.streamId, i);
      assert.deepEqual(frame.payload, Buffer.concat([pattern(i, i), pattern(50, i), pattern(1, i)]));
    });
    const expected = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? [i, 1000 + i] : [i])).flat();
    assert.deepEqual(
      logOf(b.server).frames.map((frame) => frame.streamId),
      expected,
    );
    for (const frame of logOf(b.server).frames) {
      const i = frame.streamId % 1000;
      assert.deepEqual(frame.payload, frame.streamId >= 1000 ? pattern(7, i) : pattern(i + 1, i));
    }
    a.close();
    b.close();
  });

  it("drops the rows of closed handles and keeps the references of the others in step", async () => {
    const [a, b] = [await pair(), await pair()];
    native.start(b.server);
    put(a.client, 1, 1, pattern(3, 1), new Ref(pattern(10, 1)));
    put(b.client, 2, 1, pattern(4, 2), new Ref(pattern(20, 2)), pattern(1, 2));
    put(a.client, 3, 1, new Ref(pattern(10, 3)));
    put(b.client, 4, 1, new Ref(pattern(30, 4)));
    a.close();
    native.flush();
    await until(() => logOf(b.server).frames.length === 2);
    assert.deepEqual(logOf(b.server).frames[0]?.payload, Buffer.concat([pattern(4, 2), pattern(20, 2), pattern(1, 2)]));
    assert.deepEqual(logOf(b.server).frames[1]?.payload, pattern(30, 4));
    b.close();
  });

  it("refuses rows outside of their memory, and sends the rest", async () => {
    const a = await pair();
    native.start(a.server);
    const rows: [offset: number, length: number][] = [
      [9, 1],
      [currentArena().length + 1, 0],
      [10, currentArena().length],
      [currentArena().length, 1],
      [0xffffffff, 0xffffffff],
    ];
    for (const [offset, length] of rows) {
      put(a.client, 1, 1, pattern(3, 1));
      put(a.client, 2, 1, pattern(3, 1));
      outTable.set([offset, length], 5 + 3);
      put(a.client, 3, 1, pattern(3, 1), new Ref(pattern(4, 1)));
      assert.throws(() => native.flush(), RangeError);
    }
    put(a.client, 4, 1, new Ref(pattern(4, 1)));
    refs[0] = pattern(3, 1); // shorter than its row
    assert.throws(() => native.flush(), RangeError);
    put(a.client, 5, 1, new Ref(pattern(4, 1)));
    refs.length = 0;
    assert.throws(() => native.flush(), RangeError);
    put(a.client, 6, 1);
    native.flush();
    await until(() => logOf(a.server).frames.at(-1)?.streamId === 6);
    assert.deepEqual(
      logOf(a.server).frames.map((frame) => frame.streamId),
      [...rows.flatMap(() => [1, 3]), 6],
    );
    a.close();
  });
});

describe("references", () => {
  it("are inserted where they stand: first, middle, last, adjacent, empty", async () => {
    const a = await pair();
    native.start(a.server);
    const [x, y, z] = [pattern(100, 1), pattern(20_000, 2), pattern(1, 3)];
    const cases = [
      [new Ref(x)],
      [new Ref(x), z],
      [z, new Ref(y)],
      [z, new Ref(x), z, new Ref(y), z],
      [new Ref(x), new Ref(y), new Ref(x)],
      [z, new Ref(Buffer.alloc(0)), z],
      [new Ref(Buffer.alloc(0))],
      [z],
    ];
    cases.forEach((parts, i) => put(a.client, i, 1, ...parts));
    native.flush();
    assert.equal(control[REF_ROWS], 0);
    assert.equal(refs.length, 0);
    await until(() => logOf(a.server).frames.length === cases.length);
    cases.forEach((parts, i) => {
      const expected = Buffer.concat(parts.map((part) => (part instanceof Ref ? part.bytes : part)));
      assert.deepEqual(logOf(a.server).frames[i]?.payload, expected, `case ${i}`);
    });
    a.close();
  });

  it("may be more than one system call takes", async () => {
    const a = await pair();
    native.start(a.server);
    const parts = Array.from({ length: 1500 }, (_, i) => [pattern((i % 3) + 1, i), new Ref(pattern((i % 5) + 1, i))]).flat();
    put(a.client, 1, 1, ...parts);
    put(a.client, 2, 1, pattern(10, 2));
    native.flush();
    await until(() => logOf(a.server).frames.length === 2);
    const expected = Buffer.concat(parts.map((part) => (part instanceof Ref ? part.bytes : part)));
    assert.ok(logOf(a.server).frames[0]?.payload.equals(expected));
    a.close();
  });

  it("stay alive until they are sent", async () => {
    const a = await pair();
    for (let i = 0; i < 20; ++i) {
      put(a.client, i, 1, pattern(10, i), new Ref(pattern(100_000, i)));
      native.flush();
    }
    assert.ok(native.queuedBytes(a.client) > 1_000_000);
    gc();
    await settled();
    gc();
    native.start(a.server);
    await until(() => logOf(a.server).frames.length === 20);
    logOf(a.server).frames.forEach((frame, i) => {
      assert.ok(frame.payload.equals(Buffer.concat([pattern(10, i), pattern(100_000, i)])), `frame ${i}`);
    });
    a.close();
  });
});

describe("a slow reader", () => {
  it("gets everything in order, though the arena is reused at once", async () => {
    const a = await pair();
    const sizes = Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? 100_000 : (i * 37) % 5000));
    sizes.forEach((size, i) => {
      put(a.client, i, 1, pattern(size, i));
      if (i % 4 === 0) native.flush();
      if (control[OUT_ROWS] === 0) currentArena().fill(0xdb);
    });
    native.flush();
    currentArena().fill(0xdb);
    assert.equal(control[BACKLOGGED], 1);
    assert.ok(native.queuedBytes(a.client) > 0);
    assert.deepEqual(logOf(a.client).events, []);
    native.start(a.server);
    await until(() => logOf(a.client).events.length > 0);
    assert.deepEqual(logOf(a.client).events, [{ kind: DRAIN, value: 0 }]);
    assert.equal(native.queuedBytes(a.client), 0);
    assert.equal(control[BACKLOGGED], 0);
    await until(() => logOf(a.server).frames.length === sizes.length);
    logOf(a.server).frames.forEach((frame, i) => {
      assert.equal(frame.streamId, i);
      assert.ok(frame.payload.equals(pattern(sizes[i] ?? -1, i)), `frame ${i}`);
    });
    a.close();
  });

  it("who takes a few bytes at a time sees no seam", async () => {
    const peer = await rawPeer();
    const parts = Array.from({ length: 200 }, (_, i) => encode(i, 1, 0, pattern(4000, i)));
    for (let i = 0; i < 200; ++i) {
      put(peer.handle, i, 1, pattern(1000, i).fill(pattern(4000, i).subarray(0, 1000)), new Ref(pattern(4000, i).subarray(1000)));
      native.flush();
    }
    const expected = Buffer.concat(parts);
    const received: Buffer[] = [];
    let length = 0;
    while (length < expected.length) {
      const chunk = peer.socket.read(Math.min(777, Math.max(1, peer.socket.readableLength))) as Buffer | null;
      if (chunk === null) {
        await turn();
        continue;
      }
      received.push(chunk);
      length += chunk.length;
    }
    assert.ok(Buffer.concat(received).equals(expected));
    peer.close();
  });

  it("that closes leaves no backlog behind", async () => {
    const a = await pair();
    put(a.client, 1, 1, new Ref(Buffer.alloc(2_000_000)));
    native.flush();
    assert.equal(control[BACKLOGGED], 1);
    native.close(a.client);
    assert.equal(control[BACKLOGGED], 0);
    a.close();
  });
});

describe("a peer that is gone", () => {
  it("still delivers what it had sent, then the write error, though reading was paused", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    peer.socket.write(Buffer.concat([1, 2, 3].map((id) => encode(id, 2, 0, pattern(30_000, id)))));
    await settled();
    peer.socket.destroy();
    await settled();
    put(peer.handle, 1, 1, pattern(10, 1));
    native.flush();
    assert.deepEqual(log.events, [], "nothing is reported inside flush");
    await until(() => log.events.length > 0);
    await settled();
    assert.deepEqual(
      log.frames.map((frame) => frame.streamId),
      [1, 2, 3],
    );
    assert.deepEqual(log.events, [{ kind: END, value: EPIPE }]);
    put(peer.handle, 2, 1, pattern(10, 1));
    native.flush();
    assert.equal(native.queuedBytes(peer.handle), 0);
    await settled();
    assert.equal(log.events.length, 1);
    peer.close();
  });

  it("ends a connection with queued output, and its backlog", async () => {
    const peer = await rawPeer();
    put(peer.handle, 1, 1, new Ref(Buffer.alloc(3_000_000)));
    native.flush();
    assert.equal(control[BACKLOGGED], 1);
    peer.socket.destroy();
    await until(() => logOf(peer.handle).events.length > 0);
    assert.equal(logOf(peer.handle).events[0]?.kind, END);
    assert.ok((logOf(peer.handle).events[0]?.value ?? 0) < 0);
    assert.equal(control[BACKLOGGED], 0);
    peer.close();
  });

  it("after its half-close is reported with the next failing write", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    native.start(peer.handle);
    peer.socket.end();
    await until(() => log.events.length === 1);
    peer.socket.destroy();
    await settled();
    put(peer.handle, 1, 1, pattern(10, 1));
    native.flush();
    await until(() => log.events.length === 2);
    assert.deepEqual(log.values(END), [0, EPIPE]);
    peer.close();
  });
});

describe("half-close", () => {
  it("lets the other direction go on", async () => {
    const a = await pair();
    native.start(a.client);
    native.start(a.server);
    put(a.client, 1, 1, pattern(10, 1));
    native.shutdownWrite(a.client); // sends the row which was not flushed yet
    await until(() => logOf(a.server).events.length > 0);
    assert.deepEqual(logOf(a.server).events, [{ kind: END, value: 0 }]);
    assert.equal(logOf(a.server).frames.length, 1);
    put(a.server, 1, 2, pattern(20, 2));
    native.flush();
    await until(() => logOf(a.client).frames.length === 1);
    assert.deepEqual(logOf(a.client).events, []);
    a.close();
  });

  it("waits for the queue", async () => {
    const a = await pair();
    put(a.client, 1, 1, new Ref(pattern(3_000_000, 1)));
    native.flush();
    native.shutdownWrite(a.client);
    await settled();
    native.start(a.server);
    await until(() => logOf(a.server).events.length > 0);
    assert.deepEqual(logOf(a.server).events, [{ kind: END, value: 0 }]);
    assert.ok(logOf(a.server).frames[0]?.payload.equals(pattern(3_000_000, 1)));
    assert.deepEqual(logOf(a.client).events, [{ kind: DRAIN, value: 0 }]);
    a.close();
  });
});

describe("growing", () => {
  it("takes a new arena and new tables", async () => {
    const a = await pair();
    native.start(a.server);
    useArena(3 << 20);
    useOutTables(1000, 8192);
    for (let i = 0; i < 900; ++i) put(a.client, i, 1, pattern(3000, i));
    native.flush();
    await until(() => logOf(a.server).frames.length === 900);
    assert.ok(logOf(a.server).frames.every((frame, i) => frame.streamId === i && frame.payload.equals(pattern(3000, i))));
    assert.throws(() => native.setArena(new Uint16Array(4) as unknown as Uint8Array), TypeError);
    a.close();
  });
});
