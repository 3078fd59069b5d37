// What our client sends, byte by byte: all kinds of call, flags, ids, timeout, metadata.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code } from "ttrpc";
import { bytes, DATA, dataHex, echo, frame, hexOf, reply, REQUEST, request, RESPONSE, takeTimeout } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, onEachLink, rawServer } from "./links.js";

const SERVICE = Peer.typeName;
const NANOS_PER_MS = 1_000_000;

function requestHex(
  streamId: number,
  flags: number,
  method: string,
  payload: Uint8Array | string = "",
  metadata: readonly (readonly [string, string])[] = [],
): string {
  return hexOf({ streamId, type: REQUEST, flags, payload: request(SERVICE, method, { payload, metadata }) });
}

onEachLink("what our client sends", (link) => {
  it("the wire vector of a unary request", async () => {
    await using server = await rawServer(link);
    const method = { ...Streaming.methods.echo, name: "Echo" };
    void server.client.call("svc", method, { seq: 18, msg: "hi" }).catch(() => {});
    assert.equal(await server.raw.nextHex(), "00000013 00000001 01 00 0a0373766312044563686f1a06081212026869");
  });

  it("an empty message has no payload field; a call without options neither timeout nor metadata", async () => {
    await using server = await rawServer(link);
    void server.client.call("svc", Streaming.methods.echo, {}).catch(() => {});
    assert.equal(await server.raw.nextHex(), "0000000b 00000001 01 00 0a0373766312044563686f");
  });

  it("all kinds of call: flags 0, 1, 6, 6; ids 1, 3, 5, 7", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    void peer.fail({ seq: 1 }).catch(() => {});
    const count = peer.count({ seq: 2 });
    const collect = peer.collect();
    const echo2 = peer.echo2();
    assert.deepEqual(await server.raw.take(4), [
      requestHex(1, 0, "Fail", echo(1)),
      requestHex(3, 1, "Count", echo(2)),
      requestHex(5, 6, "Collect"),
      requestHex(7, 6, "Echo2"),
    ]);
    await collect.send({ seq: 5 });
    await echo2.send({ seq: 7 });
    await echo2.send({});
    await echo2.closeSend();
    await collect.closeSend();
    assert.deepEqual(await server.raw.take(5), [dataHex(5, 0, echo(5)), dataHex(7, 0, echo(7)), dataHex(7, 0), dataHex(7, 5), dataHex(5, 5)]);
    count.cancel();
  });

  it("sources: each message, then the end", async () => {
    await using server = await rawServer(link);
    const answer = server.client.service(Peer).collect([{ seq: 1 }, {}, { seq: 3, msg: "c" }]);
    assert.deepEqual(await server.raw.take(5), [
      requestHex(1, 6, "Collect"),
      dataHex(1, 0, echo(1)),
      dataHex(1, 0),
      dataHex(1, 0, echo(3, "c")),
      dataHex(1, 5),
    ]);
    await server.raw.send(frame(1, RESPONSE, 0, reply(echo(3))));
    assert.equal((await answer).seq, 3);
  });

  it("metadata, in order, keys in lower case, for unary and streams", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    const metadata = { One: ["1", "2"], two: "", three: "ünï" };
    void peer.fail({ seq: 1 }, { metadata }).catch(() => {});
    const stream = peer.echo2({
      metadata: [
        ["B", "2"],
        ["a", "1"],
        ["b", "3"],
      ],
    });
    const blank = bytes("2a05 0a03 74776f");
    const expected = Buffer.concat([
      request(SERVICE, "Fail", {
        payload: echo(1),
        metadata: [
          ["one", "1"],
          ["one", "2"],
        ],
      }),
      blank,
      request("", "", { metadata: [["three", "ünï"]] }).subarray(4),
    ]);
    assert.equal(await server.raw.nextHex(), hexOf({ streamId: 1, type: REQUEST, flags: 0, payload: expected }));
    assert.equal(
      await server.raw.nextHex(),
      requestHex(3, 6, "Echo2", "", [
        ["b", "2"],
        ["a", "1"],
        ["b", "3"],
      ]),
    );
    stream.cancel();
  });

  it("timeout_nano, before the metadata, for unary and streams; fractions are kept", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    void peer.fail({ seq: 1 }, { timeoutMs: 60_000, metadata: { a: "b" } }).catch(() => {});
    const unary = takeTimeout(await server.raw.next(), SERVICE, "Fail", echo(1));
    assert.deepEqual(unary, { nanos: 60_000 * NANOS_PER_MS, rest: "2a060a016112 0162".replace(" ", "") });
    void peer.fail({ seq: 1 }, { timeoutMs: 50_000.25 }).catch(() => {});
    assert.equal(takeTimeout(await server.raw.next(), SERVICE, "Fail", echo(1)).nanos, 50_000.25 * NANOS_PER_MS);
    // A stream's is what is left when it is sent.
    const stream = peer.echo2({ timeoutMs: 60_000 });
    const { nanos } = takeTimeout(await server.raw.next(), SERVICE, "Echo2", echo(0));
    assert.ok(nanos > 0 && nanos <= 60_000 * NANOS_PER_MS, String(nanos));
    stream.cancel();
  });

  it("a huge timeout is sent as int64 can hold it", async () => {
    await using server = await rawServer(link);
    void server.client
      .service(Peer)
      .fail({ seq: 1 }, { timeoutMs: Number.MAX_VALUE })
      .catch(() => {});
    assert.equal(takeTimeout(await server.raw.next(), SERVICE, "Fail", echo(1)).nanos, 9.2e18);
  });

  it("a request over the limit sends nothing and uses up no id", async () => {
    await using server = await rawServer(link, { maxMessageBytes: 64 });
    const peer = server.client.service(Peer);
    assert.deepEqual(await failure(peer.fail({ msg: "x".repeat(100) })), [Code.ResourceExhausted, "message of 127 bytes exceeds the 64 byte limit"]);
    const stream = peer.echo2();
    assert.equal(await server.raw.nextHex(), requestHex(1, 6, "Echo2"));
    assert.deepEqual(await failure(stream.send({ msg: "y".repeat(63) })), [Code.ResourceExhausted, "message of 65 bytes exceeds the 64 byte limit"]);
    await stream.send({ msg: "y".repeat(62) });
    assert.equal(await server.raw.nextHex(), dataHex(1, DATA - 3, echo(0, "y".repeat(62))));
    stream.cancel();
  });

  it("newStream, for every kind: the first send is the request of a method that takes one", async () => {
    await using server = await rawServer(link);
    const { client, raw } = server;
    const { fail, count, collect, echo2 } = Peer.methods;
    for (const [at, method, flags] of [
      [0, fail, 0],
      [1, count, 1],
    ] as const) {
      const stream = client.newStream(SERVICE, method);
      await stream.send({ seq: 9 });
      assert.equal(await raw.nextHex(), requestHex(at * 2 + 1, flags, method.name, echo(9)));
      await raw.send(frame(at * 2 + 1, RESPONSE, 0, reply(echo(8))));
      assert.deepEqual([(await stream.recv())?.seq, await stream.recv()], [8, undefined]);
    }
    // One that cannot be sent is refused where it is sent.
    const huge = { msg: "x".repeat(5 << 20) };
    for (const method of [fail, count]) {
      assert.deepEqual(await failure(client.newStream(SERVICE, method).send(huge)), [
        Code.ResourceExhausted,
        `message of ${(5 << 20) + 29 + method.name.length} bytes exceeds the 4194304 byte limit`,
      ]);
    }
    for (const [at, method] of [
      [2, collect],
      [3, echo2],
    ] as const) {
      const stream = client.newStream(SERVICE, method);
      await stream.send({ seq: 9 });
      await stream.closeSend();
      const streamId = at * 2 + 1;
      assert.deepEqual(await raw.take(3), [requestHex(streamId, 6, method.name), dataHex(streamId, 0, echo(9)), dataHex(streamId, 5)]);
      await raw.send(frame(streamId, RESPONSE, 0, reply(echo(8))));
      assert.deepEqual([(await stream.recv())?.seq, await stream.recv()], [8, undefined]);
    }
  });
});
