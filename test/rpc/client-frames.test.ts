// What our client makes of every kind of frame, from a server driven by hand.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, OversizedMessageError, ProtocolError } from "ttrpc";
import { bytes, DATA, dataHex, echo, frame, header, reply, RESPONSE, status } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, onEachLink, rawServer, rejection } from "./links.js";

const MAX = 4 << 20;
const OVERSIZE = `message length ${MAX + 1} exceed maximum message size of ${MAX}`;
const BROKEN = "proto: cannot parse invalid wire-format data";
const huge = Buffer.alloc(MAX + 1);

onEachLink("an answer to a unary call", (link) => {
  const wrong: readonly (readonly [title: string, frames: readonly Buffer[], code: number, text: string])[] = [
    ["a status", [frame(1, RESPONSE, 0, status(5, "nothing"))], Code.NotFound, "nothing"],
    ["a status with a code that nobody knows", [frame(1, RESPONSE, 0, status(99, "strange"))], 99, "strange"],
    ["a status beside a payload", [frame(1, RESPONSE, 0, Buffer.concat([status(5, "nothing"), reply(echo(1))]))], Code.NotFound, "nothing"],
    ["Data", [frame(1, DATA, 0, echo(1))], Code.Internal, 'unexpected "data" message received: protocol error'],
    ["a Request", [frame(1, 1, 0, echo(1))], Code.Internal, 'unexpected "request" message received: protocol error'],
    ["an unknown type", [frame(1, 9, 0, echo(1))], Code.Internal, 'unexpected "unknown" message received: protocol error'],
    ["an undecodable envelope", [frame(1, RESPONSE, 0, "ff")], Code.Internal, `ttrpc: error unmarshalling response: ${BROKEN}`],
    ["an undecodable payload", [frame(1, RESPONSE, 0, reply(bytes("12ff")))], Code.Internal, `ttrpc: error unmarshalling payload: ${BROKEN}`],
    ["a frame over the limit", [header(MAX + 1, 1, RESPONSE), huge], Code.ResourceExhausted, OVERSIZE],
  ];
  for (const [title, frames, code, text] of wrong) {
    it(`${title}: the call fails, the connection lives`, async () => {
      await using server = await rawServer(link);
      const { echo: call } = server.client.service(Streaming);
      const failed = failure(call({ seq: 1 }));
      await server.raw.next();
      await server.raw.send(...frames);
      assert.deepEqual(await failed, [code, text]);
      const next = call({ seq: 2 });
      assert.equal((await server.raw.next()).streamId, 3);
      await server.raw.send(frame(3, RESPONSE, 0, reply(echo(3))));
      assert.equal((await next).seq, 3);
      const { active, callsStarted, callsFailed } = server.client.stats();
      assert.deepEqual([active, callsStarted, callsFailed], [0, 2, 1]);
    });
  }

  const good: readonly (readonly [title: string, payload: Buffer | string, seq: number])[] = [
    ["zero length: an empty message", "", 0],
    ["an empty status, as Rust sends it", Buffer.concat([bytes("0a00"), reply(echo(7))]), 7],
    ["status code 0", Buffer.concat([bytes("0a02 0800"), reply(echo(7))]), 7],
    ["unknown fields", Buffer.concat([bytes("7a0161 7801"), reply(echo(7))]), 7],
    ["the payload first, the status behind", Buffer.concat([reply(echo(7)), bytes("0a00")]), 7],
  ];
  for (const [title, payload, seq] of good) {
    it(title, async () => {
      await using server = await rawServer(link);
      const answer = server.client.service(Streaming).echo({ seq: 1 });
      await server.raw.next();
      await server.raw.send(frame(1, RESPONSE, 0, payload));
      assert.equal((await answer).seq, seq);
    });
  }

  it("the classes: ProtocolError, OversizedMessageError with both numbers", async () => {
    await using server = await rawServer(link, { maxMessageBytes: 40 });
    const { echo: call } = server.client.service(Streaming);
    const first = rejection(call({ seq: 1 }));
    assert.ok((await first) instanceof OversizedMessageError, "the request itself is over 40 bytes");
    await using roomy = await rawServer(link, { maxMessageBytes: 100 });
    const roomyCall = roomy.client.service(Streaming).echo;
    const failures = [rejection(roomyCall({ seq: 1 })), rejection(roomyCall({ seq: 1 }))];
    await roomy.raw.take(2);
    await roomy.raw.send(frame(1, DATA), header(101, 3, RESPONSE), Buffer.alloc(101));
    const [protocol, oversize] = await Promise.all(failures);
    assert.ok(protocol instanceof ProtocolError);
    assert.ok(oversize instanceof OversizedMessageError);
    assert.deepEqual([oversize.rejectedBytes, oversize.maximumBytes], [101, 100]);
  });

  it("frames of ids that nobody waits for are dropped", async () => {
    await using server = await rawServer(link);
    const { echo: call } = server.client.service(Streaming);
    const answer = call({ seq: 1 });
    await server.raw.next();
    await server.raw.send(
      frame(2, RESPONSE, 0, reply(echo(9))),
      frame(77, RESPONSE, 0, "ff"),
      frame(0, DATA),
      frame(5, 9),
      header(MAX + 1, 9, DATA),
      huge,
      frame(1, RESPONSE, 0, reply(echo(2))),
      frame(1, RESPONSE, 0, reply(echo(3))),
      frame(1, DATA, 0, echo(4)),
    );
    assert.equal((await answer).seq, 2);
    const next = call({ seq: 5 });
    await server.raw.next();
    await server.raw.send(frame(3, RESPONSE, 0, reply(echo(6))));
    assert.equal((await next).seq, 6);
    assert.equal(server.client.stats().framesReceived, 9);
  });
});

onEachLink("an answer to a stream", (link) => {
  it("Data 0x01 with a payload: the message, then the end", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 1, echo(7)));
    assert.equal((await stream.recv())?.seq, 7);
    assert.equal(await stream.recv(), undefined);
    assert.equal(await stream.recv(), undefined);
    assert.equal(server.client.stats().active, 0);
  });

  it("Data 0x01 of length zero is an empty message and the end; 0x05 is the end alone", async () => {
    await using server = await rawServer(link);
    const { echo2 } = server.client.service(Peer);
    const [first, second] = [echo2(), echo2()];
    await server.raw.take(2);
    await server.raw.send(frame(1, DATA, 1), frame(3, DATA, 5, "ff"));
    assert.deepEqual({ ...(await first.recv()) }, { seq: 0, msg: "" });
    assert.equal(await first.recv(), undefined);
    assert.equal(await second.recv(), undefined);
  });

  it("Response OK: its message once, then the end", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 0, echo(1)), frame(1, RESPONSE, 0, reply(echo(2))), frame(1, DATA, 0, echo(3)));
    assert.deepEqual([(await stream.recv())?.seq, (await stream.recv())?.seq, await stream.recv()], [1, 2, undefined]);
  });

  it("Response error after messages: the messages, then the same error each time", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Peer).echo2();
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 0, echo(1)), frame(1, RESPONSE, 0, status(9, "not now")));
    assert.equal((await stream.recv())?.seq, 1);
    const first = await rejection(stream.recv());
    assert.deepEqual(await failure(stream.recv()), [9, "not now"]);
    assert.equal(await rejection(stream.recv()), first);
    assert.equal(await rejection(stream.send({ seq: 1 })), first);
    assert.equal(server.client.stats().active, 0);
  });

  it("a client stream answered with Data: a protocol error", async () => {
    await using server = await rawServer(link);
    const sum = failure(server.client.service(Streaming).sumStream([{ add: 1 }]));
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 0, echo(1)));
    assert.deepEqual(await sum, [Code.Internal, "received data from non-streaming server: protocol error"]);
  });

  it("an undecodable message, a frame of another type, a message over the limit: that stream fails, its peer gets the end", async () => {
    const cases: readonly (readonly [Buffer[], number, string])[] = [
      [[frame(1, DATA, 0, "12ff")], Code.Internal, `ttrpc: error unmarshalling payload: ${BROKEN}`],
      [[frame(1, 9, 0, "12ff")], Code.Internal, 'unexpected "unknown" message received: protocol error'],
      [[header(MAX + 1, 1, DATA), huge], Code.ResourceExhausted, OVERSIZE],
    ];
    for (const [frames, code, text] of cases) {
      await using server = await rawServer(link);
      const stream = server.client.service(Peer).echo2();
      await server.raw.next();
      await server.raw.send(...frames);
      assert.deepEqual(await failure(stream.recv()), [code, text]);
      assert.equal(await server.raw.nextHex(), dataHex(1, 5));
      const next = server.client.service(Streaming).echo({ seq: 1 });
      await server.raw.next();
      await server.raw.send(frame(3, RESPONSE, 0, reply(echo(2))));
      assert.equal((await next).seq, 2);
      assert.equal(server.client.stats().active, 0);
    }
  });

  it("a client stream's reply is given once: who asks again is told that there is none", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Streaming).sumStream();
    await server.raw.next();
    await server.raw.send(frame(1, RESPONSE, 0, reply(bytes("1002"))));
    assert.deepEqual({ ...(await stream.closeAndRecv()) }, { sum: 0, num: 2 });
    const error = await rejection(stream.closeAndRecv());
    assert.ok(error instanceof ProtocolError);
    assert.deepEqual([error.code, error.message], [Code.Internal, `${Streaming.typeName}/SumStream ended without a response: protocol error`]);
  });

  it("a client stream that ends without a response: a protocol error", async () => {
    await using server = await rawServer(link);
    const stream = server.client.service(Streaming).sumStream();
    await server.raw.next();
    await server.raw.send(frame(1, DATA, 5));
    const [code, text] = await failure(stream.closeAndRecv());
    assert.deepEqual([code, text], [Code.Internal, "received data from non-streaming server: protocol error"]);
  });
});
