// Rows H1 to H14: what a handler's result becomes. Each name is a result of internal/services/results.go in the Go peer, and of
// results-service.ts here.
import { bytes, echo, hexOf, RESPONSE } from "../support/raw.js";
import type { Outcome, ServerCase } from "./cases.js";
import type { Difference } from "./differences.js";
import { call, CLOSED, data, dataLine, END, INTERNAL, OPEN, open, oversize, refused, RESULTS, send, wait } from "./frames.js";
import type { RowId } from "./rows.js";

interface Ours {
  readonly outcome: Outcome;
  readonly because: Difference;
}

/** A unary handler returns, or throws, the value of that name. */
function returned(row: RowId, value: string, name: string, go: Outcome, ours?: Ours): ServerCase {
  return { row, name, steps: [send(call(1, `${RESULTS}/Return`, echo(0, value)))], go, ...(ours && { ours }) };
}

/** The same with a status for an answer. */
function failed(row: RowId, value: string, name: string, code: number, text: string, ours?: readonly [code: number, because: Difference]): ServerCase {
  const outcome = (code: number): Outcome => [refused(1, code, text), "lives"];
  return returned(row, value, name, outcome(code), ours && { outcome: outcome(ours[0]), because: ours[1] });
}

/** A client stream's handler returns the value of that name. */
function returnedLast(row: RowId, value: string, name: string, go: Outcome, ours?: Ours): ServerCase {
  const steps = [send(open(1, `${RESULTS}/ReturnLast`, OPEN), data(1, 0, echo(0, value)), data(1, END))];
  return { row, name, steps, go, ...(ours && { ours }) };
}

/** A server stream's handler sends a message, then the value of that name as another. */
function sent(row: RowId, value: string, name: string, go: Outcome, ours?: Ours): ServerCase {
  return { row, name, steps: [send(open(1, `${RESULTS}/SendNamed`, CLOSED, echo(0, value)))], go: [dataLine(1, 0, echo(1)), ...go], ...oursBehind(ours) };
}

const oursBehind = (ours: Ours | undefined): { ours?: Ours } =>
  ours === undefined ? {} : { ours: { ...ours, outcome: [dataLine(1, 0, echo(1)), ...ours.outcome] } };

/** code, message, and the detail that Fail attaches: a google.protobuf.Duration of 1.5 s. */
const STATUS_WITH_DETAIL = bytes(
  "0a43 0805 1205696e6e6572 1a38 0a2c 747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e4475726174696f6e 1208 0801 1080cab5ee01",
);
const EMPTY = hexOf({ streamId: 1, type: RESPONSE, flags: 0, payload: Buffer.alloc(0) });
const NIL = "ttrpc: marshal called with nil";
/** Lengths that a text of one byte more than the limit has in a message, and in a Response. */
const LARGE_MESSAGE = 4_194_310;
const LARGE_REPLY = 4_194_315;

export const handlerResults: readonly ServerCase[] = [
  returned("H1", "status", "a status with a detail", [hexOf({ streamId: 1, type: RESPONSE, flags: 0, payload: STATUS_WITH_DETAIL }), "lives"]),
  failed("H2", "wrapped status", "an error around a status: its code, the whole text", 5, "outer: rpc error: code = NotFound desc = inner"),
  failed("H3", "EOF", "io.EOF", 11, "EOF"),
  failed("H3", "wrapped EOF", "an error around io.EOF", 2, "outer: EOF"),
  failed("H4", "ErrClosedPipe", "io.ErrClosedPipe", 9, "io: read/write on closed pipe"),
  failed("H4", "ErrNoProgress", "io.ErrNoProgress", 9, "multiple Read calls return no data or error"),
  failed("H4", "ErrShortBuffer", "io.ErrShortBuffer", 9, "short buffer"),
  failed("H4", "ErrShortWrite", "io.ErrShortWrite", 9, "short write"),
  failed("H4", "ErrUnexpectedEOF", "io.ErrUnexpectedEOF", 9, "unexpected EOF"),
  failed("H5", "ErrInvalid", "os.ErrInvalid", 3, "invalid argument"),
  failed("H5", "EINVAL", "EINVAL", 2, "invalid argument"),
  failed("H6", "canceled", "context.Canceled; an AbortError", 1, "context canceled"),
  failed("H6", "wrapped canceled", "an error around context.Canceled; around the reason of a signal", 2, "outer: context canceled", [1, "reason of a signal"]),
  failed("H7", "deadline", "context.DeadlineExceeded; a TimeoutError", 4, "context deadline exceeded"),
  failed("H8", "ErrExist", "os.ErrExist", 6, "file already exists"),
  failed("H8", "EEXIST", "EEXIST", 6, "file exists"),
  failed("H8", "ENOTEMPTY", "ENOTEMPTY", 6, "directory not empty"),
  failed("H8", "ErrNotExist", "os.ErrNotExist", 5, "file does not exist"),
  failed("H8", "ENOENT", "ENOENT", 5, "no such file or directory"),
  failed("H8", "path", "the error of opening what is missing", 5, "open /no/such: no such file or directory"),
  failed("H8", "wrapped missing", "an error around os.ErrNotExist, around ENOENT", 2, "outer: file does not exist"),
  failed("H8", "ErrPermission", "os.ErrPermission", 7, "permission denied"),
  failed("H8", "EACCES", "EACCES", 7, "permission denied"),
  failed("H8", "EPERM", "EPERM", 7, "operation not permitted"),
  failed("H9", "plain", "an error with a text", 2, "just text"),
  returned("H9", "empty text", "an error without a text", ["00000004 00000001 02 00 0a020802", "lives"]),
  failed("H9", "EPIPE", "a system error without a meaning here", 2, "broken pipe"),
  failed("H9", "value and error", "a message together with an error: the error alone", 2, "what counts"),
  returned("H10", "empty message", "an empty message is a Response of no bytes", [EMPTY, "lives"]),
  failed("H10", "nil", "nil, undefined", 2, NIL),
  failed("H10", "typed nil", "a nil of the message's type, null", 2, NIL),
  returnedLast("H10", "nil", "nil, undefined, from a client stream", [EMPTY, "lives"], {
    outcome: [refused(1, 2, NIL), "lives"],
    because: "nothing is a mistake",
  }),
  returnedLast("H10", "typed nil", "a nil of the message's type, null, from a client stream", [EMPTY, "lives"], {
    outcome: [refused(1, 2, NIL), "lives"],
    because: "nothing is a mistake",
  }),
  sent("H10", "nil", "nil, undefined, as a stream's message", [dataLine(1, 4), dataLine(1, END), "lives"], {
    outcome: [refused(1, 2, NIL), "lives"],
    because: "nothing is a mistake",
  }),
  failed("H11", "string", "a string", INTERNAL, "ttrpc: error unsupported response type: string"),
  returned("H11", "number", "a number", [refused(1, INTERNAL, "ttrpc: error unsupported response type: int"), "lives"], {
    outcome: [refused(1, INTERNAL, "ttrpc: error unsupported response type: number"), "lives"],
    because: "names of types",
  }),
  returnedLast("H11", "string", "a string, from a client stream", [refused(1, INTERNAL, "ttrpc: error unsupported response type: string"), "lives"]),
  sent("H11", "string", "a string as a stream's message", [refused(1, INTERNAL, "ttrpc: error unsupported response type: string"), "lives"]),
  returned("H12", "large", "a reply over the limit", ["closed"], { outcome: [refused(1, 8, oversize(LARGE_REPLY)), "lives"], because: "reply too large" }),
  returnedLast("H12", "large", "a client stream's reply over the limit", ["closed"], {
    outcome: [refused(1, 8, oversize(LARGE_REPLY)), "lives"],
    because: "reply too large",
  }),
  sent("H13", "large", "a stream's message over the limit", ["closed"], {
    outcome: [refused(1, 8, oversize(LARGE_MESSAGE)), "lives"],
    because: "reply too large",
  }),
  {
    ...returned("H14", "panic", "a panic, a TypeError", ["closed", "the process ended"], {
      outcome: [refused(1, 2, "a handler that panics"), "lives"],
      because: "lives on",
    }),
    server: "own",
  },
  {
    row: "H14",
    name: "a stream's panic, a TypeError",
    server: "own",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(100, "panic"))), wait(300)],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), "closed", "the process ended"],
    ours: { outcome: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), refused(1, 2, "a handler that panics"), "lives"], because: "lives on" },
  },
  {
    row: "H1",
    name: "a stream's error behind its messages",
    steps: [send(open(1, `${RESULTS}/ThenReturn`, CLOSED, echo(0, "ErrNotExist")))],
    go: [dataLine(1, 0, echo(1)), dataLine(1, 0, echo(2)), refused(1, 5, "file does not exist"), "lives"],
  },
];
