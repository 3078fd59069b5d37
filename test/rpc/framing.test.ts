// Where the cuts between reads fall makes no difference: split headers, many frames in one write, one in many.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ClosedError, connect } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { DATA, echo, FakeServer, frame, header, type RawPeer, reply, replyHex, REQUEST, request, RESPONSE, statusHex } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, onEachLink, rawClient, rawServer } from "./links.js";

const SERVICE = Streaming.typeName;
const HEADER_BYTES = 10;

const echoFrame = (streamId: number, seq: number, msg = ""): Buffer => frame(streamId, REQUEST, 0, request(SERVICE, "Echo", { payload: echo(seq, msg) }));

/** Makes sure that what was sent has been read on its own: the answer to a frame before it is awaited, then a turn. */
async function apart(raw: RawPeer, first: Buffer, second: Buffer): Promise<void> {
  await raw.send(first);
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  await raw.send(second);
}

onEachLink("frames to our server", (link) => {
  it("a header split after each of its bytes", async () => {
    await using client = await rawClient(link, register);
    for (let cut = 1; cut <= HEADER_BYTES; cut++) {
      const streamId = cut * 2 + 1;
      const bytes = echoFrame(streamId, cut);
      await apart(client.raw, bytes.subarray(0, cut), bytes.subarray(cut));
      assert.equal(await client.raw.nextHex(), replyHex(streamId, echo(cut + 1)));
    }
  });

  it("a header of its own, an empty payload", async () => {
    await using client = await rawClient(link, register);
    await apart(client.raw, frame(1, REQUEST).subarray(0, 9), frame(1, REQUEST).subarray(9));
    assert.equal(await client.raw.nextHex(), statusHex(1, 12, "service "));
  });

  it("two frames in one write, and one and a half", async () => {
    await using client = await rawClient(link, register);
    await client.raw.send(echoFrame(1, 1), echoFrame(3, 3));
    assert.deepEqual(await client.raw.take(2), [replyHex(1, echo(2)), replyHex(3, echo(4))]);
    const half = echoFrame(7, 7, "half");
    await apart(client.raw, Buffer.concat([echoFrame(5, 5), half.subarray(0, 20)]), half.subarray(20));
    assert.deepEqual(await client.raw.take(2), [replyHex(5, echo(6)), replyHex(7, echo(8, "half"))]);
  });

  it("one frame in many writes", async () => {
    await using client = await rawClient(link, register);
    const bytes = echoFrame(1, 1, "in pieces");
    for (const byte of bytes) await client.raw.send(Buffer.of(byte));
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2, "in pieces")));
  });

  it("a large frame in pieces, a small one behind its last byte", async () => {
    await using client = await rawClient(link, register);
    const text = "z".repeat(300_000);
    const bytes = Buffer.concat([echoFrame(1, 1, text), echoFrame(3, 3)]);
    for (let at = 0; at < bytes.length; at += 70_001) await client.raw.send(bytes.subarray(at, at + 70_001));
    assert.deepEqual(await client.raw.take(2), [replyHex(1, echo(2, text)), replyHex(3, echo(4))]);
  });

  it("an oversize frame in pieces, with the next frame in its last", async () => {
    await using client = await rawClient(link, register, { maxMessageBytes: 100 });
    const payload = Buffer.alloc(100_000, 0x01);
    await apart(
      client.raw,
      Buffer.concat([header(payload.length, 1, REQUEST), payload.subarray(0, 50_000)]),
      Buffer.concat([payload.subarray(50_000), echoFrame(3, 3)]),
    );
    assert.deepEqual(await client.raw.take(2), [statusHex(1, 8, "message length 100000 exceed maximum message size of 100"), replyHex(3, echo(4))]);
  });

  it("5000 requests in one write are answered in order", async () => {
    await using client = await rawClient(link, register);
    const count = 5_000;
    const frames = Array.from({ length: count }, (_, at) => echoFrame(at * 2 + 1, at));
    void client.raw.send(...frames);
    assert.deepEqual(
      await client.raw.take(count),
      Array.from({ length: count }, (_, at) => replyHex(at * 2 + 1, echo(at + 1))),
    );
  });
});

onEachLink("a client that ends its side behind its request", (link) => {
  it("is answered by a handler that answers at once; then the connection ends", async () => {
    await using client = await rawClient(link, register);
    client.raw.stream.end(Buffer.concat([echoFrame(1, 1), echoFrame(3, 3, "last")]));
    assert.deepEqual(await client.raw.take(2), [replyHex(1, echo(2)), replyHex(3, echo(4, "last"))]);
    await client.raw.ended;
  });
});

onEachLink("frames to our client", (link) => {
  it("a header split after each of its bytes", async () => {
    await using server = await rawServer(link);
    const { echo: call } = server.client.service(Streaming);
    for (let cut = 1; cut <= HEADER_BYTES; cut++) {
      const answer = call({ seq: cut });
      const { streamId } = await server.raw.next();
      const bytes = frame(streamId, RESPONSE, 0, reply(echo(cut + 1)));
      await apart(server.raw, bytes.subarray(0, cut), bytes.subarray(cut));
      assert.equal((await answer).seq, cut + 1);
    }
  });

  it("two replies in one write, in the other order; then one byte by byte", async () => {
    await using server = await rawServer(link);
    const { echo: call } = server.client.service(Streaming);
    const answers = [call({ seq: 1 }), call({ seq: 3 })];
    await server.raw.take(2);
    await server.raw.send(frame(3, RESPONSE, 0, reply(echo(33))), frame(1, RESPONSE, 0, reply(echo(11))));
    assert.deepEqual(
      (await Promise.all(answers)).map(({ seq }) => seq),
      [11, 33],
    );
    const slow = call({ seq: 5 });
    await server.raw.next();
    for (const byte of frame(5, RESPONSE, 0, reply(echo(55, "slow")))) await server.raw.send(Buffer.of(byte));
    assert.deepEqual({ ...(await slow) }, { seq: 55, msg: "slow" });
  });

  it("a stream's messages and its end in one write", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).count({ seq: 2 });
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 0, echo(1)), frame(1, DATA, 0, echo(2)), frame(1, DATA, 5));
    assert.deepEqual([(await stream.recv())?.seq, (await stream.recv())?.seq, await stream.recv()], [1, 2, undefined]);
  });
});

onEachChannel("replies and the end of a connection", (channel) => {
  it("a reply that came before the end is delivered: 300 connections, none lost", async () => {
    await using fake = await FakeServer.listen(freePath());
    for (let round = 0; round < 300; round++) {
      const client = await connect(fake.address, { channel });
      const raw = await fake.accept();
      const answer = client.service(Streaming).echo({ seq: round });
      const stream = client.service(Peer).count({ seq: 1 });
      await raw.take(2);
      raw.stream.end(Buffer.concat([frame(3, DATA, 1, echo(round)), frame(1, RESPONSE, 0, reply(echo(round + 1)))]));
      assert.equal((await answer).seq, round + 1);
      assert.deepEqual([(await stream.recv())?.seq ?? 0, await stream.recv()], [round, undefined]);
      assert.equal(await client.closed, undefined);
      raw.close();
    }
  });

  it("the server's end in the middle of a frame: calls end as closed, and the reason says why", async () => {
    for (const bytes of [
      header(5, 1, RESPONSE).subarray(0, 4),
      frame(1, RESPONSE, 0, reply(echo(1))).subarray(0, 12),
      header(100_000, 1, RESPONSE),
      Buffer.concat([header(5_000_000, 99, DATA), Buffer.alloc(9)]),
    ]) {
      await using server = await rawServer(channel);
      const answer = failure(server.client.service(Streaming).echo({ seq: 1 }));
      await server.raw.next();
      server.raw.stream.end(bytes);
      assert.deepEqual(await answer, [14, "ttrpc: closed"]);
      const reason = await server.client.closed;
      assert.ok(reason instanceof ClosedError);
      assert.equal((reason.cause as Error).message, "the peer hung up in the middle of a frame");
    }
  });

  it("a client's end in the middle of a frame ends its connection alone", async () => {
    await using client = await rawClient(channel, register);
    const other = await client.another();
    await client.raw.send(echoFrame(1, 1).subarray(0, 15));
    client.raw.halfClose();
    await client.raw.ended;
    assert.deepEqual(client.raw.unread, []);
    await other.send(echoFrame(1, 1));
    assert.equal(await other.nextHex(), replyHex(1, echo(2)));
  });
});

onEachLink("a length out of all proportion", (link) => {
  it("ends the connection where the server is told so, and only above the limit", async () => {
    await using client = await rawClient(link, register, { maxDiscardBytes: 0xffffff });
    await client.raw.send(header(0xffffff, 1, REQUEST), Buffer.alloc(0xffffff));
    assert.equal(await client.raw.nextHex(), statusHex(1, 8, "message length 16777215 exceed maximum message size of 4194304"));
    await client.raw.send(header(0x1000000, 3, REQUEST));
    await client.raw.ended;
  });

  it("ends the client's connection with the reason", async () => {
    await using server = await rawServer(link, { maxDiscardBytes: 0xffffff });
    const call = failure(server.client.service(Streaming).echo({ seq: 1 }));
    await server.raw.next();
    await server.raw.send(header(0x1000000, 1, RESPONSE));
    assert.deepEqual(await call, [14, "ttrpc: closed"]);
    const reason = await server.client.closed;
    assert.ok(reason?.cause instanceof Error);
    assert.equal(reason.cause.message, "a frame of 16777216 bytes exceeds the 16777215 bytes that are discarded: protocol error");
  });
});

onEachLink("a call on a connection that is gone", (link) => {
  it("says whether its request can have left", async () => {
    await using server = await rawServer(link);
    const { echo: call } = server.client.service(Streaming);
    const sent = call({ seq: 1 });
    await server.raw.next();
    server.raw.close();
    await assert.rejects(sent, (error) => error instanceof ClosedError && !error.unsent);
    await server.client.closed;
    await assert.rejects(call({ seq: 2 }), (error) => error instanceof ClosedError && error.unsent);
  });
});

// In memory, what waits is taken by the end itself.
onEachChannel("a call that waits for a peer that does not read, and is gone then", (channel) => {
  it("says that its request has not left", async () => {
    await using server = await rawServer(channel);
    server.raw.stopReading();
    const { fail, echo2 } = server.client.service(Peer);
    const unsent = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error instanceof ClosedError && error.unsent);
    const calls = [unsent(fail({ msg: "x".repeat(3 << 20) })), unsent(fail({})), unsent(echo2().recv()), unsent(echo2([{}]).recv())];
    server.raw.close();
    assert.deepEqual(await Promise.all(calls), [false, true, true, true]);
  });
});
