// Nobody's memory grows because somebody does not read: streams, senders, and replies that a peer leaves lying.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, type ReceiveStream, StreamFullError } from "ttrpc";
import { register } from "../support/implementations.js";
import { DATA, echo, frame, replyHex, REQUEST, request, RESPONSE, reply, statusHex } from "../support/raw.js";
import { type EchoPayload, Peer, Streaming } from "../support/services.js";
import { collect, failure, gate, onEachLink, pairOver, rawClient, rawServer, rejection, until } from "./links.js";

const KIB = 1 << 10;
const MIB = 1 << 20;
/** What may wait for one connection beside its own limits: the kernel's buffers, one read, one turn of writing. */
const SLACK_BYTES = 4 * MIB;

/** Waits until `value` has not changed for some turns of the event loop and some milliseconds: whoever could go on, has. */
async function settled(value: () => number): Promise<number> {
  for (let last = value(), calm = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = value();
    calm = now === last ? calm + 1 : 0;
    if (calm === 10) return now;
    last = now;
  }
}

onEachLink("a stream of responses that nobody reads", (link) => {
  const MESSAGES = 40_000;
  const MESSAGE_BYTES = KIB;
  const text = "m".repeat(MESSAGE_BYTES);

  it("is bounded: the socket is paused, the server waits", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { streamBufferBytes: 64 * KIB, streamStallMs: 600_000 });
    const stream = both.client.service(Peer).count({ seq: MESSAGES, msg: text });
    await until(() => both.server.stats().queuedBytes > 0, "the server's queue");
    const received = await settled(() => both.client.stats().bytesReceived);
    assert.ok(received < SLACK_BYTES, `${received} bytes received`);
    assert.ok(both.server.stats().bytesSent < 2 * SLACK_BYTES, `${both.server.stats().bytesSent} bytes sent`);
    // Reading goes on where it stopped: none is lost.
    let next = 0;
    for await (const { seq } of stream) assert.equal(seq, next++);
    assert.equal(next, MESSAGES);
  });

  it("fails after streamStallMs, alone: what had come is delivered, other calls go on", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { streamBufferBytes: 64 * KIB, streamStallMs: 100 });
    const stream = both.client.service(Peer).count({ seq: MESSAGES, msg: text });
    const other = both.client.service(Peer).echo2();
    await other.send({ seq: 1 });
    assert.equal((await other.recv())?.seq, 2);
    assert.equal((await both.client.service(Streaming).echo({ seq: 1 })).seq, 2);
    await until(() => both.client.stats().callsFailed === 1, "the failure");
    let next = 0;
    let error: unknown;
    while (error === undefined) {
      try {
        assert.equal((await stream.recv())?.seq, next);
        next++;
      } catch (reason) {
        error = reason;
      }
    }
    assert.ok(error instanceof StreamFullError, String(error));
    assert.deepEqual([error.code, error.message], [Code.ResourceExhausted, "ttrpc: stream buffer full"]);
    assert.ok(next >= 64 && next < MESSAGES, `${next} messages`);
    assert.equal(await rejection(stream.recv()), error);
    await other.send({ seq: 3 });
    assert.equal((await other.recv())?.seq, 4);
    other.cancel();
  });

  it("a slow reader is slow, not dead", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { streamBufferBytes: 8 * KIB, streamStallMs: 600 });
    const stream = both.client.service(Peer).count({ seq: 300, msg: text });
    // Longer in all than the limit, with far less between two messages.
    for (let seq = 0; seq < 30; seq++) {
      assert.equal((await stream.recv())?.seq, seq);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    for (let seq = 30; seq < 300; seq++) assert.equal((await stream.recv())?.seq, seq);
    assert.equal(await stream.recv(), undefined);
  });

  it("cancelling it lets the socket go on", async () => {
    await using both = await pairOver(link, (server) => void register(server), {}, { streamBufferBytes: 64 * KIB, streamStallMs: 600_000 });
    const stream = both.client.service(Peer).count({ seq: MESSAGES, msg: text });
    await until(() => both.server.stats().queuedBytes > 0, "the server's queue");
    stream.cancel();
    assert.equal((await both.client.service(Streaming).echo({ seq: 1 })).seq, 2);
  });
});

onEachLink("a stream of requests that its handler does not read", (link) => {
  it("fails after streamStallMs with Go's text; other calls go on; the handler finds out when it reads", async () => {
    const requests = gate<ReceiveStream<EchoPayload>>();
    const done = gate();
    await using client = await rawClient(
      link,
      (server) =>
        server.service(Streaming, {
          echo: ({ seq }) => ({ seq: seq + 1 }),
          async *echoStream(stream) {
            requests.open(stream);
            await done.promise;
          },
        }),
      { streamBufferBytes: 10 * KIB, streamStallMs: 100 },
    );
    const message = echo(7, "q".repeat(KIB));
    await client.raw.send(frame(1, REQUEST, 2, request(Streaming.typeName, "EchoStream")), ...Array.from({ length: 20 }, () => frame(1, DATA, 0, message)));
    assert.equal(await client.raw.nextHex(), statusHex(1, 3, "data handling error: ttrpc: stream buffer full"));
    await client.raw.send(frame(3, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(1) })));
    assert.equal(await client.raw.nextHex(), replyHex(3, echo(2)));
    await client.raw.send(frame(1, DATA, 0, message));
    assert.equal(await client.raw.nextHex(), statusHex(1, 3, "StreamID is no longer active"));
    const stream = await requests.promise;
    const seen: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const { seq } of stream) seen.push(seq);
      })(),
    );
    assert.ok(error instanceof StreamFullError, String(error));
    assert.ok(seen.length >= 9 && seen.length <= 20, String(seen.length));
    done.open();
    await until(() => client.server.stats().active === 0, "the end of the handler");
    assert.deepEqual(client.raw.unread, []);
  });

  it("is bounded while it waits: the client's send() does", async () => {
    const requests = gate<ReceiveStream<EchoPayload>>();
    await using both = await pairOver(
      link,
      (server) =>
        server.service(Peer, {
          async collect(stream) {
            requests.open(stream);
            await release.promise;
            return { seq: (await collect(stream)).length };
          },
        }),
      { streamBufferBytes: 64 * KIB, streamStallMs: 600_000 },
    );
    const release = gate();
    const upload = both.client.service(Peer).collect();
    const total = 400;
    let accepted = 0;
    const sending = (async () => {
      for (; accepted < total; accepted++) await upload.send({ msg: "x".repeat(100 * KIB) });
    })();
    await requests.promise;
    const before = await settled(() => accepted);
    assert.ok(before < 200, `${before} messages accepted`);
    assert.ok(both.client.stats().queuedBytes < 2 * MIB, `${both.client.stats().queuedBytes} bytes queued`);
    release.open();
    await sending;
    assert.equal((await upload.closeAndRecv()).seq, total);
  });
});

onEachLink("a peer that does not read", (link) => {
  it("holds up send() above the high-water mark, until it reads", async () => {
    await using server = await rawServer(link);
    server.raw.stopReading();
    const stream = server.client.service(Peer).echo2();
    let sent = 0;
    const sending = (async () => {
      for (; sent < 100; sent++) await stream.send({ msg: "x".repeat(256 * KIB) });
    })();
    const before = await settled(() => sent);
    assert.ok(before > 0 && before < 20, `${before} messages accepted`);
    const { queuedBytes } = server.client.stats();
    assert.ok(queuedBytes > MIB && queuedBytes < 2 * MIB, `${queuedBytes} bytes queued`);
    server.raw.startReading();
    await sending;
    for (let frames = 0; frames < 101; frames++) await server.raw.next();
    stream.cancel();
  });

  it("whose stream ends meanwhile: send() that waits is refused", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    await server.raw.next();
    server.raw.stopReading();
    const first = stream.send({ msg: "x".repeat(3 * MIB) });
    await server.raw.send(frame(1, RESPONSE, 0, "0a0408051200"));
    assert.deepEqual(await failure(first), [Code.NotFound, ""]);
  });

  it("leaves its replies lying: no further requests are taken until it reads", async () => {
    let started = 0;
    await using client = await rawClient(link, (server) =>
      server.service(Peer, {
        blob: ({ seq }) => {
          started++;
          return { msg: "b".repeat(seq) };
        },
      }),
    );
    client.raw.stopReading();
    const total = 2_000;
    const padding = "p".repeat(2 * KIB);
    const frames = Array.from({ length: total }, (_, at) =>
      frame(at * 2 + 1, REQUEST, 0, request(Peer.typeName, "Blob", { payload: echo(100 * KIB, padding) })),
    );
    for (const bytes of frames) void client.raw.send(bytes);
    await until(() => started > 0, "the first request");
    const before = await settled(() => started);
    // One read's worth of requests may be answered before the queue is looked at.
    assert.ok(before < total / 2, `${before} requests taken`);
    client.raw.startReading();
    const wanted = replyHex(1, echo(0, "b".repeat(100 * KIB)));
    assert.equal(await client.raw.nextHex(), wanted);
    for (let frames = 1; frames < total; frames++) assert.equal((await client.raw.next()).streamId, frames * 2 + 1);
    assert.equal(started, total);
  });

  it("holds up a handler's stream, and nobody else's", async () => {
    let made = 0;
    await using client = await rawClient(link, (server) =>
      server.service(Peer, {
        *count() {
          for (; made < 1_000; made++) yield { msg: "b".repeat(100 * KIB) };
        },
        fail: ({ seq }) => ({ seq }),
      }),
    );
    const other = await client.another();
    client.raw.stopReading();
    await client.raw.send(frame(1, REQUEST, 1, request(Peer.typeName, "Count")));
    await until(() => made > 0, "the first message");
    const before = await settled(() => made);
    assert.ok(before < 500, `${before} messages made`);
    assert.ok(client.server.stats().queuedBytes < SLACK_BYTES);
    await other.send(frame(1, REQUEST, 0, request(Peer.typeName, "Fail", { payload: echo(5) })));
    assert.equal((await other.next()).payload.toString("hex"), reply(echo(5)).toString("hex"));
    client.raw.startReading();
    for (let frames = 0; frames <= 1_000; frames++) assert.equal((await client.raw.next()).type, DATA);
    await until(() => client.server.stats().active === 0, "the end of the stream");
  });

  it("and hangs up: the handler's stream ends", async () => {
    let ended = 0;
    await using client = await rawClient(link, (server) =>
      server.service(Peer, {
        async *count() {
          try {
            for (;;) yield { msg: "b".repeat(100 * KIB) };
          } finally {
            ended++;
          }
        },
      }),
    );
    client.raw.stopReading();
    await client.raw.send(frame(1, REQUEST, 1, request(Peer.typeName, "Count")));
    await until(() => client.server.stats().queuedBytes > 0, "the server's queue");
    client.raw.close();
    await until(() => client.server.stats().connections === 0, "the end of the connection");
    await until(() => ended === 1, "the end of the generator");
  });
});
