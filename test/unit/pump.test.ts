// pump: from any iterable into a sink, one message at a time, with an end that is told once.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pump, type Sink } from "#lib/pump.js";

interface Message {
  readonly n: number;
}

/** Takes `room` messages, then is over; `slow` makes it ask for patience after each. */
class Recorder implements Sink {
  readonly written: number[] = [];
  over = false;
  onOver: (() => void) | undefined;
  room = Infinity;
  wait: (() => Promise<void>) | undefined;

  write(message: object): Promise<void> | undefined {
    assert.equal(this.over, false, "nothing is written to what is over");
    this.written.push((message as Message).n);
    if (this.written.length === this.room) this.end();
    return this.wait?.();
  }

  end(): void {
    this.over = true;
    this.onOver?.();
  }
}

/** An iterable that counts what is done to it; `async` for one of promises. */
function counted(length: number): { log: string[]; sync: Iterable<Message>; async: AsyncIterable<Message> } {
  const log: string[] = [];
  let n = 0;
  const next = (): IteratorResult<Message> => (n < length ? { done: false, value: { n: n++ } } : (log.push("done"), { done: true, value: undefined }));
  const stop = (): IteratorResult<Message> => (log.push("return"), { done: true, value: undefined });
  return {
    log,
    sync: { [Symbol.iterator]: () => ({ next, return: stop }) },
    async: { [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => stop() }) },
  };
}

for (const kind of ["sync", "async"] as const) {
  describe(`from a${kind === "sync" ? " sync" : "n async"} source`, () => {
    it("moves all messages, and does not call return() at the end", async () => {
      const source = counted(3);
      const sink = new Recorder();
      await pump(source[kind], sink);
      assert.deepEqual([sink.written, source.log, sink.onOver], [[0, 1, 2], ["done"], undefined]);
    });

    it("waits where the sink asks for it", async () => {
      const source = counted(3);
      const sink = new Recorder();
      let pending = 0;
      sink.wait = async () => {
        assert.equal(++pending, 1, "one message at a time");
        await nextTurn();
        pending--;
      };
      await pump(source[kind], sink);
      assert.deepEqual(sink.written, [0, 1, 2]);
    });

    it("stops when the sink is over, and calls return() once", async () => {
      for (const waits of [false, true]) {
        const source = counted(100);
        const sink = new Recorder();
        sink.room = 2;
        if (waits) sink.wait = () => nextTurn();
        await pump(source[kind], sink);
        assert.deepEqual([sink.written, source.log], [[0, 1], ["return"]]);
      }
    });

    it("takes nothing into a sink that is over before it begins", async () => {
      const source = counted(3);
      const sink = new Recorder();
      sink.over = true;
      await pump(source[kind], sink);
      assert.deepEqual([sink.written, source.log], [[], ["return"]]);
    });

    it("rejects with what the sink throws, and calls return() once", async () => {
      const source = counted(3);
      const failure = new Error("cannot be encoded");
      const sink = new Recorder();
      sink.wait = () => {
        throw failure;
      };
      await assert.rejects(pump(source[kind], sink), failure);
      assert.deepEqual([sink.written, source.log, sink.onOver], [[0], ["return"], undefined]);
    });

    it("rejects with what waiting ends in, and calls return() once", async () => {
      const source = counted(3);
      const failure = new Error("gone while waiting");
      const sink = new Recorder();
      sink.wait = () => Promise.reject(failure);
      await assert.rejects(pump(source[kind], sink), failure);
      assert.deepEqual(source.log, ["return"]);
    });

    it("arrays and generators are sources, too", async () => {
      const sink = new Recorder();
      await pump([{ n: 1 }, { n: 2 }], sink);
      const generator =
        kind === "sync"
          ? (function* () {
              yield { n: 3 };
            })()
          : (async function* () {
              yield { n: 3 };
            })();
      await pump(generator, sink);
      assert.deepEqual(sink.written, [1, 2, 3]);
    });

    it("a generator's finally runs when the sink is over", async () => {
      const log: string[] = [];
      const endless =
        kind === "sync"
          ? (function* () {
              try {
                for (let n = 0; ; n++) yield { n };
              } finally {
                log.push("finally");
              }
            })()
          : (async function* () {
              try {
                for (let n = 0; ; n++) yield { n };
              } finally {
                log.push("finally");
              }
            })();
      const sink = new Recorder();
      sink.room = 3;
      await pump(endless, sink);
      assert.deepEqual([sink.written, log], [[0, 1, 2], ["finally"]]);
    });

    it("rejects with what the source throws", async () => {
      const failure = new Error("the source is dry");
      const failing =
        kind === "sync"
          ? (function* () {
              yield { n: 1 };
              throw failure;
            })()
          : (async function* () {
              yield { n: 1 };
              throw failure;
            })();
      const sink = new Recorder();
      await assert.rejects(pump(failing, sink), failure);
      assert.deepEqual([sink.written, sink.onOver], [[1], undefined]);
    });
  });
}

describe("from an async source that is being waited for", () => {
  it("return() is called at once when the sink is over, and what still comes is not written", async () => {
    const log: string[] = [];
    let give: (result: IteratorResult<Message>) => void = () => {};
    const source: AsyncIterable<Message> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((resolve) => (give = resolve)),
        return: async () => (log.push("return"), { done: true, value: undefined }),
      }),
    };
    const sink = new Recorder();
    const pumping = pump(source, sink);
    await nextTurn();
    sink.end();
    assert.deepEqual(log, ["return"]);
    give({ done: false, value: { n: 1 } });
    await pumping;
    assert.deepEqual([log, sink.written], [["return"], []]);
  });

  it("what its return() throws then has nobody to go to, and harms nobody", async () => {
    let give: (result: IteratorResult<Message>) => void = () => {};
    const source: AsyncIterable<Message> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((resolve) => (give = resolve)),
        return: () => Promise.reject(new Error("cannot stop")),
      }),
    };
    const sink = new Recorder();
    const pumping = pump(source, sink);
    await nextTurn();
    sink.end();
    await nextTurn();
    give({ done: true, value: undefined });
    await pumping;
  });

  it("a source without return() is simply left", async () => {
    let n = 0;
    const source: AsyncIterable<Message> = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: { n: n++ } }) }) };
    const sink = new Recorder();
    sink.room = 2;
    await pump(source, sink);
    assert.deepEqual(sink.written, [0, 1]);
  });
});
