// Deadlines: of one call, by default, of the server; what is sent, who answers, and what waits under them.
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type HandlerContext, TtrpcError } from "ttrpc";
import { register } from "../support/implementations.js";
import { dataHex, echo, frame, reply, RESPONSE, takeTimeout } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, gate, onEachLink, pairOver, rawServer, rejection } from "./links.js";

const EXPIRED = [Code.DeadlineExceeded, "context deadline exceeded"];
const MIB = 1 << 20;

onEachLink("a deadline", (link) => {
  it("passes here when nobody answers: unary and streams; a late answer is dropped", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    const timeoutMs = 30;
    assert.deepEqual(await failure(peer.fail({}, { timeoutMs })), EXPIRED);
    assert.deepEqual(await failure(peer.count({}, { timeoutMs }).recv()), EXPIRED);
    assert.deepEqual(await failure(peer.collect({ timeoutMs }).closeAndRecv()), EXPIRED);
    const chat = peer.echo2({ timeoutMs });
    assert.deepEqual(await failure(chat.recv()), EXPIRED);
    assert.deepEqual(await failure(chat.recv()), EXPIRED);
    assert.deepEqual(await failure(chat.send({})), EXPIRED);
    // Requests of four calls; the ends of the client stream, which the caller sent, and of the bidi stream, which the deadline did.
    const frames = await server.raw.take(6);
    assert.deepEqual([frames[3], frames[5]], [dataHex(5, 5), dataHex(7, 5)]);
    await server.raw.send(...[1, 3, 5, 7].map((streamId) => frame(streamId, RESPONSE, 0, reply(echo(1)))));
    const next = peer.fail({});
    await server.raw.next();
    await server.raw.send(frame(9, RESPONSE, 0, reply(echo(2))));
    assert.equal((await next).seq, 2);
    const { active, callsFailed } = server.client.stats();
    assert.deepEqual([active, callsFailed], [0, 4]);
  });

  it("messages that came before it are delivered first", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const chat = both.client.service(Peer).echo2({ timeoutMs: 500 });
    await chat.send({ seq: 1 });
    assert.equal((await chat.recv())?.seq, 2);
    assert.deepEqual(await failure(chat.recv()), EXPIRED);
  });

  it("that has passed: nothing is written", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    for (const timeoutMs of [0, -1, -Infinity]) {
      assert.deepEqual(await failure(peer.fail({}, { timeoutMs })), EXPIRED);
      assert.deepEqual(await failure(peer.count({}, { timeoutMs }).recv()), EXPIRED);
      assert.deepEqual(await failure(peer.collect([], { timeoutMs })), EXPIRED);
      const chat = peer.echo2({ timeoutMs });
      assert.deepEqual(await failure(chat.send({})), EXPIRED);
      await chat.closeSend();
      chat.cancel();
    }
    const { framesSent, active } = server.client.stats();
    assert.deepEqual([framesSent, active], [0, 0]);
  });

  it("that is no number is refused; Infinity is none, even where there is a default", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { defaultTimeoutMs: 60_000 });
    const { deadline, echo2 } = both.client.service(Peer);
    assert.deepEqual(await failure(deadline({}, { timeoutMs: Number.NaN })), [Code.InvalidArgument, "timeoutMs must be a number of milliseconds, not NaN"]);
    assert.throws(() => echo2({ timeoutMs: "5" as never }), { name: "TtrpcError", message: "timeoutMs must be a number of milliseconds, not 5" });
    assert.equal((await deadline({}, { timeoutMs: Infinity })).msg, "none");
  });

  it("by default: the call's own, else the stub's, else the client's", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { defaultTimeoutMs: 100_000 });
    const leftMs = async (defaults?: { timeoutMs: number }, options?: { timeoutMs: number | undefined }): Promise<number> =>
      Number((await both.client.service(Peer, defaults === undefined ? {} : { defaults }).deadline({}, options)).msg);
    const near = (actualMs: number, wantedMs: number): void => assert.ok(actualMs <= wantedMs && actualMs > wantedMs - 20_000, `${actualMs}, not ${wantedMs}`);
    near(await leftMs(), 100_000);
    near(await leftMs({ timeoutMs: 200_000 }), 200_000);
    near(await leftMs({ timeoutMs: 200_000 }, { timeoutMs: 300_000 }), 300_000);
    near(await leftMs(undefined, { timeoutMs: undefined }), 100_000);
  });

  it("the server shortens: maxTimeoutMs, whatever the client asks for", async () => {
    await using both = await pairOver(link, (server) => void register(server), { maxTimeoutMs: 50_000 });
    const { deadline, sleep } = both.client.service(Peer);
    for (const timeoutMs of [undefined, 100_000]) {
      const leftMs = Number((await deadline({}, { timeoutMs })).msg);
      assert.ok(leftMs <= 50_000 && leftMs > 30_000, String(leftMs));
    }
    assert.ok(Number((await deadline({}, { timeoutMs: 40_000 })).msg) <= 40_000);
    await using strict = await pairOver(link, (server) => void register(server), { maxTimeoutMs: 20 });
    assert.deepEqual(await failure(strict.client.service(Peer).sleep({ seq: 60_000 })), EXPIRED);
    assert.equal((await sleep({ seq: 1 })).seq, 1);
  });

  it("reaches the handler: its signal, with the reason; callOptions for the next call", async () => {
    const reasons: unknown[] = [];
    const contexts: HandlerContext[] = [];
    const aborted = gate();
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        fail: (_, context) => {
          contexts.push(context);
          context.signal.addEventListener("abort", () => {
            reasons.push(context.signal.reason);
            aborted.open();
          });
          return new Promise(() => {});
        },
        deadline: (_, context) => {
          const { timeoutMs = -1, signal } = context.callOptions({ timeoutMs: 1_000_000 });
          assert.equal(signal, context.signal);
          return { seq: Math.floor(timeoutMs), msg: String(context.callOptions({ timeoutMs: 5 }).timeoutMs) };
        },
      }),
    );
    const peer = both.client.service(Peer);
    assert.deepEqual(await failure(peer.fail({}, { timeoutMs: 40 })), EXPIRED);
    await aborted.promise;
    const [reason] = reasons;
    assert.ok(reason instanceof TtrpcError);
    assert.deepEqual([reason.code, reason.message], EXPIRED);
    assert.ok((contexts[0]?.timeoutMs() ?? 1) <= 0);
    const answer = await peer.deadline({}, { timeoutMs: 70_000 });
    assert.ok(answer.seq <= 70_000 && answer.seq > 50_000, String(answer.seq));
    assert.equal(answer.msg, "5");
    assert.equal((await peer.deadline({})).seq, 1_000_000);
  });

  it("beyond setTimeout's range does not fire at once", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const chat = both.client.service(Peer).echo2({ timeoutMs: 2 ** 40 });
    await chat.send({ seq: 1 });
    assert.equal((await chat.recv())?.seq, 2);
    chat.cancel();
    assert.equal((await both.client.service(Streaming).echo({ seq: 1 }, { timeoutMs: Number.MAX_VALUE })).seq, 2);
  });

  it("of many calls: each gets its own, the others live on", async () => {
    await using server = await rawServer(link);
    const { fail } = server.client.service(Peer);
    const calls = Array.from({ length: 50 }, (_, at) => failure(fail({ seq: at }, { timeoutMs: 10 + ((at * 37) % 50) })));
    const survivor = fail({ seq: 99 }, { timeoutMs: 600_000 });
    for (const call of calls) assert.deepEqual(await call, EXPIRED);
    assert.equal(server.client.stats().active, 1);
    await server.raw.take(51);
    await server.raw.send(frame(101, RESPONSE, 0, reply(echo(9))));
    assert.equal((await survivor).seq, 9);
  });
});

onEachLink("a deadline while the peer does not read", (link) => {
  it("covers the waiting; what waits is bounded and is never sent", async () => {
    await using server = await rawServer(link);
    server.raw.stopReading();
    const { fail, collect, echo2 } = server.client.service(Peer);
    const big = { msg: "x".repeat(3 * MIB) };
    const stuck = rejection(fail(big));
    const calls = Array.from({ length: 20 }, () => failure(fail(big, { timeoutMs: 150 })));
    const upload = failure(collect([big, big], { timeoutMs: 150 }));
    const chat = echo2({ timeoutMs: 150 });
    const sent = failure(chat.send(big));
    assert.ok(server.client.stats().queuedBytes <= 5 * MIB, String(server.client.stats().queuedBytes));
    for (const call of calls) assert.deepEqual(await call, EXPIRED);
    assert.deepEqual(await upload, EXPIRED);
    assert.deepEqual(await sent, EXPIRED);
    assert.deepEqual(await failure(chat.recv()), EXPIRED);
    assert.ok(server.client.stats().queuedBytes <= 5 * MIB, String(server.client.stats().queuedBytes));
    const { framesSent, active } = server.client.stats();
    assert.deepEqual([framesSent, active], [1, 1]);
    server.raw.startReading();
    assert.equal((await server.raw.next()).streamId, 1);
    void fail({}).catch(() => {});
    assert.equal((await server.raw.next()).streamId, 3);
    await server.raw.send(frame(1, RESPONSE, 0, "0a0408051200"));
    assert.equal(((await stuck) as TtrpcError).code, Code.NotFound);
  });

  it("calls that wait go out in order when the peer reads again, with what is left of their time", async () => {
    const WAIT_MS = 50;
    await using server = await rawServer(link);
    server.raw.stopReading();
    const { fail, echo2 } = server.client.service(Peer);
    void fail({ msg: "x".repeat(3 * MIB) }).catch(() => {});
    const answers = [1, 2, 3].map((seq) => fail({ seq }, { timeoutMs: 60_000 }));
    const stream = echo2({ timeoutMs: 60_000 });
    assert.equal(server.client.stats().framesSent, 1);
    await sleep(WAIT_MS);
    server.raw.startReading();
    await server.raw.next();
    const checkLeft = (nanos: number): void => assert.ok(nanos > 0 && nanos <= (60_000 - WAIT_MS + 1) * 1e6, `${nanos} ns are left`);
    for (const seq of [1, 2, 3]) {
      const waited = await server.raw.next();
      checkLeft(takeTimeout(waited, Peer.typeName, "Fail", echo(seq)).nanos);
      await server.raw.send(frame(waited.streamId, RESPONSE, 0, reply(echo(seq))));
    }
    checkLeft(takeTimeout(await server.raw.next(), Peer.typeName, "Echo2", echo(0)).nanos);
    stream.cancel();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ seq }) => seq),
      [1, 2, 3],
    );
  });
});
