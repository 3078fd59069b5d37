// The same bytes to Go's server and to ours: the same frames must come back. Go: serverConn.run, serviceSet.handle.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { type GoServer, skipGo, startGoServer } from "../support/go.js";
import { register } from "../support/implementations.js";
import { loadProtos } from "../support/proto.js";
import { type Bytes, DATA, echo, frame, header, hexOf, RawPeer, type RawFrame, REQUEST, request, RESPONSE } from "../support/raw.js";

const STREAMING = "ttrpc.integration.streaming.Streaming";
const PEER = "ttrpc.test.Peer";
const OPEN = 0x02,
  CLOSED = 0x01,
  NO_DATA = 0x04;
const OVER = (4 << 20) + 1;

const call = (id: number, seq = 1): Buffer => frame(id, REQUEST, 0, request(STREAMING, "Echo", { payload: echo(seq, "m") }));
const open = (id: number, service: string, method: string): Buffer => frame(id, REQUEST, OPEN, request(service, method));
const data = (id: number, flags: number, payload: Bytes = ""): Buffer => frame(id, DATA, flags, payload);

interface Row {
  readonly title: string;
  /** Sent one after the other, each after the frames of the one before have come. */
  readonly steps: readonly { readonly send: Bytes; readonly frames: number }[];
}

const once = (title: string, send: Bytes, frames = 1): Row => ({ title, steps: [{ send, frames }] });
/** Fields that no protobuf message has: tag 0. */
const GARBAGE = "00ff00ff";

const rows: readonly Row[] = [
  once("unary", call(1)),
  once("unary of an empty reply is a zero-length Response", frame(1, REQUEST, 0, request("ttrpc.example.v1.Example", "Method2"))),
  once("unknown service", frame(1, REQUEST, 0, request("no.Such", "Echo"))),
  once("unknown method", frame(1, REQUEST, 0, request(STREAMING, "Nope"))),
  once("zero-length Request", frame(1, REQUEST)),
  once("bad envelope", frame(1, REQUEST, 0, GARBAGE)),
  once("bad payload", frame(1, REQUEST, 0, request(STREAMING, "Echo", { payload: GARBAGE }))),
  once("bad UTF-8 in the payload", frame(1, REQUEST, 0, request(STREAMING, "Echo", { payload: "1201ff" }))),
  once("Request over the limit, its bytes discarded", Buffer.concat([header(OVER, 1, REQUEST), Buffer.alloc(OVER), call(3)]), 2),
  once("Data over the limit, on an even id", Buffer.concat([header(OVER, 2, DATA), Buffer.alloc(OVER), call(3)]), 2),
  once("even id", frame(2, REQUEST, 0, request(STREAMING, "Echo"))),
  once("id 0, unknown type", frame(0, 9)),
  {
    title: "reused id",
    steps: [
      { send: call(1), frames: 1 },
      { send: call(1), frames: 1 },
    ],
  },
  {
    title: "decreasing id",
    steps: [
      { send: call(5), frames: 1 },
      { send: call(3), frames: 1 },
    ],
  },
  {
    title: "a gap between ids",
    steps: [
      { send: call(1), frames: 1 },
      { send: call(101), frames: 1 },
    ],
  },
  {
    title: "an undecodable Request uses up its id",
    steps: [
      { send: frame(3, REQUEST, 0, GARBAGE), frames: 1 },
      { send: call(3), frames: 1 },
    ],
  },
  once("Data on a stream that never was", data(7, 0, echo(1))),
  {
    title: "Data on a unary stream that has ended",
    // Go notes a call after starting it, and forgets it after answering: Data crashes it where the call was answered before it was
    // noted, or is not forgotten yet. So the call takes a while, and the reply to another says that it is forgotten.
    steps: [
      { send: frame(1, REQUEST, 0, request(PEER, "Sleep", { payload: echo(100, "m") })), frames: 1 },
      { send: call(3), frames: 1 },
      { send: data(1, 0, echo(1)), frames: 1 },
    ],
  },
  once("Response and unknown types are ignored", Buffer.concat([frame(1, RESPONSE), frame(1, 9), call(1)])),
  {
    title: "bidi, to its end",
    steps: [
      { send: Buffer.concat([open(1, STREAMING, "EchoStream"), data(1, 0, echo(1, "a"))]), frames: 1 },
      { send: data(1, CLOSED | NO_DATA), frames: 1 },
    ],
  },
  {
    title: "an empty message is a message",
    steps: [
      { send: Buffer.concat([open(1, STREAMING, "EchoStream"), data(1, 0)]), frames: 1 },
      { send: data(1, CLOSED | NO_DATA), frames: 1 },
    ],
  },
  once("Data 0x01 of length zero is an empty message and the end", Buffer.concat([open(1, STREAMING, "SumStream"), data(1, CLOSED)])),
  once("Data 0x04 with a payload is ignored", Buffer.concat([open(1, PEER, "Collect"), data(1, NO_DATA, echo(1, "abc")), data(1, CLOSED | NO_DATA)])),
  once(
    "a payload in the Request of a client stream is its first message",
    Buffer.concat([frame(1, REQUEST, OPEN, request(PEER, "Collect", { payload: echo(1, "abc") })), data(1, CLOSED | NO_DATA)]),
  ),
  once("no phantom message for flags 0x06", Buffer.concat([frame(1, REQUEST, OPEN | NO_DATA, request(PEER, "Collect")), data(1, CLOSED | NO_DATA)])),
  {
    title: "Data after the end of a stream",
    steps: [
      { send: Buffer.concat([open(1, PEER, "Collect"), data(1, CLOSED | NO_DATA)]), frames: 1 },
      { send: call(3), frames: 1 },
      { send: data(1, 0, echo(1)), frames: 1 },
    ],
  },
  once(
    "Data after our end, the stream still there",
    Buffer.concat([open(1, PEER, "Hold"), data(1, 0, echo(1)), data(1, CLOSED | NO_DATA), data(1, 0, echo(2))]),
  ),
  once("Data 0x05 with a payload", Buffer.concat([open(1, PEER, "Hold"), data(1, 0, echo(1)), data(1, CLOSED | NO_DATA, echo(2))])),
  once("server stream", frame(1, REQUEST, CLOSED, request(PEER, "Count", { payload: echo(3, "x") })), 4),
  once("server stream of an empty request", frame(1, REQUEST, CLOSED, request(STREAMING, "EmptyPayloadStream")), 3),
  once("server stream that fails", frame(1, REQUEST, CLOSED, request(PEER, "FailAfter", { payload: echo(2, "gone") })), 3),
  once("bad payload of a server stream", frame(1, REQUEST, CLOSED, request(PEER, "Count", { payload: GARBAGE }))),
  once("Request flags do not choose the kind", frame(1, REQUEST, 0xf0, request(STREAMING, "Echo", { payload: echo(1) }))),
  once("error with details", frame(1, REQUEST, 0, request(PEER, "Fail", { payload: echo(5, "not here") }))),
  once("a code that is none", frame(1, REQUEST, 0, request(PEER, "Fail", { payload: echo(99, "odd") }))),
  once("a plain error", frame(1, REQUEST, 0, request(PEER, "PlainError", { payload: echo(0, "just text") }))),
  once("no reply message", frame(1, REQUEST, 0, request(PEER, "Nil"))),
  once("an expired deadline", frame(1, REQUEST, 0, request(PEER, "Sleep", { payload: echo(10_000), timeoutNanos: -1_000_000_000n }))),
  once("a deadline", frame(1, REQUEST, 0, request(PEER, "Sleep", { payload: echo(10_000), timeoutNanos: 20_000_000n }))),
  once(
    "metadata as it comes",
    frame(
      1,
      REQUEST,
      0,
      request(PEER, "Metadata", {
        metadata: [
          ["foo", "1"],
          ["bar", ""],
          ["foo", "2"],
        ],
      }),
    ),
  ),
];

const Response = loadProtos("proto", "google/rpc/status.proto", "ttrpc.proto").lookupType("ttrpc.Response");
const NO_BREAK_SPACE = "\u00a0";

/** protobuf-go writes "proto:" and a no-break space in some builds, chosen by a hash of the program. */
function plainSpaces(payload: Buffer): Buffer {
  if (!payload.includes(NO_BREAK_SPACE)) return payload;
  const response = Response.decode(payload) as unknown as { status: { message: string } };
  response.status.message = response.status.message.replace(NO_BREAK_SPACE, " ");
  return Buffer.from(Response.encode(response).finish());
}

/** What one server answers. */
async function answers(address: string, row: Row): Promise<string[]> {
  const peer = await RawPeer.connect(address);
  try {
    const frames: RawFrame[] = [];
    for (const { send, frames: count } of row.steps) {
      await peer.send(send);
      for (let i = 0; i < count; i++) frames.push(await peer.next());
    }
    // The connection must have survived; and nothing more may have come before this answer.
    await peer.send(call(0x7fffffff));
    frames.push(await peer.next());
    return frames.map((one) => hexOf({ ...one, payload: plainSpaces(one.payload) }));
  } finally {
    peer.close();
  }
}

onEachChannel("refusals, compared with Go's", (channel) => {
  describe("rows", { skip: skipGo() }, () => {
    let go: GoServer;
    let server: Server;
    let address: string;
    before(async () => {
      go = await startGoServer(`unix://${freePath()}`);
      server = register(new Server({ channel }));
      ({ address } = await server.listen(`unix://${freePath()}`));
    });
    after(async () => {
      await server.close();
      await go.stop();
    });
    for (const row of rows) {
      it(row.title, async () => {
        assert.deepEqual(await answers(address, row), await answers(go.address, row));
      });
    }
  });
});
