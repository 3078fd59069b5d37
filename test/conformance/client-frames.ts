// Rows C1 to C15: what the caller of a client gets for what a server sends; and the fixed bytes of rows V1 to V9 that clients send.
import { bytes, DATA, echo, frame, header, reply, REQUEST, request, RESPONSE, status } from "../support/raw.js";
import type { ClientCase, Outcome } from "./cases.js";
import type { Difference } from "./differences.js";
import { BROKEN, CLOSED, data, END, GARBAGE, NO_DATA, NOT_UTF8, OVER, oversize, tooLarge } from "./frames.js";
import type { RowId } from "./rows.js";

const LIVES = 'next call: message 42 "next"';
const response = (payload: Uint8Array | string): Buffer => frame(1, RESPONSE, 0, payload);
const code = (number: number, text: string): string => `code ${number} ${JSON.stringify(text)}`;
const error = (text: string): string => `error ${JSON.stringify(text)}`;
const message = (seq: number, msg = ""): string => `message ${seq} ${JSON.stringify(msg)}`;
const WAITS = "nothing: the read waits";
const huge = tooLarge(1, RESPONSE);

interface Ours {
  readonly outcome: Outcome;
  readonly because: Difference;
}

function unary(row: RowId, name: string, send: readonly Buffer[], go: Outcome, ours?: Ours): ClientCase {
  return { row, name, call: { kind: "unary", next: true }, send, go: [...go, LIVES], ...(ours && { ours: { ...ours, outcome: [...ours.outcome, LIVES] } }) };
}

/** Both ways, so many reads. */
function bidi(row: RowId, name: string, reads: number, send: readonly Buffer[], go: Outcome, ours?: Ours): ClientCase {
  return {
    row,
    name,
    call: { kind: "bidi", reads, next: true },
    send,
    go: [...go, LIVES],
    ...(ours && { ours: { ...ours, outcome: [...ours.outcome, LIVES] } }),
  };
}

/** A local failure with the same text: ours has a code. */
const coded = (number: number, text: string, ...more: string[]): Ours => ({ outcome: [code(number, text), ...more], because: "codes for all" });

const unaryCases: readonly ClientCase[] = [
  unary(
    "C1",
    "frames of ids that nobody waits for are dropped",
    [frame(2, RESPONSE, 0, reply(echo(9))), frame(77, RESPONSE, 0, GARBAGE), frame(0, DATA), frame(5, 9), tooLarge(9, DATA), response(reply(echo(7, "x")))],
    [message(7, "x")],
  ),
  unary("C1", "a second Response is dropped", [response(reply(echo(7))), response(reply(echo(8))), data(1, 0, echo(9))], [message(7)]),
  unary("C2", "a reply", [response(reply(echo(7, "x")))], [message(7, "x")]),
  unary("C2", "a status", [response(status(5, "nothing"))], [code(5, "nothing")]),
  unary("C2", "a status with a code that nobody knows", [response(status(99, "strange"))], [code(99, "strange")]),
  unary("C2", "a status without a text", [response("0a020802")], [code(2, "")]),
  unary("C2", "a status of code 0", [response(Buffer.concat([bytes("0a020800"), reply(echo(7))]))], [message(7)]),
  unary("C2", "unknown fields", [response(Buffer.concat([bytes("7a0161 7801"), reply(echo(7))]))], [message(7)]),
  unary("C2", "flags on a Response", [frame(1, RESPONSE, 0xff, reply(echo(7)))], [message(7)]),
  unary(
    "C2",
    "a payload beside an error",
    [response(Buffer.concat([status(5, "nothing"), reply(echo(7, "x"))]))],
    [`${code(5, "nothing")}, and ${message(7, "x")}`],
    {
      outcome: [code(5, "nothing")],
      because: "error is all",
    },
  ),
  unary("C3", "zero length: an empty message", [response("")], [message(0)]),
  ...(
    [
      ["Data", DATA, "data"],
      ["Data 0x05", DATA, "data"],
      ["a Request", REQUEST, "request"],
      ["an unknown type", 9, "unknown"],
    ] as const
  ).map(([title, type, word]) => {
    const text = `unexpected "${word}" message received: protocol error`;
    return unary("C4", `${title} for a unary call`, [frame(1, type, title.endsWith("5") ? END : 0)], [error(text)], coded(13, text));
  }),
  unary("C5", "a Response over the limit", [huge], [code(8, oversize(OVER))]),
  unary("C5", "Data over the limit for a unary call", [tooLarge(1, DATA)], [code(8, oversize(OVER))]),
  unary("C6", "an envelope that is no message", [response(GARBAGE)], [error(BROKEN)], coded(13, `ttrpc: error unmarshalling response: ${BROKEN}`)),
  unary(
    "C6",
    "an envelope with a text that is no UTF-8",
    [response("0a0312 01ff")],
    [error(NOT_UTF8)],
    coded(13, `ttrpc: error unmarshalling response: ${NOT_UTF8}`),
  ),
  unary("C6", "a payload that is no message", [response(reply(bytes("12ff")))], [error(BROKEN)], coded(13, `ttrpc: error unmarshalling payload: ${BROKEN}`)),
];

const streamCases: readonly ClientCase[] = [
  bidi("C5", "Data over the limit on a stream", 2, [tooLarge(1, DATA)], [code(8, oversize(OVER)), code(8, oversize(OVER))]),
  bidi("C5", "Data over the limit, behind a message", 2, [data(1, 0, echo(7)), tooLarge(1, DATA)], [message(7), code(8, oversize(OVER))]),
  bidi("C6", "a message that is none, on a stream", 1, [data(1, 0, "12ff")], [error(BROKEN)], coded(13, `ttrpc: error unmarshalling payload: ${BROKEN}`)),
  bidi("C6", "a message behind one that is none", 2, [data(1, 0, "12ff"), data(1, 0, echo(7))], [error(BROKEN), message(7)], {
    outcome: [code(13, `ttrpc: error unmarshalling payload: ${BROKEN}`), code(13, `ttrpc: error unmarshalling payload: ${BROKEN}`)],
    because: "errors stay",
  }),
  bidi("C6", "a Response that is none, on a stream", 1, [response(GARBAGE)], [error(BROKEN)], coded(13, `ttrpc: error unmarshalling response: ${BROKEN}`)),
  bidi("C7", "Response of success: its message once, then the end", 3, [data(1, 0, echo(7)), response(reply(echo(8)))], [message(7), message(8), "end"]),
  bidi("C7", "Response of success without a message: an empty one", 2, [response("")], [message(0), "end"]),
  bidi("C8", "a status, behind a message", 2, [data(1, 0, echo(7)), response(status(9, "not now"))], [message(7), code(9, "not now")]),
  {
    row: "C8",
    name: "a status, and a read after it",
    call: { kind: "bidi", reads: 2 },
    send: [response(status(9, "not now"))],
    go: [code(9, "not now"), WAITS],
    ours: { outcome: [code(9, "not now"), code(9, "not now")], because: "errors stay" },
  },
  bidi("C9", "Data 0x05: the end, for all reads", 3, [data(1, 0, echo(7)), data(1, END)], [message(7), "end", "end"]),
  bidi("C9", "Data 0x05 with a payload: the end alone", 2, [data(1, END, echo(7))], ["end", "end"]),
  bidi("C9", "Data 0x04: an empty message", 2, [data(1, NO_DATA), data(1, END)], [message(0), "end"]),
  bidi("C10", "Data 0x01 with a payload: the message, then the end", 2, [data(1, CLOSED, echo(7))], [message(7), "end"]),
  bidi("C10", "Data 0x01 of length zero: an empty message, then the end", 2, [data(1, CLOSED)], [message(0), "end"]),
  bidi("C10", "Data behind the end is dropped", 2, [data(1, CLOSED, echo(7)), data(1, 0, echo(8))], [message(7), "end"]),
  {
    row: "C11",
    name: "Data for a client stream",
    call: { kind: "clientStream", end: true, next: true },
    send: [data(1, 0, echo(7))],
    go: [error("received data from non-streaming server: protocol error"), LIVES],
    ours: { outcome: [code(13, "received data from non-streaming server: protocol error"), LIVES], because: "codes for all" },
  },
  {
    row: "C11",
    name: "Data for a client stream, and a read after it",
    call: { kind: "clientStream", end: true, reads: 2, next: true },
    send: [data(1, END)],
    go: [error("received data from non-streaming server: protocol error"), "end", LIVES],
    ours: {
      outcome: [
        code(13, "received data from non-streaming server: protocol error"),
        code(13, "received data from non-streaming server: protocol error"),
        LIVES,
      ],
      because: "errors stay",
    },
  },
  bidi(
    "C4",
    "an unknown type on a stream",
    1,
    [frame(1, 9)],
    [error('unexpected "unknown" message received: protocol error')],
    coded(13, 'unexpected "unknown" message received: protocol error'),
  ),
];

const EVERYTHING = 70;
const many = (count: number, letters: number): Buffer[] => Array.from({ length: count }, (_, i) => data(1, 0, echo(i + 1, "x".repeat(letters))));

const large = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i + 1} of 16200 letters`);

const slowCases: readonly ClientCase[] = [
  {
    row: "C12",
    name: "70 small messages that nobody reads for a while",
    call: { kind: "serverStream", pauseMs: 1_500, reads: EVERYTHING + 1, next: true },
    send: [...many(EVERYTHING, 0), data(1, END)],
    go: [...Array.from({ length: 64 }, (_, i) => message(i + 1)), ...Array.from({ length: 7 }, () => error("ttrpc: stream buffer full")), LIVES],
    ours: { outcome: [...Array.from({ length: EVERYTHING }, (_, i) => message(i + 1)), "end", LIVES], because: "by bytes" },
  },
  {
    row: "C12",
    name: "more than a mebibyte that nobody reads: what was kept, then the error",
    call: { kind: "serverStream", pauseMs: 2_500, reads: 67, next: true },
    send: many(65, 16_200),
    go: [...large(64), ...Array.from({ length: 3 }, () => error("ttrpc: stream buffer full")), LIVES],
    ours: { outcome: [...large(65), code(8, "ttrpc: stream buffer full"), code(8, "ttrpc: stream buffer full"), LIVES], because: "by bytes" },
  },
];

const CLOSED_TEXT = "ttrpc: closed";
const closed: Ours = coded(14, CLOSED_TEXT, `next call: ${code(14, CLOSED_TEXT)}`);
const goClosed: Outcome = [error(CLOSED_TEXT), `next call: ${error(CLOSED_TEXT)}`];

const endCases: readonly ClientCase[] = [
  { row: "C13", name: "the server hangs up on a unary call", call: { kind: "unary", next: true }, hangsUp: true, go: goClosed, ours: closed },
  { row: "C13", name: "the server hangs up on a stream", call: { kind: "bidi", next: true }, hangsUp: true, go: goClosed, ours: closed },
  {
    row: "C13",
    name: "the server hangs up behind messages: they arrive first",
    call: { kind: "bidi", reads: 3 },
    send: [data(1, 0, echo(7)), data(1, 0, echo(8))],
    hangsUp: true,
    go: [message(7), message(8), error(CLOSED_TEXT)],
    ours: { outcome: [message(7), message(8), code(14, CLOSED_TEXT)], because: "codes for all" },
  },
  { row: "C13", name: "the server resets the connection", call: { kind: "unary", next: true }, server: "unread", go: goClosed, ours: closed },
  { row: "C13", name: "nothing can be written", call: { kind: "unary", waitMs: 200, next: true }, server: "deaf", go: goClosed, ours: closed },
  {
    row: "C13",
    name: "the client closes with a unary call in flight",
    call: { kind: "unary", closeMs: 150, next: true },
    go: goClosed,
    ours: closed,
  },
  { row: "C13", name: "the client closes with a stream open", call: { kind: "bidi", closeMs: 150, next: true }, go: goClosed, ours: closed },
  {
    row: "C14",
    name: "the server hangs up inside a header, a unary call in flight",
    call: { kind: "unary", next: true },
    send: [header(20, 1, RESPONSE).subarray(0, 6)],
    hangsUp: true,
    go: goClosed,
    goAtTimes: { outcome: [error("unexpected EOF"), `next call: ${error(CLOSED_TEXT)}`], because: "one end" },
    ours: closed,
  },
  {
    row: "C14",
    name: "the server hangs up inside a payload, a unary call in flight",
    call: { kind: "unary", next: true },
    send: [header(20, 1, RESPONSE), bytes("1206")],
    hangsUp: true,
    go: goClosed,
    goAtTimes: { outcome: [error("failed reading message: unexpected EOF"), `next call: ${error(CLOSED_TEXT)}`], because: "one end" },
    ours: closed,
  },
  {
    row: "C14",
    name: "the server hangs up inside a header, a stream open",
    call: { kind: "bidi", next: true },
    send: [header(20, 1, DATA).subarray(0, 6)],
    hangsUp: true,
    go: [error("unexpected EOF"), `next call: ${error(CLOSED_TEXT)}`],
    ours: { ...closed, because: "one end" },
  },
  {
    row: "C14",
    name: "the server hangs up inside a payload, a stream open",
    call: { kind: "bidi", next: true },
    send: [header(20, 1, DATA), bytes("0807")],
    hangsUp: true,
    go: [error("failed reading message: unexpected EOF"), `next call: ${error(CLOSED_TEXT)}`],
    ours: { ...closed, because: "one end" },
  },
  {
    row: "C15",
    name: "a reply, and the server hangs up right behind it: 200 times",
    call: { kind: "unary", repeat: 200 },
    send: [response(reply(echo(7)))],
    hangsUp: true,
    go: Array.from({ length: 200 }, () => message(7)),
    goAtTimes: { outcome: Array.from({ length: 200 }, () => error(CLOSED_TEXT)), because: "reply first" },
  },
];

/** The bytes of a stream's Request to Peer's Echo2. */
const OPEN_BYTES = request("ttrpc.test.Peer", "Echo2").toString("hex");
const OPEN_LENGTH = (OPEN_BYTES.length / 2).toString(16).padStart(8, "0");

const vectors: readonly ClientCase[] = [
  {
    row: "V1",
    name: "the bytes of a unary request",
    call: { kind: "unary", method: "svc/Echo", seq: 3, msg: "hi" },
    shown: true,
    send: [frame(1, RESPONSE)],
    go: ["sends 00000013 00000001 01 00 0a0373766312044563686f1a06080312026869", message(0)],
  },
  {
    row: "V2",
    name: "the bytes of a reply are read",
    call: { kind: "unary" },
    send: [bytes("00000008 00000001 0200 1206080312026869")],
    go: [message(3, "hi")],
  },
  {
    row: "V3",
    name: "the bytes of Rust's reply are read",
    call: { kind: "unary" },
    send: [bytes("0000000a 00000001 0200 0a00 1206080312026869")],
    go: [message(3, "hi")],
  },
  {
    row: "V5",
    name: "the bytes of a refusal are read",
    call: { kind: "unary", next: true },
    send: [bytes("00000011 00000001 0200 0a0f080c120b6d6574686f64206e6f7065")],
    go: [code(12, "method nope"), LIVES],
  },
  {
    row: "V7",
    name: "the bytes of a stream that sends nothing",
    call: { kind: "bidi", end: true },
    take: 2,
    shown: true,
    send: [data(1, END)],
    go: [`sends ${OPEN_LENGTH} 00000001 01 02 ${OPEN_BYTES}`, "sends 00000000 00000001 03 05", "end"],
    ours: { outcome: [`sends ${OPEN_LENGTH} 00000001 01 06 ${OPEN_BYTES}`, "sends 00000000 00000001 03 05", "end"], because: "no phantom" },
  },
  {
    row: "V8",
    name: "the bytes of an empty message",
    call: { kind: "bidi", seq: 0, sends: 1, end: true },
    take: 3,
    shown: true,
    send: [bytes("00000000 00000001 0300"), data(1, END)],
    go: [`sends ${OPEN_LENGTH} 00000001 01 02 ${OPEN_BYTES}`, "sends 00000000 00000001 03 00", "sends 00000000 00000001 03 05", message(0)],
    ours: {
      outcome: [`sends ${OPEN_LENGTH} 00000001 01 06 ${OPEN_BYTES}`, "sends 00000000 00000001 03 00", "sends 00000000 00000001 03 05", message(0)],
      because: "no phantom",
    },
  },
  {
    row: "V9",
    name: "the bytes of a last message that is the end are read",
    call: { kind: "bidi", reads: 2 },
    send: [bytes("00000002 00000001 0301 0807")],
    go: [message(7), "end"],
  },
  {
    row: "K2",
    name: "the bytes of a server stream's request",
    call: { kind: "serverStream", seq: 3, reads: 1 },
    shown: true,
    send: [data(1, END)],
    go: [`sends ${serverStreamBytes()}`, "end"],
  },
];

function serverStreamBytes(): string {
  const payload = request("ttrpc.test.Peer", "Count", { payload: echo(3) }).toString("hex");
  return `${(payload.length / 2).toString(16).padStart(8, "0")} 00000001 01 01 ${payload}`;
}

export const clientFrames: readonly ClientCase[] = [...unaryCases, ...streamCases, ...slowCases, ...endCases, ...vectors];
