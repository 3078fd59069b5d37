// Our own implementations of the test services: they do what the Go peer's do.
import { setTimeout as sleep } from "node:timers/promises";
import { Code, type Implementation, type Server, TtrpcError, Writer } from "ttrpc";
import { Example, type Peer, Peer as PeerService, type Streaming, Streaming as StreamingService, type Test, Test as TestService } from "./services.js";

const NULL_TEXT = "non-empty empty";

function checkNull(message: { seq: number; msg: string }, wanted: number): void {
  if (message.seq !== wanted) throw new Error(`unexpected sequence ${message.seq}, expected ${wanted}`);
  if (message.msg !== NULL_TEXT) throw new Error(`unexpected message ${message.msg}`);
}

export const streaming: Implementation<typeof Streaming> = {
  echo: (request) => ({ seq: request.seq + 1, msg: request.msg }),
  async *echoStream(requests) {
    for await (const request of requests) yield { seq: request.seq + 1, msg: request.msg };
  },
  async sumStream(requests) {
    let sum = 0;
    let num = 0;
    for await (const { add } of requests) {
      sum += add;
      num++;
    }
    return { sum, num };
  },
  *divideStream({ sum, num }) {
    const share = Math.trunc(sum / num);
    for (let i = 1; i < num; i++) yield { add: share };
    yield { add: sum - share * (num - 1) };
  },
  async echoNull(requests) {
    let seq = 0;
    for await (const request of requests) checkNull(request, seq++);
    return {};
  },
  async *echoNullStream(requests) {
    let seq = 0;
    for await (const request of requests) {
      checkNull(request, seq++);
      for (let i = 0; i < 10; i++) yield {};
    }
  },
  *emptyPayloadStream() {
    yield { seq: 1 };
    yield { seq: 2 };
  },
};

/** google.protobuf.Duration of 1.5 s, which the Go peer attaches, too. */
function durationBytes(): Uint8Array {
  return new Writer().uint32(8).int64(1).uint32(16).int32(500_000_000).finish();
}

export const peer: Implementation<typeof Peer> = {
  fail({ seq, msg }) {
    if (seq === 0) return { seq, msg };
    throw new TtrpcError(seq as Code, msg, { details: [{ typeUrl: "type.googleapis.com/google.protobuf.Duration", value: durationBytes() }] });
  },
  async sleep(request, context) {
    await sleep(request.seq, undefined, { signal: context.signal });
    return request;
  },
  metadata(_, { metadata }) {
    const sorted = Object.entries(metadata.toJSON()).sort(([a], [b]) => (a < b ? -1 : 1));
    return { msg: JSON.stringify(Object.fromEntries(sorted)) };
  },
  blob: ({ seq }) => ({ seq, msg: "x".repeat(seq) }),
  nil: () => undefined as never,
  plainError({ msg }) {
    throw new Error(msg);
  },
  die: () => process.exit(3),
  deadline(_, context) {
    const leftMs = context.timeoutMs();
    return { msg: leftMs === undefined ? "none" : String(Math.floor(leftMs)) };
  },
  *count({ seq, msg }) {
    for (let i = 0; i < seq; i++) yield { seq: i, msg };
  },
  *failAfter({ seq, msg }) {
    for (let i = 0; i < seq; i++) yield { seq: i, msg };
    throw new TtrpcError(Code.NotFound, msg);
  },
  async collect(requests) {
    let seq = 0;
    let bytes = 0;
    for await (const { msg } of requests) {
      seq++;
      bytes += msg.length;
    }
    return { seq, msg: String(bytes) };
  },
  async *echo2(requests) {
    for await (const { seq, msg } of requests) yield { seq: seq + 1, msg };
  },
  async *hold(requests, { signal }) {
    await requests.recv();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  },
};

export const test: Implementation<typeof Test> = {
  test(request, context) {
    const leftMs = context.timeoutMs();
    const deadline = leftMs === undefined ? 0n : BigInt(Math.round((Date.now() + leftMs) * 1e6));
    return { foo: request.foo.repeat(2), deadline, metadata: context.metadata.get("foo") ?? "" };
  },
};

/** Registers all of them. */
export function register(server: Server): Server {
  return server
    .service(StreamingService, streaming)
    .service(PeerService, peer)
    .service(TestService, test)
    .service(Example, { method1: ({ foo, bar }) => ({ foo, bar }), method2: () => ({}) });
}
