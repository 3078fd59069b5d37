// What the example's client does: calls of all four kinds, first to see that they are right, then to see how fast.
import { type Client, Code, TtrpcError } from "ttrpc";
import { Example, Notes } from "./example_ttrpc.js";

/** Figures of one run. A kind that the server does not have is left out. */
export interface Figures {
  unaryMicros?: number;
  unaryPerSecond?: number;
  uploadPerSecond?: number;
  watchPerSecond?: number;
  chatMicros?: number;
}

export type Report = (what: string) => void;

const IN_FLIGHT = 64;
const STREAM_MESSAGES = 20_000;
const msg = "x".repeat(32);

function check(is: boolean, what: string): void {
  if (!is) throw new Error(`wrong answer: ${what}`);
}

/** One call of each kind, its answer checked. */
export async function checkCalls(client: Client, report: Report): Promise<void> {
  const example = client.service(Example);
  const notes = client.service(Notes);
  report("unary: Example/Method1, Method2");
  const reply = await example.method1({ foo: "hello", bar: "there" }, { timeoutMs: 2_000, metadata: { tenant: "example" } });
  check(reply.foo === "hello" && reply.bar === "there", "Method1");
  await example.method2({ foo: "nothing" });
  if (!(await hasNotes(client))) return;
  report("client stream: Notes/Total");
  const total = await notes.total([
    { seq: 1, msg: "ab" },
    { seq: 2, msg: "c" },
  ]);
  check(total.seq === 2 && total.msg === "3", "Total");
  report("server stream: Notes/Watch");
  let next = 0;
  for await (const { seq } of notes.watch({ seq: 3 })) check(seq === next++, "Watch");
  check(next === 3, "Watch's end");
  report("bidi: Notes/Chat");
  const chat = notes.chat();
  await chat.send({ seq: 1 });
  check((await chat.recv())?.seq === 2, "Chat");
  await chat.closeSend();
  check((await chat.recv()) === undefined, "Chat's end");
}

/** Somebody else's server may have the upstream service alone. */
async function hasNotes(client: Client): Promise<boolean> {
  try {
    await client.service(Notes).echo({ seq: 1 });
    return true;
  } catch (error) {
    if (error instanceof TtrpcError && error.code === Code.Unimplemented) return false;
    throw error;
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** `repeat`, after half as long to warm up: whoever comes first would pay for the compiler. */
async function repeatWarm(ms: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  await repeat(ms / 2, call);
  return repeat(ms, call);
}

/** Repeats `call` for `ms` milliseconds and returns each one's microseconds. */
async function repeat(ms: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  const micros: number[] = [];
  const untilMs = performance.now() + ms;
  for (let startMs = performance.now(); startMs < untilMs; ) {
    await call(micros.length);
    const endMs = performance.now();
    micros.push((endMs - startMs) * 1_000);
    startMs = endMs;
  }
  return micros;
}

/** Measures each kind for `ms` milliseconds. */
export async function measureCalls(client: Client, ms: number, report: Report): Promise<Figures> {
  const { method1 } = client.service(Example);
  const request = { foo: msg, bar: "" };
  const figures: Figures = {};
  report("measuring: unary, 1 in flight");
  figures.unaryMicros = median(await repeatWarm(ms, () => method1(request)));
  report(`measuring: unary, ${IN_FLIGHT} in flight`);
  const counts = await Promise.all(Array.from({ length: IN_FLIGHT }, () => repeatWarm(ms, () => method1(request))));
  figures.unaryPerSecond = (counts.reduce((sum, { length }) => sum + length, 0) / ms) * 1_000;
  if (!(await hasNotes(client))) return figures;

  const notes = client.service(Notes);
  report("measuring: client stream");
  figures.uploadPerSecond = rate(await repeatWarm(ms, () => notes.total(Array.from({ length: STREAM_MESSAGES }, (_, seq) => ({ seq, msg })))));
  report("measuring: server stream");
  figures.watchPerSecond = rate(
    await repeatWarm(ms, async () => {
      let count = 0;
      for await (const _ of notes.watch({ seq: STREAM_MESSAGES, msg })) count++;
      check(count === STREAM_MESSAGES, "Watch");
    }),
  );
  report("measuring: bidi ping-pong");
  const chat = notes.chat();
  figures.chatMicros = median(
    await repeatWarm(ms, async (seq) => {
      await chat.send({ seq, msg });
      await chat.recv();
    }),
  );
  chat.cancel();
  return figures;
}

/** Messages per second of streams that took `micros` each. */
function rate(micros: number[]): number {
  return (STREAM_MESSAGES / median(micros)) * 1e6;
}
