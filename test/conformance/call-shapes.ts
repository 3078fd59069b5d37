// Rows K1 to K5, the four kinds of call as a server answers them, and the fixed bytes of rows V1 to V9 that servers send.
import { echo, frame, hexOf, bytes, type RawFrame, replyHex, REQUEST, request } from "../support/raw.js";
import type { ServerCase } from "./cases.js";
import { call, CLOSED, data, dataLine, END, NO_DATA, OPEN, open, PEER, refused, RESULTS, send, STREAMING, take } from "./frames.js";

const shapes: readonly ServerCase[] = [
  { row: "K1", name: "unary", steps: [send(call(1, `${STREAMING}/Echo`, echo(1, "a")))], go: [replyHex(1, echo(2, "a")), "lives"] },
  {
    row: "K2",
    name: "server stream",
    steps: [send(open(1, `${PEER}/Count`, CLOSED, echo(3, "x")))],
    go: [dataLine(1, 0, echo(0, "x")), dataLine(1, 0, echo(1, "x")), dataLine(1, 0, echo(2, "x")), dataLine(1, END), "lives"],
  },
  {
    row: "K2",
    name: "server stream of an empty request",
    steps: [send(open(1, `${STREAMING}/EmptyPayloadStream`, CLOSED))],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), dataLine(1, END), "lives"],
  },
  {
    row: "K2",
    name: "server stream that fails",
    steps: [send(open(1, `${PEER}/FailAfter`, CLOSED, echo(1, "gone")))],
    go: [dataLine(1, 0, echo(0, "gone")), refused(1, 5, "gone"), "lives"],
  },
  {
    row: "K3",
    name: "client stream",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, 0, echo(1, "abc")), data(1, 0, echo(2, "de")), data(1, END))],
    go: [replyHex(1, echo(2, "5")), "lives"],
  },
  {
    row: "K3",
    name: "client stream without messages",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, END))],
    go: [replyHex(1, echo(0, "0")), "lives"],
  },
  {
    row: "K3",
    name: "client stream with its first message in the Request",
    steps: [send(open(1, `${PEER}/Collect`, OPEN, echo(1, "abc")), data(1, 0, echo(2, "de")), data(1, END))],
    go: [replyHex(1, echo(2, "5")), "lives"],
  },
  {
    row: "K4",
    name: "both ways",
    steps: [send(open(1, `${PEER}/Echo2`, OPEN), data(1, 0, echo(1, "a"))), take(1), send(data(1, 0, echo(2, "b"))), take(1), send(data(1, END))],
    go: [dataLine(1, 0, echo(2, "a")), dataLine(1, 0, echo(3, "b")), dataLine(1, END), "lives"],
  },
  {
    row: "K4",
    name: "both ways, the first message in the Request",
    steps: [send(open(1, `${PEER}/Echo2`, OPEN, echo(1, "a"))), take(1), send(data(1, END))],
    go: [dataLine(1, 0, echo(2, "a")), dataLine(1, END), "lives"],
  },
  {
    row: "K4",
    name: "both ways, two streams and a call between each other",
    steps: [
      send(open(1, `${PEER}/Echo2`, OPEN), open(3, `${PEER}/Echo2`, OPEN), data(3, 0, echo(30))),
      take(1),
      send(data(1, 0, echo(10))),
      take(1),
      send(call(5, `${STREAMING}/Echo`, echo(50))),
      take(1),
      send(data(3, END)),
      take(1),
      send(data(1, END)),
    ],
    go: [dataLine(3, 0, echo(31)), dataLine(1, 0, echo(11)), replyHex(5, echo(51)), dataLine(3, END), dataLine(1, END), "lives"],
  },
];

const flags: readonly ServerCase[] = [
  ...[0x01, 0x02, 0x04, 0x06, 0xf0].map(
    (flag): ServerCase => ({
      row: "K5",
      name: `0x${flag.toString(16).padStart(2, "0")} on a unary call`,
      steps: [send(open(1, `${STREAMING}/Echo`, flag, echo(1)))],
      go: [replyHex(1, echo(2)), "lives"],
    }),
  ),
  ...[0x00, 0x02, 0x06, 0xf0].map(
    (flag): ServerCase => ({
      row: "K5",
      name: `0x${flag.toString(16).padStart(2, "0")} on a server stream`,
      steps: [send(open(1, `${PEER}/Count`, flag, echo(1, "x")))],
      go: [dataLine(1, 0, echo(0, "x")), dataLine(1, END), "lives"],
    }),
  ),
  ...[0x00, 0x02, NO_DATA, OPEN | NO_DATA, 0xf0].map(
    (flag): ServerCase => ({
      row: "K5",
      name: `0x${flag.toString(16).padStart(2, "0")} on a client stream`,
      steps: [send(open(1, `${PEER}/Collect`, flag), data(1, 0, echo(1, "abc")), data(1, END))],
      go: [replyHex(1, echo(1, "3")), "lives"],
    }),
  ),
  {
    row: "K5",
    name: "0x01 on a client stream",
    steps: [send(open(1, `${PEER}/Collect`, CLOSED))],
    go: ["lives"],
    ours: { outcome: [replyHex(1, echo(0, "0")), "lives"], because: "end in the request" },
  },
  {
    row: "K5",
    name: "0x01 on a client stream, and a message in the Request",
    steps: [send(open(1, `${PEER}/Collect`, CLOSED, echo(1, "abc")))],
    go: ["lives"],
    ours: { outcome: [replyHex(1, echo(1, "3")), "lives"], because: "end in the request" },
  },
];

const vector = (hex: string): string => hexOf(parse(bytes(hex)));

function parse(raw: Buffer): RawFrame {
  return { streamId: raw.readUInt32BE(4), type: raw[8] as number, flags: raw[9] as number, payload: raw.subarray(10) };
}

const vectors: readonly ServerCase[] = [
  {
    row: "V1",
    name: "a unary request, and its reply",
    steps: [send("00000013 00000001 0100 0a03737663 12044563686f 1a06080312026869")],
    go: [vector("00000008 00000001 0200 1206080312026869"), "lives"],
  },
  { row: "V4", name: "an empty reply is a header", steps: [send(call(1, "svc/Echo"))], go: [vector("00000000 00000001 0200"), "lives"] },
  {
    row: "V5",
    name: "an unknown method, to the byte",
    steps: [send(call(1, "svc/nope"))],
    go: [vector("00000011 00000001 0200 0a0f080c120b6d6574686f64206e6f7065"), "lives"],
  },
  {
    row: "V6",
    name: "a deadline that passes, to the byte",
    steps: [send(call(1, `${PEER}/Sleep`, echo(10_000), 20_000_000n))],
    go: [vector("0000001f 00000001 0200 0a1d08041219636f6e7465787420646561646c696e65206578636565646564"), "lives"],
  },
  {
    row: "V6",
    name: "a deadline that has passed already",
    steps: [send(frame(1, REQUEST, 0, request(PEER, "Sleep", { payload: echo(10_000), timeoutNanos: -1_000_009_103n })))],
    go: [refused(1, 4, "context deadline exceeded"), "lives"],
  },
  {
    row: "V7",
    name: "the client's end, and the server's",
    steps: [send(open(1, `${STREAMING}/EchoStream`, OPEN), "00000000000000010305")],
    go: ["00000000 00000001 03 05", "lives"],
  },
  {
    row: "V8",
    name: "an empty message of a stream, both directions",
    steps: [send(open(1, `${STREAMING}/EchoNullStream`, OPEN), data(1, 0, echo(0, "non-empty empty")), "00000000000000010305")],
    go: [...Array.from({ length: 10 }, () => "00000000 00000001 03 00"), "00000000 00000001 03 05", "lives"],
  },
  {
    row: "V8",
    name: "an empty message is taken for one",
    steps: [send(open(1, `${STREAMING}/SumStream`, OPEN), "00000000000000010300", "00000000000000010300", data(1, END))],
    go: [replyHex(1, bytes("1002")), "lives"],
  },
  {
    row: "V9",
    name: "a last message that a server stream's handler returns",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(0, "message")))],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), "00000002 00000001 03 01 0807", "lives"],
    ours: { outcome: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), "00000000 00000001 03 05", "lives"], because: "end by itself" },
  },
];

export const callShapes: readonly ServerCase[] = [...shapes, ...flags, ...vectors];
