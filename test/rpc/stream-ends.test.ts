// The many ways in which a stream ends before it is over: break, cancel, dispose, a source that throws, a handler that
// has had enough. Each end releases everything, once.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, StreamClosedError, TtrpcError } from "ttrpc";
import { DATA, dataHex, echo, frame, reply, RESPONSE, status } from "../support/raw.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, gate, onEachLink, pairOver, rawServer, rejection, until } from "./links.js";

/** A source of requests that never ends, and counts how often it is told to. */
function endless(): { readonly source: AsyncIterable<{ seq: number }>; readonly counts: { nexts: number; returns: number } } {
  const counts = { nexts: 0, returns: 0 };
  const source = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        await new Promise((resolve) => setImmediate(resolve));
        return { done: false as const, value: { seq: counts.nexts++ } };
      },
      async return() {
        counts.returns++;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return { source, counts };
}

/** A source that gives one message and then waits for ever, until it is told to end. */
function stuck(): { readonly source: AsyncIterable<{ seq: number }>; readonly counts: { returns: number } } {
  const counts = { returns: 0 };
  const told = gate<IteratorResult<{ seq: number }>>();
  let given = false;
  const source = {
    [Symbol.asyncIterator]: () => ({
      next(): Promise<IteratorResult<{ seq: number }>> {
        if (given) return told.promise;
        given = true;
        return Promise.resolve({ done: false, value: { seq: 1 } });
      },
      async return() {
        counts.returns++;
        told.open({ done: true, value: undefined });
        return { done: true as const, value: undefined };
      },
    }),
  };
  return { source, counts };
}

onEachLink("a client ends its stream early", (link) => {
  const ends: Readonly<Record<string, (stream: AsyncIterable<object> & AsyncDisposable & { cancel(reason?: unknown): void }) => Promise<void>>> = {
    async break(stream) {
      for await (const _ of stream) break;
    },
    async throw(stream) {
      await rejection(
        (async () => {
          for await (const _ of stream) throw new Error("enough");
        })(),
      );
    },
    async cancel(stream) {
      stream.cancel("enough");
    },
    async dispose(stream) {
      await stream[Symbol.asyncDispose]();
    },
  };
  for (const [name, end] of Object.entries(ends)) {
    it(`${name}: the peer gets our end, later frames are dropped, nothing stays`, async () => {
      await using server = await rawServer(link);
      const stream = server.client.service(Peer).echo2();
      await server.raw.next();
      await server.raw.send(frame(1, DATA, 0, echo(1)));
      await end(stream);
      assert.equal(await server.raw.nextHex(), dataHex(1, 5));
      assert.equal(server.client.stats().active, 0);
      await server.raw.send(frame(1, DATA, 0, echo(2)), frame(1, RESPONSE, 0, status(5, "late")));
      const next = server.client.service(Streaming).echo({});
      await server.raw.next();
      await server.raw.send(frame(3, RESPONSE, 0, reply(echo(7))));
      assert.equal((await next).seq, 7);
      // Ending twice, in any way, changes nothing.
      stream.cancel();
      await stream[Symbol.asyncDispose]();
      await stream.closeSend();
      assert.deepEqual(server.raw.unread, []);
    });
  }

  it("cancel: recv rejects with Canceled and the reason, also one that waits; send is refused", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    const waiting = rejection(stream.recv());
    const reason = new Error("changed my mind");
    stream.cancel(reason);
    const error = await waiting;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message, error.cause], [Code.Canceled, "context canceled", reason]);
    assert.deepEqual(await failure(stream.recv()), [Code.Canceled, "context canceled"]);
    assert.deepEqual(await failure(stream.send({})), [Code.Canceled, "context canceled"]);
  });

  it("cancel drops what has come and was not read", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    await server.raw.send(frame(1, DATA, 0, echo(1)), frame(1, DATA, 0, echo(2)));
    assert.equal((await stream.recv())?.seq, 1);
    stream.cancel();
    assert.deepEqual(await failure(stream.recv()), [Code.Canceled, "context canceled"]);
  });

  it("dispose: a reader that waits gets the end", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    const waiting = stream.recv();
    await stream[Symbol.asyncDispose]();
    assert.equal(await waiting, undefined);
  });

  it("dispose after the end sends nothing", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    {
      await using chat = both.client.service(Streaming).echoStream();
      await chat.closeSend();
      assert.equal(await chat.recv(), undefined);
    }
    assert.equal(both.client.stats().framesSent, 2);
    assert.equal(both.client.stats().callsFailed, 0);
  });

  it("a client stream's handle, cancelled: its reply is given up", async () => {
    await using server = await rawServer(link);
    const upload = server.client.service(Peer).collect();
    await upload.send({ seq: 1 });
    upload.cancel();
    assert.deepEqual((await server.raw.take(3)).slice(1), [dataHex(1, 0, echo(1)), dataHex(1, 5)]);
    assert.deepEqual(await failure(upload.closeAndRecv()), [Code.Canceled, "context canceled"]);
  });
});

onEachLink("the server of a stream that its client ended", (link) => {
  it("a bidi handler sees the end of its requests", async () => {
    const seen = gate<number>();
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        async *echo2(requests) {
          let count = 0;
          for await (const { seq } of requests) {
            count++;
            yield { seq };
          }
          seen.open(count);
        },
      }),
    );
    const chat = both.client.service(Peer).echo2();
    await chat.send({ seq: 1 });
    for await (const _ of chat) break;
    assert.equal(await seen.promise, 1);
  });
});

onEachLink("a source of requests", (link) => {
  it("that throws fails the call with its error, and the peer gets our end", async () => {
    const wanted: readonly (readonly [unknown, number, string])[] = [
      [new Error("no more"), Code.Unknown, "no more"],
      [new TtrpcError(Code.Aborted, "stop"), Code.Aborted, "stop"],
      ["text", Code.Unknown, "text"],
    ];
    for (const [reason, code, text] of wanted) {
      await using server = await rawServer(link);
      const broken = async function* () {
        yield { seq: 1 };
        throw reason;
      };
      assert.deepEqual(await failure(server.client.service(Peer).collect(broken())), [code, text]);
      assert.deepEqual((await server.raw.take(3)).slice(1), [dataHex(1, 0, echo(1)), dataHex(1, 5)]);
      const stream = server.client.service(Peer).echo2(broken());
      assert.deepEqual(await failure(stream.recv()), [code, text]);
      assert.equal(server.client.stats().active, 0);
    }
  });

  it("is told once to end when the response comes first, whether it waits or not", async () => {
    for (const { source, counts } of [endless(), stuck()]) {
      await using both = await pairOver(link, (server) =>
        server.service(Peer, { collect: async (requests) => ({ seq: ((await requests.recv())?.seq ?? 0) + 100 }) }),
      );
      const { seq } = await both.client.service(Peer).collect(source);
      assert.ok(seq >= 100);
      await until(() => counts.returns !== 0, "return()");
      await both.client.service(Peer).collect([]);
      assert.equal(counts.returns, 1);
    }
  });

  it("is told once to end when the stream is broken off, cancelled, or its deadline passes", async () => {
    for (const how of ["break", "cancel", "deadline"] as const) {
      for (const { source, counts } of [endless(), stuck()]) {
        await using both = await pairOver(link, (server) => void register(server));
        const stream = both.client.service(Peer).echo2(source, how === "deadline" ? { timeoutMs: 100 } : {});
        if (how === "break") for await (const _ of stream) break;
        else if (how === "cancel") stream.cancel();
        else
          await rejection(
            (async () => {
              for await (const _ of stream);
            })(),
          );
        await until(() => counts.returns !== 0, "return()");
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(counts.returns, 1, how);
        assert.equal(both.client.stats().active, 0);
      }
    }
  });

  it("with a message that cannot be sent fails the call", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { maxMessageBytes: 200 });
    assert.deepEqual(await failure(both.client.service(Peer).collect([{ msg: "x".repeat(300) }])), [
      Code.ResourceExhausted,
      "message of 303 bytes exceeds the 200 byte limit",
    ]);
  });
});

onEachLink("a handler", (link) => {
  it("that answers while its client sends: the answer wins, and further send() is refused", async () => {
    await using both = await pairOver(link, (server) => server.service(Peer, { collect: () => ({ seq: 5 }), *echo2() {} }));
    const upload = both.client.service(Peer).collect();
    const chat = both.client.service(Peer).echo2();
    assert.equal(await chat.recv(), undefined);
    await both.client.service(Peer).collect([]);
    for (const stream of [upload, chat]) {
      const error = await rejection(stream.send({ seq: 1 }));
      assert.ok(error instanceof StreamClosedError);
      assert.deepEqual([error.code, error.message], [Code.FailedPrecondition, "ttrpc: stream closed"]);
    }
    assert.equal((await upload.closeAndRecv()).seq, 5);
  });

  it("whose generator runs when its stream is refused, or its deadline passes: return() once", async () => {
    for (const how of ["deadline", "refused"] as const) {
      const { source, counts } = stuck();
      await using both = await pairOver(link, (server) => server.service(Peer, { echo2: () => source, fail: () => ({}) }), { maxMessageBytes: 100 });
      const stream = both.client.service(Peer).echo2(how === "deadline" ? { timeoutMs: 50 } : {});
      assert.equal((await stream.recv())?.seq, 1);
      if (how === "refused") await stream.send({ msg: "x".repeat(200) });
      await rejection(stream.recv());
      await until(() => counts.returns !== 0, "return()");
      await both.client.service(Peer).fail({});
      assert.equal(counts.returns, 1, how);
      await until(() => both.server.stats().active === 0, "the end of the call");
    }
  });
});
