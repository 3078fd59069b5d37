// The services of the Go peer's internal/services/results.go: handlers that return and throw one of everything. By name, what Go
// returns there and what is thrown or returned here mean the same.
import { setTimeout as sleep } from "node:timers/promises";
import { bidi, clientStream, Code, defineService, type Implementation, type In, type Server, serverStream, TtrpcError, unary } from "ttrpc";
import { EchoPayload } from "../support/services.js";

type Message = In<typeof EchoPayload>;

export const Results = defineService("ttrpc.test.Results", {
  return: unary("Return", EchoPayload, EchoPayload),
  watch: unary("Watch", EchoPayload, EchoPayload),
  watched: unary("Watched", EchoPayload, EchoPayload),
  returnLast: clientStream("ReturnLast", EchoPayload, EchoPayload),
  sendNamed: serverStream("SendNamed", EchoPayload, EchoPayload),
  thenReturn: serverStream("ThenReturn", EchoPayload, EchoPayload),
  late: bidi("Late", EchoPayload, EchoPayload),
  deaf: bidi("Deaf", EchoPayload, EchoPayload),
});

/** The service of the wire vectors. */
export const Vectors = defineService("svc", { echo: unary("Echo", EchoPayload, EchoPayload) });

const OVER = (4 << 20) + 1;
const LATENESS_MS = 300;
const DEAFNESS_MS = 1_000;

const systemError = (code: string, text: string): Error => Object.assign(new Error(text), { code });
const around = (cause: Error, text = `outer: ${cause.message}`): Error => new Error(text, { cause });
const throwing = (error: Error) => (): never => {
  throw error;
};
/** Google's Duration of 1.5 s. */
const detail = { typeUrl: "type.googleapis.com/google.protobuf.Duration", value: Uint8Array.of(0x08, 0x01, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01) };
const inner = new TtrpcError(Code.NotFound, "inner");
const precondition = (text: string) => throwing(new TtrpcError(Code.FailedPrecondition, text));

/** What ends a handler whose signal aborts. */
export const canceled = new TtrpcError(Code.Canceled, "context canceled");

/** What the handler of each name throws, or returns. Where Go's value has no counterpart, a TtrpcError says the same. */
export const results: Readonly<Record<string, () => unknown>> = {
  status: throwing(new TtrpcError(Code.NotFound, "inner", { details: [detail] })),
  "wrapped status": throwing(around(inner, "outer: rpc error: code = NotFound desc = inner")),
  EOF: throwing(new TtrpcError(Code.OutOfRange, "EOF")),
  ErrClosedPipe: precondition("io: read/write on closed pipe"),
  ErrNoProgress: precondition("multiple Read calls return no data or error"),
  ErrShortBuffer: precondition("short buffer"),
  ErrShortWrite: precondition("short write"),
  ErrUnexpectedEOF: precondition("unexpected EOF"),
  ErrInvalid: throwing(new TtrpcError(Code.InvalidArgument, "invalid argument")),
  canceled: throwing(new DOMException("context canceled", "AbortError")),
  deadline: throwing(new DOMException("context deadline exceeded", "TimeoutError")),
  ErrExist: throwing(systemError("EEXIST", "file already exists")),
  ErrNotExist: throwing(systemError("ENOENT", "file does not exist")),
  ErrPermission: throwing(systemError("EPERM", "permission denied")),
  EEXIST: throwing(systemError("EEXIST", "file exists")),
  ENOTEMPTY: throwing(systemError("ENOTEMPTY", "directory not empty")),
  ENOENT: throwing(systemError("ENOENT", "no such file or directory")),
  EACCES: throwing(systemError("EACCES", "permission denied")),
  EPERM: throwing(systemError("EPERM", "operation not permitted")),
  EINVAL: throwing(systemError("EINVAL", "invalid argument")),
  EPIPE: throwing(systemError("EPIPE", "broken pipe")),
  path: throwing(systemError("ENOENT", "open /no/such: no such file or directory")),
  "wrapped EOF": throwing(around(new Error("EOF"))),
  "wrapped missing": throwing(around(systemError("ENOENT", "file does not exist"))),
  "wrapped canceled": throwing(around(canceled)),
  plain: throwing(new Error("just text")),
  "empty text": throwing(new Error("")),
  "value and error": throwing(new Error("what counts")),
  nil: () => undefined,
  "typed nil": () => null,
  string: () => "text",
  number: () => 42,
  message: () => ({ seq: 7 }),
  "empty message": () => ({}),
  large: () => ({ msg: "x".repeat(OVER) }),
  panic: throwing(new TypeError("a handler that panics")),
};

function resultOf(name: string): never {
  const result = results[name];
  if (result === undefined) throw new TtrpcError(Code.InvalidArgument, `no result is named "${name}"`);
  return result() as never;
}

/** `watched`, by the text of the request: why the signal of a Watch call was aborted. */
const implementation = (watched: Map<string, string>): Implementation<typeof Results> => ({
  return: ({ msg }) => resultOf(msg),
  watch: ({ msg }, { signal }) =>
    new Promise<Message>((_, reject) =>
      signal.addEventListener("abort", () => {
        watched.set(msg, (signal.reason as Error).message);
        reject(signal.reason as Error);
      }),
    ),
  watched: ({ msg }) => ({ msg: watched.get(msg) ?? "" }),
  async returnLast(requests) {
    let name = "";
    for await (const { msg } of requests) name = msg;
    return resultOf(name);
  },
  *sendNamed({ msg }) {
    yield { seq: 1 };
    yield resultOf(msg);
  },
  async *thenReturn({ seq, msg }) {
    yield { seq: 1 };
    await sleep(seq);
    yield { seq: 2 };
    return resultOf(msg) as undefined;
  },
  async *late(requests) {
    const first = await requests.recv();
    await sleep(LATENESS_MS);
    yield { seq: first?.seq ?? 0, msg: "late" };
  },
  async *deaf() {
    await sleep(DEAFNESS_MS);
  },
});

export function registerResults(server: Server): Server {
  return server.service(Results, implementation(new Map())).service(Vectors, { echo: (request) => request });
}
