// The client's half of the matrix, on our client: the Go and Rust peers have the same in their languages.
import { type CallOptions, type Client, ClosedError, Code, connect, type Stub, TtrpcError } from "ttrpc";
import type { SocketChannel } from "../support/channels.js";
import type { EchoPayload } from "../support/services.js";
import { type Cell, type Kind, kinds, type Outcome, outcomes } from "./cells.js";
import { Matrix } from "./service.js";

const MAX = 4 << 20;
const DEADLINE_MS = 150;
const CANCEL_AFTER_MS = 50;
/** How long to wait for any end. Not as a deadline: that would be sent. */
const PATIENCE_MS = 20_000;

type Order = Pick<EchoPayload, "seq" | "msg">;

const first: Order = { seq: 1, msg: "answer" };

const orders: Readonly<Record<Outcome, Order>> = {
  ok: { seq: 3, msg: "answer" },
  error: { seq: Code.NotFound, msg: "fail" },
  deadline: { seq: 60_000, msg: "wait" },
  cancel: { seq: 250, msg: "wait" },
  "oversize request": { seq: 0, msg: `answer ${"x".repeat(MAX)}` },
  "oversize response": { seq: MAX, msg: "blob" },
};

/** Every cell at once, each on a connection of its own. */
export function runOurClient(address: string, channel: SocketChannel): Promise<Cell[]> {
  return Promise.all(kinds.flatMap((kind) => outcomes.map((outcome) => fill(address, channel, kind, outcome))));
}

async function fill(address: string, channel: SocketChannel, kind: Kind, outcome: Outcome): Promise<Cell> {
  const client = await connect(address, { channel });
  try {
    const ending = await end(client.service(Matrix), kind, outcome);
    return { kind, outcome, extra: 0, ...ending, alive: await isAlive(client, outcome) };
  } finally {
    await client.close();
  }
}

async function end(stub: Stub<typeof Matrix>, kind: Kind, outcome: Outcome): Promise<Pick<Cell, "end" | "code" | "text">> {
  const patience = new AbortController();
  const signal = outcome === "cancel" ? AbortSignal.timeout(CANCEL_AFTER_MS) : patience.signal;
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const wrong = await calls[kind](stub, orders[outcome], { signal, timeoutMs: outcome === "deadline" ? DEADLINE_MS : undefined });
    return { end: wrong === "" ? "ok" : "wrong", code: Code.Ok, text: wrong };
  } catch (error) {
    if (patience.signal.aborted) return { end: "none", code: -1, text: `nothing within ${PATIENCE_MS} ms` };
    if (error instanceof ClosedError) return { end: "closed", code: -1, text: error.message };
    if (error instanceof TtrpcError) return { end: "status", code: error.code, text: error.message };
    return { end: "own", code: -1, text: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Behind the late answer of a call that was given up. */
async function isAlive(client: Client, outcome: Outcome): Promise<boolean> {
  try {
    const { seq } = await client.service(Matrix).unary({ seq: 300, msg: outcome === "cancel" ? "wait" : "answer" }, { timeoutMs: 5_000 });
    return seq === 301;
  } catch {
    return false;
  }
}

type Perform = (stub: Stub<typeof Matrix>, order: Order, options: CallOptions) => Promise<string>;

/** What is wrong with the answer: nothing, if it is right. */
const calls: Readonly<Record<Kind, Perform>> = {
  async unary(stub, order, options) {
    const { seq, msg } = await stub.unary(order, options);
    return seq === order.seq + 1 && msg === order.msg ? "" : `seq ${seq}`;
  },
  async serverStream(stub, order, options) {
    const seqs: number[] = [];
    for await (const { seq } of stub.serverStream(order, options)) seqs.push(seq);
    return seqs.join() === "0,1,2" ? "" : `seqs ${seqs.join()}`;
  },
  async clientStream(stub, order, options) {
    const stream = stub.clientStream(options);
    await stream.send(first);
    await stream.send(order);
    const { seq } = await stream.closeAndRecv();
    return seq === 2 ? "" : `${seq} messages`;
  },
  async bidi(stub, order, options) {
    const stream = stub.bidi(options);
    for (const message of [first, order]) {
      await stream.send(message);
      const seq = (await stream.recv())?.seq;
      if (seq !== message.seq + 1) return `seq ${seq}`;
    }
    await stream.closeSend();
    const more = await stream.recv();
    return more === undefined ? "" : `seq ${more.seq} in place of the end`;
  },
};
