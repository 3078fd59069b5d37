// What our server does with every kind of frame, as bytes: PROTOCOL.md's refusals. The connection lives after each.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Server } from "ttrpc";
import { register } from "../support/implementations.js";
import { bytes, DATA, dataHex, echo, frame, header, type RawPeer, replyHex, REQUEST, request, RESPONSE, statusHex } from "../support/raw.js";
import { Streaming } from "../support/services.js";
import { gate, type Link, onEachLink, type RawClient, rawClient } from "./links.js";

const SERVICE = "ttrpc.integration.streaming.Streaming";
const MAX = 4 << 20;
const INVALID = 3;
const UNIMPLEMENTED = 12;

const echoRequest = (seq: number): Buffer => request(SERVICE, "Echo", { payload: echo(seq, "x") });

/** Nothing else has come, and the connection lives: the next frame is the answer to a call made now. */
async function alive(raw: RawPeer, streamId: number): Promise<void> {
  await raw.send(frame(streamId, REQUEST, 0, echoRequest(41)));
  assert.equal(await raw.nextHex(), replyHex(streamId, echo(42, "x")));
}

/** A server whose unary Echo and bidi EchoStream wait for the test. */
async function held(link: Link): Promise<RawClient & { readonly finish: () => void; readonly seen: number[] }> {
  const hold = gate();
  const seen: number[] = [];
  const client = await rawClient(link, (server: Server) =>
    server.service(Streaming, {
      async echo({ seq, msg }) {
        if (seq === 1) await hold.promise;
        return { seq: seq + 1, msg };
      },
      async *echoStream(requests) {
        for await (const { seq } of requests) seen.push(seq);
        await hold.promise;
        yield { seq: seen.length };
      },
    }),
  );
  return { ...client, finish: hold.open, seen, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

interface Row {
  readonly title: string;
  readonly sent: readonly Buffer[];
  /** Frames that come back, before the answer to a call that shows that the connection lives. */
  readonly got: readonly string[];
  /** Id of that call; 99 if not told. */
  readonly next?: number;
}

const ODD = "StreamID must be odd for client initiated streams";
const REUSED = "StreamID cannot be re-used and must increment";
const INACTIVE = "StreamID is no longer active";
const oversize = (length: number): string => `message length ${length} exceed maximum message size of ${MAX}`;
const huge = Buffer.alloc(MAX + 1);

const rows: readonly Row[] = [
  { title: "a Request over the limit: discarded, ResourceExhausted", sent: [header(MAX + 1, 1, REQUEST), huge], got: [statusHex(1, 8, oversize(MAX + 1))] },
  { title: "its id is not used up", sent: [header(MAX + 1, 7, REQUEST), huge], got: [statusHex(7, 8, oversize(MAX + 1))], next: 7 },
  { title: "over the limit with an even id: the size is what is refused", sent: [header(MAX + 1, 2, DATA), huge], got: [statusHex(2, 8, oversize(MAX + 1))] },
  { title: "over the limit, of unknown type", sent: [header(MAX + 1, 1, 9), huge], got: [statusHex(1, 8, oversize(MAX + 1))] },
  { title: "a Request with an even id", sent: [frame(2, REQUEST, 0, echoRequest(1))], got: [statusHex(2, INVALID, ODD)] },
  { title: "a Request with id 0", sent: [frame(0, REQUEST, 0, echoRequest(1))], got: [statusHex(0, INVALID, ODD)] },
  {
    title: "Data, Response and unknown types with an even id",
    sent: [frame(4, DATA), frame(6, RESPONSE), frame(8, 77)],
    got: [statusHex(4, INVALID, ODD), statusHex(6, INVALID, ODD), statusHex(8, INVALID, ODD)],
  },
  {
    title: "an id used twice",
    sent: [frame(1, REQUEST, 0, echoRequest(1)), frame(1, REQUEST, 0, echoRequest(1))],
    got: [replyHex(1, echo(2, "x")), statusHex(1, INVALID, REUSED)],
  },
  {
    title: "an id below the last",
    sent: [frame(9, REQUEST, 0, echoRequest(1)), frame(3, REQUEST, 0, echoRequest(1))],
    got: [replyHex(9, echo(2, "x")), statusHex(3, INVALID, REUSED)],
  },
  {
    title: "a gap between ids is fine",
    sent: [frame(4_294_967_293, REQUEST, 0, echoRequest(1))],
    got: [replyHex(4_294_967_293, echo(2, "x"))],
    next: 4_294_967_295,
  },
  {
    title: "an envelope that cannot be decoded",
    sent: [frame(1, REQUEST, 0, "ff")],
    got: [statusHex(1, INVALID, "unmarshal request error: proto: cannot parse invalid wire-format data")],
  },
  {
    title: "an envelope cut off inside a field",
    sent: [frame(1, REQUEST, 0, "0a05 6162")],
    got: [statusHex(1, INVALID, "unmarshal request error: proto: cannot parse invalid wire-format data")],
  },
  {
    title: "an envelope that cannot be decoded uses up its id",
    sent: [frame(5, REQUEST, 0, "ff"), frame(5, REQUEST, 0, echoRequest(1))],
    got: [statusHex(5, INVALID, "unmarshal request error: proto: cannot parse invalid wire-format data"), statusHex(5, INVALID, REUSED)],
  },
  { title: "a Request of length zero: a service without a name", sent: [frame(1, REQUEST)], got: [statusHex(1, UNIMPLEMENTED, "service ")] },
  { title: "an unknown service", sent: [frame(1, REQUEST, 0, request("no.Such", "Echo"))], got: [statusHex(1, UNIMPLEMENTED, "service no.Such")] },
  { title: "an unknown method", sent: [frame(1, REQUEST, 0, request(SERVICE, "Nope"))], got: [statusHex(1, UNIMPLEMENTED, "method Nope")] },
  {
    title: "a unary payload that cannot be decoded",
    sent: [frame(1, REQUEST, 0, request(SERVICE, "Echo", { payload: "12ff" }))],
    got: [statusHex(1, 13, "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data")],
  },
  {
    title: "a server stream's payload that cannot be decoded",
    sent: [frame(1, REQUEST, 1, request(SERVICE, "DivideStream", { payload: "08" }))],
    got: [statusHex(1, 13, "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data")],
  },
  {
    title: "a stream's message that cannot be decoded: the handler fails with it",
    sent: [frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 0, "12ff")],
    got: [statusHex(1, 13, "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data")],
  },
  { title: "Data of a stream that never was", sent: [frame(1, DATA, 0, echo(1))], got: [statusHex(1, INVALID, INACTIVE)] },
  {
    title: "Data of a call that is over",
    sent: [frame(1, REQUEST, 0, echoRequest(1)), frame(1, DATA, 5)],
    got: [replyHex(1, echo(2, "x")), statusHex(1, INVALID, INACTIVE)],
  },
  {
    title: "Response and unknown types with an odd id: ignored",
    sent: [frame(1, RESPONSE, 0, "0a00"), frame(3, 4), frame(5, 255, 255, "00")],
    got: [],
    next: 1,
  },
  {
    title: "any flags on a Request: ignored for unary",
    sent: [frame(1, REQUEST, 0xf0, echoRequest(1)), frame(3, REQUEST, 2, echoRequest(2)), frame(5, REQUEST, 1, echoRequest(3))],
    got: [replyHex(1, echo(2, "x")), replyHex(3, echo(3, "x")), replyHex(5, echo(4, "x"))],
  },
  {
    title: "metadata, a timeout and unknown fields are read over",
    sent: [
      frame(
        1,
        REQUEST,
        0,
        Buffer.concat([request(SERVICE, "Echo", { payload: echo(1), timeoutNanos: 60_000_000_000n, metadata: [["a", "b"]] }), bytes("9806 01")]),
      ),
    ],
    got: [replyHex(1, echo(2))],
  },
  { title: "an empty reply has no bytes at all", sent: [frame(1, REQUEST, 0, request("ttrpc.test.Peer", "Fail"))], got: ["00000000 00000001 02 00"] },
  {
    title: "bidi: a payload in the Request is the first message",
    sent: [frame(1, REQUEST, 2, request(SERVICE, "EchoStream", { payload: echo(1) })), frame(1, DATA, 5)],
    got: [dataHex(1, 0, echo(2)), dataHex(1, 5)],
  },
  {
    title: "bidi: no payload in the Request is no message",
    sent: [frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 0, echo(7)), frame(1, DATA, 5)],
    got: [dataHex(1, 0, echo(8)), dataHex(1, 5)],
  },
  {
    title: "a Request that half-closes a client stream is its end",
    sent: [frame(1, REQUEST, 1, request(SERVICE, "SumStream"))],
    got: ["00000000 00000001 02 00"],
  },
  {
    title: "Data without payload and without no-data is an empty message",
    sent: [frame(1, REQUEST, 6, request(SERVICE, "EchoStream")), frame(1, DATA, 0), frame(1, DATA, 5)],
    got: [dataHex(1, 0, echo(1)), dataHex(1, 5)],
  },
  {
    title: "Data 0x01 of length zero is an empty message, then the end",
    sent: [frame(1, REQUEST, 6, request(SERVICE, "EchoStream")), frame(1, DATA, 1)],
    got: [dataHex(1, 0, echo(1)), dataHex(1, 5)],
  },
  {
    title: "Data 0x04 with payload: ignored",
    sent: [frame(1, REQUEST, 6, request(SERVICE, "EchoStream")), frame(1, DATA, 4, echo(5)), frame(1, DATA, 5)],
    got: [dataHex(1, 5)],
  },
];

onEachLink("a frame that comes to our server", (link) => {
  for (const { title, sent, got, next = 99 } of rows) {
    it(title, async () => {
      await using client = await rawClient(link, register);
      await client.raw.send(...sent);
      assert.deepEqual(await client.raw.take(got.length), got);
      await alive(client.raw, next);
      assert.equal(client.server.stats().connections, 1);
    });
  }

  it('with streamIds: "unused", an id that was passed over is taken once; none is taken twice', async () => {
    await using client = await rawClient(link, register, { streamIds: "unused" });
    const ids = [9, 3, 3, 9, 11, 1, 2];
    await client.raw.send(...ids.map((id) => frame(id, REQUEST, 0, echoRequest(id))));
    assert.deepEqual(await client.raw.take(ids.length), [
      replyHex(9, echo(10, "x")),
      replyHex(3, echo(4, "x")),
      statusHex(3, INVALID, REUSED),
      statusHex(9, INVALID, REUSED),
      replyHex(11, echo(12, "x")),
      replyHex(1, echo(2, "x")),
      statusHex(2, INVALID, ODD),
    ]);
    await alive(client.raw, 13);
  });

  it("Data on a unary call in flight is refused; the call goes on", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 0, echoRequest(1)), frame(1, DATA, 0, echo(1)));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, INACTIVE));
    client.finish();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2, "x")));
    await alive(client.raw, 3);
  });

  it("Data after the client's end: refused, and that ends the stream", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 5), frame(1, DATA, 0, echo(5)));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, "data handling error: ttrpc: stream closed"));
    client.finish();
    await client.raw.send(frame(1, DATA, 0, echo(5)));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, INACTIVE));
    await alive(client.raw, 3);
    assert.deepEqual(client.seen, []);
  });

  it("a second end is accepted silently while the handler runs, and refused when it is done", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 5), frame(1, DATA, 5));
    await alive(client.raw, 3);
    client.finish();
    assert.deepEqual(await client.raw.take(2), ["00000000 00000001 03 00", dataHex(1, 5)]);
    await client.raw.send(frame(1, DATA, 5));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, INACTIVE));
  });

  it("Data 0x01 with a payload: the message counts, and the stream ends with code 3", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 1, echo(7)));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, "data close message cannot include data"));
    client.finish();
    await alive(client.raw, 3);
    assert.deepEqual(client.seen, [7]);
  });

  it("Data 0x05 with a payload: the same text, the payload dropped", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), frame(1, DATA, 5, echo(7)));
    assert.equal(await client.raw.nextHex(), statusHex(1, INVALID, "data close message cannot include data"));
    client.finish();
    await alive(client.raw, 3);
    assert.deepEqual(client.seen, []);
  });

  it("a message over the limit ends its stream: what the handler still sends is dropped", async () => {
    await using client = await held(link);
    await client.raw.send(frame(1, REQUEST, 2, request(SERVICE, "EchoStream")), header(MAX + 1, 1, DATA), huge);
    assert.equal(await client.raw.nextHex(), statusHex(1, 8, oversize(MAX + 1)));
    client.finish();
    await alive(client.raw, 3);
    assert.equal(client.server.stats().active, 0);
  });

  it("a Request of exactly the limit is taken", async () => {
    await using client = await rawClient(link, register);
    const letters = MAX - echoRequestOf(3_000_000).length + 3_000_000;
    const body = echoRequestOf(letters);
    assert.equal(body.length, MAX);
    await client.raw.send(frame(1, REQUEST, 0, body));
    assert.equal((await client.raw.next()).payload.length, MAX - SERVICE.length - 2 - "Echo".length - 2);
    await alive(client.raw, 3);
  });
});

function echoRequestOf(letters: number): Buffer {
  return request(SERVICE, "Echo", { payload: echo(5, "y".repeat(letters)) });
}
