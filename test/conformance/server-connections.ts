// Rows S16 to S23: what takes time, or ends a connection.
import { echo, frame, header, replyHex, REQUEST, request } from "../support/raw.js";
import type { ServerCase, ServerStep } from "./cases.js";
import { call, CLOSED, data, dataLine, echoCall, END, INVALID, OPEN, open, PEER, refused, RESULTS, send, take, wait } from "./frames.js";

const FULL = "data handling error: ttrpc: stream buffer full";
const CANCELED = 'the handler sees "context canceled"';

/** So many messages of one stream. */
const messages = (id: number, count: number, letters: number): Buffer[] => Array.from({ length: count }, (_, i) => data(id, 0, echo(i, "x".repeat(letters))));

/** Starts a call whose handler waits for the end of its context. */
const watch = (text: string): ServerStep => send(call(1, `${RESULTS}/Watch`, echo(0, text)), echoCall(3));

const slow: readonly ServerCase[] = [
  {
    row: "S16",
    // The handler takes one.
    name: "66 small messages that nobody reads",
    steps: [send(open(1, `${PEER}/Hold`, OPEN), ...messages(1, 66, 1)), wait(1_500)],
    go: [refused(1, INVALID, FULL), "lives"],
    ours: { outcome: ["lives"], because: "by bytes" },
  },
  {
    row: "S16",
    name: "65 small messages that nobody reads",
    steps: [send(open(1, `${PEER}/Hold`, OPEN), ...messages(1, 65, 1)), wait(1_500)],
    go: ["lives"],
  },
  {
    row: "S16",
    name: "more than a mebibyte that nobody reads",
    steps: [send(open(1, `${PEER}/Hold`, OPEN), ...messages(1, 66, 16_200))],
    go: [refused(1, INVALID, FULL), "lives"],
  },
  {
    row: "S16",
    name: "more than a mebibyte that nobody reads: later frames wait behind it",
    steps: [send(open(1, `${PEER}/Hold`, OPEN), ...messages(1, 66, 16_200)), wait(100), send(echoCall(3))],
    go: [refused(1, INVALID, FULL), replyHex(3, echo(2, "m")), "lives"],
  },
  {
    row: "S16",
    name: "one Data frame for a method with one request",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(600, "nil"))), take(1), send(data(1, 0, echo(1))), wait(1_000)],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), dataLine(1, END), "lives"],
    ours: { outcome: [dataLine(1, 0, echo(1)), refused(1, INVALID, "data handling error: ttrpc: stream closed"), "lives"], because: "one request" },
  },
  {
    row: "S16",
    name: "two Data frames for a method with one request",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(1_600, "nil"))), take(1), send(data(1, 0, echo(1)), data(1, 0, echo(2))), wait(2_000)],
    go: [dataLine(1, 0, echo(1)), refused(1, INVALID, FULL), dataLine(1, 0, echo(2)), dataLine(1, END), "lives"],
    ours: {
      outcome: [
        dataLine(1, 0, echo(1)),
        refused(1, INVALID, "data handling error: ttrpc: stream closed"),
        refused(1, INVALID, "StreamID is no longer active"),
        "lives",
      ],
      because: "one request",
    },
  },
  {
    row: "S16",
    name: "an end for a method with one request",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(200, "nil"))), take(1), send(data(1, END))],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), dataLine(1, END), "lives"],
  },
  {
    row: "S17",
    name: "Data that waits for a handler when its deadline passes",
    steps: [send(open(1, `${RESULTS}/Deaf`, OPEN, "", 400_000_000n), ...messages(1, 65, 1)), wait(1_500)],
    go: [refused(1, INVALID, "data handling error: context deadline exceeded"), dataLine(1, END), "lives"],
    ours: { outcome: [refused(1, 4, "context deadline exceeded"), "lives"], because: "answers in time" },
  },
  {
    row: "S17",
    // The handler takes one, 64 wait in Go's inbox, and the last waits for room when the handler returns.
    name: "Data that waits for a handler when it returns",
    steps: [send(open(1, `${RESULTS}/Late`, OPEN), ...messages(1, 66, 1)), wait(700)],
    go: [dataLine(1, 0, echo(0, "late")), dataLine(1, END), refused(1, INVALID, "data handling error: context canceled"), "lives"],
    ours: { outcome: [dataLine(1, 0, echo(0, "late")), dataLine(1, END), "lives"], because: "by bytes" },
  },
  {
    row: "S18",
    name: "Data on a unary call in flight",
    server: "own",
    steps: [send(call(1, `${PEER}/Sleep`, echo(300))), wait(100), send(data(1, 0, echo(1)))],
    go: ["closed", "the process ended"],
    ours: { outcome: [refused(1, INVALID, "StreamID is no longer active"), replyHex(1, echo(300)), "lives"], because: "lives on" },
  },
];

const ends: readonly ServerCase[] = [
  {
    row: "S21",
    name: "the client hangs up between frames",
    steps: [watch("eof"), take(1), { close: true }, { watched: "eof" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S21",
    name: "the client hangs up inside a header",
    steps: [watch("header"), take(1), send(header(20, 5, REQUEST).subarray(0, 6)), wait(50), { close: true }, { watched: "header" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S21",
    name: "the client hangs up inside a payload",
    steps: [watch("payload"), take(1), send(header(20, 5, REQUEST), "0a03"), wait(50), { close: true }, { watched: "payload" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S21",
    name: "the client hangs up inside a payload over the limit",
    steps: [watch("oversize"), take(1), send(header(5_000_000, 5, REQUEST), "0a03"), wait(50), { close: true }, { watched: "oversize" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S21",
    name: "the client hangs up on replies that it has not read",
    steps: [watch("reset"), take(1), { stopReading: true }, send(echoCall(5), echoCall(7)), wait(100), { close: true }, { watched: "reset" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S22",
    name: "the client ends its direction, a call in flight",
    steps: [send(call(1, `${PEER}/Sleep`, echo(300))), wait(50), { halfClose: true }],
    go: ["closed"],
    ours: { outcome: [replyHex(1, echo(300)), "closed"], because: "replies are finished" },
  },
  {
    row: "S22",
    name: "the client ends its direction, a stream in flight that it had not ended",
    steps: [send(open(1, `${PEER}/Echo2`, OPEN), data(1, 0, echo(1))), take(1), { halfClose: true }],
    go: [dataLine(1, 0, echo(2)), "closed"],
    ours: { outcome: [dataLine(1, 0, echo(2)), refused(1, 1, "context canceled"), "closed"], because: "replies are finished" },
  },
  {
    row: "S22",
    name: "the client ends its direction, nothing in flight",
    steps: [send(echoCall(1)), take(1), { halfClose: true }],
    go: [replyHex(1, echo(2, "m")), "closed"],
  },
  {
    row: "S22",
    name: "the client ends its direction, then hangs up",
    steps: [watch("half"), take(1), { halfClose: true }, wait(50), { close: true }, { watched: "half" }],
    go: [replyHex(3, echo(2, "m")), CANCELED],
  },
  {
    row: "S23",
    name: "a read fails with EIO, a call in flight",
    server: "broken",
    steps: [send(frame(1, REQUEST, 0, request(PEER, "Sleep", { payload: echo(200) }))), wait(50), { halfClose: true }, wait(400)],
    go: [replyHex(1, echo(200)), "stays open"],
    ours: { outcome: ["closed"], because: "no deaf connections" },
  },
];

export const serverConnections: readonly ServerCase[] = [...slow, ...ends];
