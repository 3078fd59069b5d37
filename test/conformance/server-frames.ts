// Rows S1 to S15: single frames, and what a server answers to each.
import { DATA, echo, frame, replyHex, REQUEST, request, RESPONSE } from "../support/raw.js";
import type { ServerCase } from "./cases.js";
import {
  BROKEN,
  call,
  CLOSED,
  data,
  dataLine,
  echoCall,
  END,
  EXHAUSTED,
  GARBAGE,
  INTERNAL,
  INVALID,
  MAX,
  NO_DATA,
  NOT_UTF8,
  OPEN,
  open,
  OVER,
  oversize,
  PEER,
  refused,
  RESULTS,
  send,
  STREAMING,
  take,
  tooLarge,
  UNIMPLEMENTED,
  wait,
  forgotten,
} from "./frames.js";

const ODD = "StreamID must be odd for client initiated streams";
const REUSED = "StreamID cannot be re-used and must increment";
const INACTIVE = "StreamID is no longer active";
const CLOSED_STREAM = "data handling error: ttrpc: stream closed";
const CLOSE_WITH_DATA = "data close message cannot include data";
const SUM = `${STREAMING}/SumStream`;
const ECHO_STREAM = `${STREAMING}/EchoStream`;
const LATE = `${RESULTS}/Late`;
/** Longer than the handler of Late takes. */
const lateness = wait(600);

/** Its envelope has exactly the limit. */
function requestOfTheLimit(): Buffer {
  const body = (letters: number): Buffer => request(PEER, "Deadline", { payload: echo(0, "y".repeat(letters)) });
  const letters = MAX - (body(3_000_000).length - 3_000_000);
  return frame(1, REQUEST, 0, body(letters));
}

const overTheLimit: readonly ServerCase[] = [
  { row: "S1", name: "a Request one byte over the limit", steps: [send(tooLarge(1, REQUEST))], go: [refused(1, EXHAUSTED, oversize(OVER)), "lives"] },
  { row: "S1", name: "a Request of exactly the limit is taken", steps: [send(requestOfTheLimit())], go: [replyHex(1, echo(0, "none")), "lives"] },
  { row: "S1", name: "Data over the limit, even id", steps: [send(tooLarge(2, DATA))], go: [refused(2, EXHAUSTED, oversize(OVER)), "lives"] },
  { row: "S1", name: "a Response over the limit", steps: [send(tooLarge(1, RESPONSE))], go: [refused(1, EXHAUSTED, oversize(OVER)), "lives"] },
  { row: "S1", name: "an unknown type over the limit, id 0", steps: [send(tooLarge(0, 9))], go: [refused(0, EXHAUSTED, oversize(OVER)), "lives"] },
  {
    row: "S1",
    name: "a length whose first byte is not zero is a length",
    steps: [send(tooLarge(1, REQUEST, 0x0100_0000))],
    go: [refused(1, EXHAUSTED, oversize(0x0100_0000)), "lives"],
  },
  {
    row: "S1",
    name: "a Request over the limit does not use up its id",
    steps: [send(tooLarge(5, REQUEST)), take(1), send(echoCall(5))],
    go: [refused(5, EXHAUSTED, oversize(OVER)), replyHex(5, echo(2, "m")), "lives"],
  },
  {
    row: "S1",
    name: "Data over the limit on a stream",
    steps: [send(open(1, LATE, OPEN), data(1, 0, echo(7)), tooLarge(1, DATA)), lateness],
    go: [refused(1, EXHAUSTED, oversize(OVER)), dataLine(1, 0, echo(7, "late")), dataLine(1, END), "lives"],
    ours: { outcome: [refused(1, EXHAUSTED, oversize(OVER)), "lives"], because: "last word" },
  },
];

const ids: readonly ServerCase[] = [
  { row: "S2", name: "a Request with an even id", steps: [send(echoCall(2))], go: [refused(2, INVALID, ODD), "lives"] },
  { row: "S2", name: "Data with an even id", steps: [send(data(4, 0, echo(1)))], go: [refused(4, INVALID, ODD), "lives"] },
  { row: "S2", name: "a Response with an even id", steps: [send(frame(6, RESPONSE))], go: [refused(6, INVALID, ODD), "lives"] },
  { row: "S2", name: "an unknown type with an even id", steps: [send(frame(8, 77))], go: [refused(8, INVALID, ODD), "lives"] },
  { row: "S2", name: "id 0", steps: [send(echoCall(0))], go: [refused(0, INVALID, ODD), "lives"] },
  { row: "S2", name: "the largest even id", steps: [send(echoCall(0xffff_fffe))], go: [refused(0xffff_fffe, INVALID, ODD), "lives"] },
  {
    row: "S3",
    name: "an id used twice",
    steps: [send(echoCall(1)), take(1), send(echoCall(1))],
    go: [replyHex(1, echo(2, "m")), refused(1, INVALID, REUSED), "lives"],
  },
  {
    row: "S3",
    name: "an id below the last",
    steps: [send(echoCall(9)), take(1), send(echoCall(3))],
    go: [replyHex(9, echo(2, "m")), refused(3, INVALID, REUSED), "lives"],
  },
  {
    row: "S3",
    name: "a gap between ids is none of anybody's business",
    steps: [send(echoCall(1)), take(1), send(echoCall(0xffff_fffd))],
    go: [replyHex(1, echo(2, "m")), replyHex(0xffff_fffd, echo(2, "m")), "lives"],
  },
  {
    row: "S3",
    // No id is left for the call that shows that the connection lives: the client ends it.
    name: "after the last id there is none, and no way back to 1",
    steps: [send(echoCall(0xffff_ffff)), take(1), send(echoCall(1)), take(1), send(echoCall(0xffff_ffff)), take(1), { halfClose: true }],
    go: [replyHex(0xffff_ffff, echo(2, "m")), refused(1, INVALID, REUSED), refused(0xffff_ffff, INVALID, REUSED), "closed"],
  },
];

const requests: readonly ServerCase[] = [
  {
    row: "S4",
    name: "an envelope that is no message",
    steps: [send(frame(1, REQUEST, 0, GARBAGE))],
    go: [refused(1, INVALID, `unmarshal request error: ${BROKEN}`), "lives"],
  },
  {
    row: "S4",
    name: "an envelope that is cut off",
    steps: [send(frame(1, REQUEST, 0, "0a056162"))],
    go: [refused(1, INVALID, `unmarshal request error: ${BROKEN}`), "lives"],
  },
  {
    row: "S4",
    name: "an envelope with a name that is no UTF-8",
    steps: [send(frame(1, REQUEST, 0, "0a01ff"))],
    go: [refused(1, INVALID, `unmarshal request error: ${NOT_UTF8}`), "lives"],
  },
  {
    row: "S4",
    name: "an envelope that cannot be decoded uses up its id",
    steps: [send(frame(3, REQUEST, 0, GARBAGE)), take(1), send(echoCall(3))],
    go: [refused(3, INVALID, `unmarshal request error: ${BROKEN}`), refused(3, INVALID, REUSED), "lives"],
  },
  { row: "S5", name: "a Request of length zero", steps: [send(frame(1, REQUEST))], go: [refused(1, UNIMPLEMENTED, "service "), "lives"] },
  {
    row: "S6",
    name: "an unknown service",
    steps: [send(call(1, "no.Such/Echo"))],
    go: [refused(1, UNIMPLEMENTED, "service no.Such"), "lives"],
  },
  { row: "S7", name: "an unknown method", steps: [send(call(1, `${STREAMING}/Nope`))], go: [refused(1, UNIMPLEMENTED, "method Nope"), "lives"] },
  { row: "S7", name: "a method without a name", steps: [send(call(1, STREAMING))], go: [refused(1, UNIMPLEMENTED, "method "), "lives"] },
  {
    row: "S8",
    name: "a unary message that is none",
    steps: [send(call(1, `${STREAMING}/Echo`, GARBAGE))],
    go: [refused(1, INTERNAL, `ttrpc: error unmarshalling payload: ${BROKEN}`), "lives"],
  },
  {
    row: "S8",
    name: "a unary message with a text that is no UTF-8",
    steps: [send(call(1, `${STREAMING}/Echo`, "1201ff"))],
    go: [refused(1, INTERNAL, `ttrpc: error unmarshalling payload: ${NOT_UTF8}`), "lives"],
  },
  {
    row: "S8",
    name: "a server stream's request that is none",
    steps: [send(open(1, `${PEER}/Count`, CLOSED, GARBAGE))],
    go: [refused(1, INTERNAL, `ttrpc: error unmarshalling payload: ${BROKEN}`), "lives"],
  },
  {
    row: "S8",
    name: "a client stream's message that is none",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, 0, GARBAGE))],
    go: [refused(1, INTERNAL, `ttrpc: error unmarshalling payload: ${BROKEN}`), "lives"],
  },
  {
    row: "S8",
    name: "a message of both ways that is none, after a good one",
    steps: [send(open(1, ECHO_STREAM, OPEN), data(1, 0, echo(1))), take(1), send(data(1, 0, GARBAGE))],
    go: [dataLine(1, 0, echo(2)), refused(1, INTERNAL, `ttrpc: error unmarshalling payload: ${BROKEN}`), "lives"],
  },
];

const inactive: readonly ServerCase[] = [
  { row: "S9", name: "Data of a stream that never was", steps: [send(data(7, 0, echo(1)))], go: [refused(7, INVALID, INACTIVE), "lives"] },
  { row: "S9", name: "an end of a stream that never was", steps: [send(data(7, END))], go: [refused(7, INVALID, INACTIVE), "lives"] },
  {
    row: "S9",
    name: "Data of a unary call that has been answered",
    // Go must have noted the call before it ends, and have forgotten it after the reply: Data in between crashes it.
    steps: [send(call(1, `${PEER}/Sleep`, echo(50))), take(1), forgotten, send(data(1, 0, echo(1)))],
    go: [replyHex(1, echo(50)), refused(1, INVALID, INACTIVE), "lives"],
  },
  {
    row: "S10",
    name: "Data after the end, the handler still runs",
    steps: [send(open(1, LATE, OPEN), data(1, 0, echo(7)), data(1, END), data(1, 0, echo(8))), lateness],
    go: [refused(1, INVALID, CLOSED_STREAM), dataLine(1, 0, echo(7, "late")), dataLine(1, END), "lives"],
    ours: { outcome: [refused(1, INVALID, CLOSED_STREAM), "lives"], because: "last word" },
  },
  {
    row: "S10",
    name: "Data after the end, the handler is done",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, END)), take(1), forgotten, send(data(1, 0, echo(1)))],
    go: [replyHex(1, echo(0, "0")), refused(1, INVALID, INACTIVE), "lives"],
  },
  {
    row: "S10",
    name: "Data after Data was refused",
    steps: [send(open(1, `${PEER}/Hold`, OPEN), data(1, 0, echo(1)), data(1, END), data(1, 0, echo(2))), take(1), forgotten, send(data(1, 0, echo(3)))],
    go: [refused(1, INVALID, CLOSED_STREAM), refused(1, INVALID, INACTIVE), "lives"],
  },
  {
    row: "S11",
    name: "a second end, the handler still runs",
    steps: [send(open(1, LATE, OPEN), data(1, 0, echo(7)), data(1, END), data(1, END)), lateness],
    go: [dataLine(1, 0, echo(7, "late")), dataLine(1, END), "lives"],
  },
  {
    row: "S11",
    name: "a second end, the handler is done",
    steps: [send(open(1, ECHO_STREAM, OPEN), data(1, END)), take(1), forgotten, send(data(1, END))],
    go: [dataLine(1, END), refused(1, INVALID, INACTIVE), "lives"],
  },
  {
    row: "S12",
    name: "Data 0x01 with a payload: the message counts, and is refused",
    steps: [send(open(1, LATE, OPEN), data(1, CLOSED, echo(7))), lateness],
    go: [refused(1, INVALID, CLOSE_WITH_DATA), dataLine(1, 0, echo(7, "late")), dataLine(1, END), "lives"],
    ours: { outcome: [refused(1, INVALID, CLOSE_WITH_DATA), "lives"], because: "last word" },
  },
  {
    row: "S13",
    name: "Data 0x05 with a payload: the payload is dropped, and refused",
    steps: [send(open(1, LATE, OPEN), data(1, END, echo(7))), lateness],
    go: [refused(1, INVALID, CLOSE_WITH_DATA), dataLine(1, 0, echo(0, "late")), dataLine(1, END), "lives"],
    ours: { outcome: [refused(1, INVALID, CLOSE_WITH_DATA), "lives"], because: "last word" },
  },
  {
    row: "S14",
    name: "Data 0x01 of length zero: an empty message, then the end",
    steps: [send(open(1, SUM, OPEN), data(1, CLOSED))],
    go: [replyHex(1, Buffer.from("1001", "hex")), "lives"],
  },
  {
    row: "S15",
    name: "Data 0x04 with a payload is ignored",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, NO_DATA, echo(1, "abc")), data(1, END))],
    go: [replyHex(1, echo(0, "0")), "lives"],
  },
  {
    row: "S15",
    name: "Data 0x04 with what is no message is ignored",
    steps: [send(open(1, `${PEER}/Collect`, OPEN), data(1, NO_DATA, GARBAGE), data(1, 0, echo(1, "abc")), data(1, END))],
    go: [replyHex(1, echo(1, "3")), "lives"],
  },
  {
    row: "S15",
    name: "Data with unknown flags is Data",
    steps: [send(open(1, ECHO_STREAM, OPEN), data(1, 0xf0, echo(1))), take(1), send(data(1, 0xf5))],
    go: [dataLine(1, 0, echo(2)), dataLine(1, END), "lives"],
  },
  { row: "S19", name: "Responses with odd ids are ignored", steps: [send(frame(1, RESPONSE), frame(3, RESPONSE, 0, GARBAGE))], go: ["lives"] },
  {
    row: "S20",
    name: "unknown types with odd ids are ignored, and use up no id",
    steps: [send(frame(9, 4), frame(9, 0), frame(9, 255, 255, "00"), echoCall(1))],
    go: [replyHex(1, echo(2, "m")), "lives"],
  },
  {
    row: "S20",
    name: "frames in one write, cut anywhere",
    steps: [send(echoCall(1), echoCall(3).subarray(0, 7)), wait(30), send(echoCall(3).subarray(7, 12)), wait(30), send(echoCall(3).subarray(12), frame(5, 4))],
    go: [replyHex(1, echo(2, "m")), replyHex(3, echo(2, "m")), "lives"],
  },
];

export const serverFrames: readonly ServerCase[] = [...overTheLimit, ...ids, ...requests, ...inactive];
