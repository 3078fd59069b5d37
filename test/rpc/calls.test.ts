// A tour of all kinds of call with sources and with handles, over real handlers.
import assert from "node:assert/strict";
import { it } from "node:test";
import { type BidiStream, Code, type Server, StreamClosedError } from "ttrpc";
import { register } from "../support/implementations.js";
import { type EchoPayload, Peer, Streaming } from "../support/services.js";
import { collect, failure, gate, onEachLink, pairOver, rejection } from "./links.js";

async function seqOf(result: Promise<IteratorResult<EchoPayload, unknown>> | undefined): Promise<number | undefined> {
  const { done, value } = (await result) ?? { done: true, value: undefined };
  return done === true ? undefined : value.seq;
}

onEachLink("calls", (link) => {
  const pair = (more?: (server: Server) => void) => pairOver(link, more ?? ((server) => void register(server)));

  it("unary: what is not set has its default", async () => {
    await using both = await pair();
    const { echo } = both.client.service(Streaming);
    const reply = await echo({});
    assert.deepEqual([reply.seq, reply.msg], [1, ""]);
    assert.deepEqual({ ...(await echo({ seq: 2 ** 32 - 2, msg: "ünïcödé 😀" })) }, { seq: 2 ** 32 - 1, msg: "ünïcödé 😀" });
  });

  it("unary: answers in another order than the requests", async () => {
    const gates = [gate(), gate(), gate()];
    await using both = await pair((server) =>
      server.service(Streaming, {
        async echo({ seq }) {
          await gates[seq]?.promise;
          return { seq };
        },
      }),
    );
    const order: number[] = [];
    const calls = [0, 1, 2].map(async (seq) => order.push((await both.client.service(Streaming).echo({ seq })).seq));
    for (const at of [1, 2, 0]) {
      gates[at]?.open();
      await calls[at];
    }
    assert.deepEqual(order, [1, 2, 0]);
  });

  it("sync handlers of every kind", async () => {
    await using both = await pair((server) =>
      server.service(Peer, {
        fail: ({ seq }) => ({ seq: seq + 1 }),
        count: ({ seq }) => Array.from({ length: seq }, (_, at) => ({ seq: at })),
        collect: () => ({ seq: 99 }),
        echo2: () => new Set([{ seq: 1 }, { seq: 2 }]),
      }),
    );
    const peer = both.client.service(Peer);
    assert.equal((await peer.fail({ seq: 1 })).seq, 2);
    assert.deepEqual(
      (await collect(peer.count({ seq: 3 }))).map(({ seq }) => seq),
      [0, 1, 2],
    );
    assert.equal((await peer.collect([])).seq, 99);
    assert.deepEqual(
      (await collect(peer.echo2([]))).map(({ seq }) => seq),
      [1, 2],
    );
  });

  it("handlers of a class keep their `this`", async () => {
    class Counting {
      calls = 0;
      fail(): { seq: number } {
        return { seq: ++this.calls };
      }
    }
    const counting = new Counting();
    await using both = await pair((server) => server.service(Peer, counting));
    const { fail, count } = both.client.service(Peer);
    await fail({});
    assert.equal((await fail({})).seq, 2);
    assert.deepEqual(await failure(count({}).recv()), [Code.Unimplemented, "method Count"]);
  });

  it("sources: arrays, sets, generators, async generators, empty ones", async () => {
    await using both = await pair();
    const { sumStream, echoStream } = both.client.service(Streaming);
    function* parts() {
      yield { add: 1 };
      yield { add: 2 };
    }
    async function* later() {
      for (const part of parts()) {
        await new Promise((resolve) => setImmediate(resolve));
        yield part;
      }
    }
    for (const source of [[{ add: 1 }, { add: 2 }], new Set([{ add: 1 }, { add: 2 }]), parts(), later()]) {
      assert.deepEqual({ ...(await sumStream(source)) }, { sum: 3, num: 2 });
    }
    assert.equal((await sumStream([])).num, 0);
    assert.deepEqual(await collect(echoStream([])), []);
    async function* words() {
      for (const msg of ["a", "b"]) yield { msg };
    }
    assert.deepEqual(
      (await collect(echoStream(words(), { metadata: { a: "b" } }))).map(({ msg }) => msg),
      ["a", "b"],
    );
  });

  it("handles: send, closeSend, recv; the end is undefined, again and again", async () => {
    await using both = await pair();
    const chat = both.client.service(Streaming).echoStream();
    for (let seq = 0; seq < 5; seq++) {
      await chat.send({ seq });
      assert.equal((await chat.recv())?.seq, seq + 1);
    }
    await chat.closeSend();
    assert.deepEqual([await chat.recv(), await chat.recv()], [undefined, undefined]);
    const upload = both.client.service(Streaming).sumStream({ timeoutMs: 60_000 });
    for (let add = 1; add <= 4; add++) await upload.send({ add });
    assert.deepEqual({ ...(await upload.closeAndRecv()) }, { sum: 10, num: 4 });
    assert.equal(both.client.stats().active, 0);
  });

  it("two streams and unary calls interleave on one connection", async () => {
    await using both = await pair();
    const { echoStream, echo } = both.client.service(Streaming);
    const [one, two] = [echoStream(), echoStream()];
    for (let seq = 0; seq < 20; seq++) {
      await one.send({ seq });
      await two.send({ seq: seq + 1000 });
      assert.equal((await echo({ seq })).seq, seq + 1);
      assert.equal((await two.recv())?.seq, seq + 1001);
      assert.equal((await one.recv())?.seq, seq + 1);
    }
    await Promise.all([one.closeSend(), two.closeSend()]);
    assert.deepEqual([await one.recv(), await two.recv()], [undefined, undefined]);
  });

  it("one message sent ten times at once, in order, from many senders", async () => {
    await using both = await pair();
    const chat = both.client.service(Streaming).echoStream();
    await Promise.all(Array.from({ length: 200 }, (_, seq) => chat.send({ seq })));
    await chat.closeSend();
    assert.deepEqual(
      (await collect(chat)).map(({ seq }) => seq),
      Array.from({ length: 200 }, (_, seq) => seq + 1),
    );
  });

  it("closeSend is idempotent; send after it is refused", async () => {
    await using both = await pair();
    const chat = both.client.service(Streaming).echoStream();
    await chat.closeSend();
    await chat.closeSend();
    assert.equal(both.client.stats().framesSent, 2);
    const error = await rejection(chat.send({ seq: 1 }));
    assert.ok(error instanceof StreamClosedError);
    assert.deepEqual([error.code, error.message], [Code.FailedPrecondition, "ttrpc: stream closed"]);
    assert.equal(await chat.recv(), undefined);
    await chat.closeSend();
  });

  it("one reader at a time", async () => {
    await using both = await pair();
    const { count } = both.client.service(Peer);
    const iterated = count({ seq: 3 });
    const iterator = iterated[Symbol.asyncIterator]();
    assert.match(String(await rejection(iterated.recv())), /^Error: recv\(\) on a stream that is being iterated: use one or the other$/);
    assert.throws(() => iterated[Symbol.asyncIterator](), { message: "the stream is being iterated already" });
    assert.equal((await iterator.next()).done, false);
    const received = count({ seq: 3 });
    await received.recv();
    assert.throws(() => received[Symbol.asyncIterator](), { message: "iterating a stream that recv() is used on: use one or the other" });
  });

  it("several next() at once are answered in order, and return() ends those that wait", async () => {
    await using both = await pair();
    const chat = both.client.service(Streaming).echoStream();
    const iterator = chat[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next(), iterator.next()];
    await chat.send({ seq: 10 });
    await chat.send({ seq: 20 });
    assert.equal(await seqOf(waiting[0]), 11);
    assert.equal(await seqOf(waiting[1]), 21);
    assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
    assert.deepEqual(await waiting[2], { done: true, value: undefined });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it("several recv() at once are answered in order", async () => {
    await using both = await pair();
    const chat = both.client.service(Streaming).echoStream();
    const waiting = [chat.recv(), chat.recv(), chat.recv()];
    await chat.send({ seq: 1 });
    await chat.send({ seq: 2 });
    await chat.closeSend();
    assert.deepEqual(
      (await Promise.all(waiting)).map((message) => message?.seq),
      [2, 3, undefined],
    );
  });

  it("client.call and client.newStream, for every kind", async () => {
    await using both = await pair();
    const { client } = both;
    const { fail, count, collect: collecting, echo2 } = Peer.methods;
    assert.equal((await client.call(Peer.typeName, fail, { msg: "unary" })).msg, "unary");
    const streams = [
      [client.newStream(Peer.typeName, fail), [{ msg: "one" }], [{ msg: "one" }]],
      [client.newStream(Peer.typeName, count), [{ seq: 2, msg: "x" }], [{ msg: "x" }, { seq: 1, msg: "x" }]],
      [client.newStream(Peer.typeName, collecting), [{ msg: "12" }, { msg: "345" }], [{ seq: 2, msg: "5" }]],
      [client.newStream(Peer.typeName, echo2, { timeoutMs: 60_000 }), [{ seq: 1 }, { seq: 2 }], [{ seq: 2 }, { seq: 3 }]],
    ] as readonly (readonly [BidiStream<Partial<EchoPayload>, EchoPayload>, Partial<EchoPayload>[], Partial<EchoPayload>[]])[];
    for (const [stream, requests, responses] of streams) {
      for (const request of requests) await stream.send(request);
      await stream.closeSend();
      const got = (await collect(stream)).map(({ seq, msg }) => ({ seq, msg }));
      assert.deepEqual(
        got,
        responses.map(({ seq = 0, msg = "" }) => ({ seq, msg })),
      );
    }
    assert.equal(client.stats().active, 0);
  });
});
