// Where ttrpc-rust's servers answer the same bytes otherwise than Go's and ours: what is sent, and the exact frames that come.
import { DATA, echo, frame, header, hexOf, type RawFrame, reply, REQUEST, request, RESPONSE, status } from "../support/raw.js";

const STREAMING = "ttrpc.integration.streaming.Streaming";
const PEER = "ttrpc.test.Peer";
const CLOSED = 0x01;
const OPEN = 0x02;
const NO_DATA = 0x04;
const OVER = (4 << 20) + 1;
/** Tag 0, which no message has. */
const GARBAGE = "00ff00ff";

/** One frame of an answer: a success, a status, a message of a stream, or the end of one. */
export type Answer =
  | { readonly id: number; readonly reply: Buffer; readonly shown?: string }
  | { readonly id: number; readonly code: number; readonly text: string }
  | { readonly id: number; readonly message: Buffer }
  | { readonly id: number; readonly end: true };

/** What comes: frames, or the end of the connection. */
export type Answers = readonly Answer[] | "closed";

export interface Difference {
  readonly name: string;
  /** Bytes, or milliseconds to wait. */
  readonly send: readonly (Buffer | number)[];
  /** After each step the frame for it is awaited: two calls may be answered in any order. */
  readonly inTurn?: true;
  readonly ours: Answers;
  readonly rust: Answers;
  /** Of the synchronous server, which has unary methods only. */
  readonly rustSync?: Answers;
}

const call = (id: number): Buffer => frame(id, REQUEST, 0, request(STREAMING, "Echo", { payload: echo(1, "m") }));
const peer = (method: string, payload: Buffer, timeoutNanos = 0n): Buffer => frame(1, REQUEST, 0, request(PEER, method, { payload, timeoutNanos }));
const open = (flags: number, method = "EchoStream", payload: Buffer = Buffer.alloc(0)): Buffer =>
  frame(1, REQUEST, flags, request(STREAMING, method, { payload }));
const data = (flags: number, payload: Buffer | string = ""): Buffer => frame(1, DATA, flags, payload);

const answer = (id: number): Answer => ({ id, reply: echo(2, "m") });
const refusal = (id: number, code: number, text: string): Answer => ({ id, code, text });
const message = (seq: number, msg = ""): Answer => ({ id: 1, message: echo(seq, msg) });
const end: Answer = { id: 1, end: true };
const metadataReply = (json: string): Answer => ({ id: 1, reply: echo(0, json), shown: `\`${json}\`` });
const success = (shown: string): Answer => ({ id: 1, reply: echo(2, "m"), shown });

const oversize = `message length ${OVER} exceed maximum message size of ${4 << 20}`;
/** A Blob of 4 MiB of letters as a Response: seq, msg and payload have tags and lengths of their own. */
const blobLength = (4 << 20) + 5 + 5 + 5;

const unaryRows: readonly Difference[] = [
  {
    name: "an unknown service",
    send: [frame(1, REQUEST, 0, request("no.Such", "Echo"))],
    ours: [refusal(1, 12, "service no.Such")],
    rust: [refusal(1, 3, "no.Such service does not exist")],
    rustSync: [refusal(1, 3, "/no.Such/Echo does not exist")],
  },
  {
    name: "an unknown method",
    send: [frame(1, REQUEST, 0, request(PEER, "Nope"))],
    ours: [refusal(1, 12, "method Nope")],
    rust: [refusal(1, 12, "Nope method")],
    rustSync: [refusal(1, 3, "/ttrpc.test.Peer/Nope does not exist")],
  },
  {
    name: "an even id",
    send: [call(2)],
    ours: [refusal(2, 3, "StreamID must be odd for client initiated streams")],
    rust: [refusal(2, 3, "stream id must be odd")],
    rustSync: [answer(2)],
  },
  {
    name: "an id used again",
    send: [call(1), call(1)],
    inTurn: true,
    ours: [answer(1), refusal(1, 3, "StreamID cannot be re-used and must increment")],
    rust: [answer(1), answer(1)],
    rustSync: [answer(1), answer(1)],
  },
  {
    name: "an id below the last",
    send: [call(5), call(3)],
    inTurn: true,
    ours: [answer(5), refusal(3, 3, "StreamID cannot be re-used and must increment")],
    rust: [answer(5), answer(3)],
    rustSync: [answer(5), answer(3)],
  },
  {
    name: "a Request over 4 MiB",
    send: [Buffer.concat([header(OVER, 1, REQUEST), Buffer.alloc(OVER)])],
    ours: [refusal(1, 8, oversize)],
    rust: [refusal(1, 3, oversize)],
    rustSync: [refusal(1, 3, oversize)],
  },
  {
    name: "an undecodable Request",
    send: [frame(1, REQUEST, 0, GARBAGE)],
    ours: [refusal(1, 3, "unmarshal request error: proto: cannot parse invalid wire-format data")],
    rust: [refusal(1, 3, "Incorrect tag")],
    rustSync: [refusal(1, 3, "Incorrect tag")],
  },
  {
    name: "an undecodable message in a Request",
    send: [peer("Fail", Buffer.from(GARBAGE, "hex"))],
    ours: [refusal(1, 13, "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data")],
    rust: [refusal(1, 2, "ttrpc err: Unpack request error Incorrect tag")],
    rustSync: "closed",
  },
  {
    name: "Data on a stream that never was",
    send: [data(0, echo(1))],
    ours: [refusal(1, 3, "StreamID is no longer active")],
    rust: [refusal(1, 3, "Stream is no longer active")],
    rustSync: [],
  },
  {
    name: "a handler's error that is no status",
    send: [peer("PlainError", echo(0, "just text"))],
    ours: [refusal(1, 2, "just text")],
    rust: [refusal(1, 2, 'Others("just text")')],
    rustSync: [refusal(1, 2, 'Others("just text")')],
  },
  {
    name: "a handler that crashes",
    send: [peer("Nil", echo(0))],
    ours: [refusal(1, 2, "ttrpc: marshal called with nil")],
    rust: [],
    rustSync: [],
  },
  {
    name: "a reply over 4 MiB",
    send: [peer("Blob", echo(4 << 20))],
    ours: [refusal(1, 8, `message length ${blobLength} exceed maximum message size of ${4 << 20}`)],
    rust: [refusal(1, 3, `message length ${blobLength + 2} exceed maximum message size of ${4 << 20}`)],
    rustSync: [refusal(1, 3, `response payload ${blobLength + 2} bytes exceeds safe limit ${4 << 20} bytes (after transform overhead)`)],
  },
  {
    name: "a deadline that passes",
    send: [peer("Sleep", echo(300), 50_000_000n)],
    ours: [refusal(1, 4, "context deadline exceeded")],
    rust: [refusal(1, 4, "timeout")],
    rustSync: [{ id: 1, reply: echo(300) }],
  },
  {
    name: "a deadline that has passed",
    send: [peer("Sleep", echo(20), -5n)],
    ours: [refusal(1, 4, "context deadline exceeded")],
    rust: [{ id: 1, reply: echo(20) }],
    rustSync: [{ id: 1, reply: echo(20) }],
  },
  {
    name: "metadata keys in upper case",
    send: [
      frame(
        1,
        REQUEST,
        0,
        request(PEER, "Metadata", {
          metadata: [
            ["KEY", "a"],
            ["key", "b"],
          ],
        }),
      ),
    ],
    ours: [metadataReply('{"key":["a","b"]}')],
    rust: [metadataReply('{"KEY":["a"],"key":["b"]}')],
    rustSync: [metadataReply('{"KEY":["a"],"key":["b"]}')],
  },
];

const streamRows: readonly Difference[] = [
  {
    name: "a stream opened with flags 0x02, as Go does",
    send: [open(OPEN), data(0, echo(4, "x")), data(CLOSED | NO_DATA)],
    ours: [message(5, "x"), end],
    rust: [message(1), message(5, "x"), end],
  },
  {
    name: "a stream opened with flags 0x06, as ours does",
    send: [open(OPEN | NO_DATA), data(0, echo(4, "x")), data(CLOSED | NO_DATA)],
    ours: [message(5, "x"), end],
    rust: [message(5, "x"), end],
  },
  {
    name: "a stream opened with flags 0x06 and a message",
    send: [open(OPEN | NO_DATA, "EchoStream", echo(9, "p")), data(CLOSED | NO_DATA)],
    ours: [message(10, "p"), end],
    rust: [end],
  },
  {
    name: "a sending stream opened with flags 0x01",
    send: [open(CLOSED, "SumStream")],
    ours: [{ id: 1, reply: Buffer.alloc(0) }],
    rust: [],
  },
  {
    name: "Data with the end and a message (0x01)",
    send: [open(OPEN | NO_DATA), data(CLOSED, echo(4, "x"))],
    ours: [refusal(1, 3, "data close message cannot include data")],
    rust: [message(5, "x"), refusal(1, 2, "RemoteClosed")],
  },
  {
    name: "Data with the end, no-data and a message (0x05)",
    send: [open(OPEN | NO_DATA), data(CLOSED | NO_DATA, echo(4, "x"))],
    ours: [refusal(1, 3, "data close message cannot include data")],
    rust: [refusal(1, 2, 'Others("stream 1: close message cannot include data")')],
  },
  {
    name: "Data with no-data and a message (0x04)",
    send: [open(OPEN | NO_DATA), data(NO_DATA, echo(3, "q")), data(CLOSED | NO_DATA)],
    ours: [end],
    rust: [message(4, "q"), end],
  },
  {
    name: "an undecodable message in a stream",
    send: [open(OPEN | NO_DATA), data(0, GARBAGE)],
    ours: [refusal(1, 13, "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data")],
    rust: [refusal(1, 2, 'Others("Decode message failed.Incorrect tag")')],
  },
  {
    name: "Data on a stream that has ended",
    send: [Buffer.concat([open(OPEN | NO_DATA), data(CLOSED | NO_DATA)]), data(0, echo(1))],
    inTurn: true,
    ours: [end, refusal(1, 3, "StreamID is no longer active")],
    rust: [end, refusal(1, 3, "Stream is no longer active")],
  },
  {
    name: "a stream whose deadline passes",
    send: [frame(1, REQUEST, OPEN | NO_DATA, request(PEER, "Echo2", { timeoutNanos: 50_000_000n })), 250, data(0, echo(4, "x"))],
    ours: [refusal(1, 4, "context deadline exceeded"), refusal(1, 3, "StreamID is no longer active")],
    rust: [message(5, "x")],
  },
];

export const differences: readonly Difference[] = [
  {
    name: "a call that succeeds",
    send: [call(1)],
    ours: [success("the reply, no status")],
    rust: [success("the reply, an empty status")],
    rustSync: [success("the reply, an empty status")],
  },
  ...unaryRows,
  {
    name: "Data on a unary call in flight",
    send: [peer("Sleep", echo(200)), data(0, echo(1))],
    ours: [refusal(1, 3, "StreamID is no longer active")],
    rust: [refusal(1, 3, "Stream is no longer active"), { id: 1, reply: echo(200) }],
    rustSync: [{ id: 1, reply: echo(200) }],
  },
  ...streamRows,
];

/** The call that shows that a connection lives, and that nothing else came before its answer. */
export const probe: { readonly send: Buffer; readonly answer: Answer } = { send: call(1001), answer: answer(1001) };

/** The frame as hex. ttrpc-rust puts an empty status before every reply. */
export function hexOfAnswer(answered: Answer, peerName: "ours" | "rust"): string {
  const { id } = answered;
  let raw: RawFrame;
  if ("reply" in answered) {
    const empty = Buffer.from(peerName === "rust" ? "0a00" : "", "hex");
    raw = { streamId: id, type: RESPONSE, flags: 0, payload: Buffer.concat([empty, reply(answered.reply)]) };
  } else if ("code" in answered) raw = { streamId: id, type: RESPONSE, flags: 0, payload: status(answered.code, answered.text) };
  else if ("message" in answered) raw = { streamId: id, type: DATA, flags: 0, payload: answered.message };
  else raw = { streamId: id, type: DATA, flags: CLOSED | NO_DATA, payload: Buffer.alloc(0) };
  return hexOf(raw);
}

/** In words, for the document. */
export function describeAnswers(answers: Answers | undefined): string {
  if (answers === undefined) return "no streams";
  if (answers === "closed") return "closes the connection";
  if (answers.length === 0) return "nothing";
  return answers.map(describeAnswer).join(", ");
}

function describeAnswer(answered: Answer): string {
  if ("code" in answered) return `code ${answered.code} \`${answered.text}\``;
  if ("end" in answered) return "the end";
  if ("message" in answered) return answered.message.equals(echo(1)) ? "an empty message, answered" : "the message, answered";
  return answered.shown ?? "the reply";
}
