// Peers that send anything at all: frames that are wrong, cut, damaged, far too long or mere noise, and ends at any moment. The process,
// the other connections and the memory of whoever they talk to must not care. TTRPC_SEED repeats the bytes, though not their timing;
// TTRPC_HOSTILE_MS makes it longer than two seconds each.
import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { type Client, connect, type Server, type Stub, TtrpcError } from "ttrpc";
import { freePath, onEachChannel, startPair } from "../support/channels.js";
import { peer, streaming } from "../support/implementations.js";
import { DATA, echo, FakeServer, frame, header, RawPeer, reply, REQUEST, request, RESPONSE, status } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { damage } from "../wire/damage.js";
import { random } from "../wire/support.js";
import { until } from "./links.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 20_265);
const DURATION_MS = Number(process.env["TTRPC_HOSTILE_MS"] ?? 2_000);
/** At a time. */
const HOSTILE = 8;
const OPEN = 0x06;
const END = 0x05;
const MAX = 4 << 20;
/** What may be left in use, in a process that runs two ends and the test. */
const LEFT_BYTES = 64 << 20;

/** Sleeps no longer than the test does, and dies for nobody. */
const calm = {
  ...peer,
  sleep: async ({ seq, msg }: { seq: number; msg: string }) => {
    await sleep(Math.min(Math.abs(seq), 50));
    return { seq, msg };
  },
  blob: ({ seq }: { seq: number }) => ({ seq, msg: "x".repeat(Math.min(Math.abs(seq), 10_000)) }),
  *count({ seq, msg }: { seq: number; msg: string }) {
    for (let i = 0; i < Math.min(seq, 200); i++) yield { seq: i, msg };
  },
  *failAfter({ seq, msg }: { seq: number; msg: string }) {
    for (let i = 0; i < Math.min(seq, 200); i++) yield { seq: i, msg };
    throw new Error(msg);
  },
  die: () => ({}),
};
const calmStreaming = { ...streaming, divideStream: () => [{ add: 1 }, { add: 2 }] };

const serve = (server: Server): Server => server.service(Streaming, calmStreaming).service(Peer, calm);

class Dice {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = random(seed);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const FLAGS = [0, 0, 0, 1, 2, 4, 5, 5, 6, 0xf0, 0xff];

function message(dice: Dice): Buffer {
  const bytes = echo(dice.below(300), "m".repeat(dice.pick([0, 1, 5, 200, 20_000])));
  return dice.below(5) === 0 ? damage(bytes, dice.next) : bytes;
}

function anyRequest(dice: Dice): Buffer {
  const [service, methods] = dice.pick([
    [Streaming.typeName, [...Object.values(Streaming.methods).map(({ name }) => name), "Nope"]],
    [Peer.typeName, Object.values(Peer.methods).map(({ name }) => name)],
    ["no.Such", ["Method"]],
  ] as const);
  return request(service, dice.pick<string>(methods), {
    payload: dice.below(3) === 0 ? "" : message(dice),
    timeoutNanos: dice.pick([0n, 0n, -1n, 1n, 5_000_000n, 2n ** 63n - 1n, -(2n ** 63n)]),
    metadata: dice.below(4) === 0 ? [["KEY", "value"]] : [],
  });
}

function anyResponse(dice: Dice): Buffer {
  return dice.pick([() => reply(message(dice)), () => status(dice.below(20), "refused"), () => Buffer.alloc(0), () => message(dice)])();
}

/** A header that says more than what follows it, or much more than is allowed. */
function tooLong(dice: Dice, id: number, type: number): Buffer {
  const length = dice.pick([100, 20_000, MAX, MAX + 1, MAX + 70_000, 0x0100_0000, 0xffff_ffff]);
  return Buffer.concat([header(length, id, type, dice.pick(FLAGS)), Buffer.alloc(Math.min(length, dice.pick([0, 9, 65_536, MAX + 70_000])))]);
}

/** One piece of what a hostile peer sends: mostly a frame, on a stream that there may be. */
function piece(dice: Dice, id: number, type: number): Buffer {
  const body = (): Buffer => (type === REQUEST ? anyRequest(dice) : type === RESPONSE ? anyResponse(dice) : message(dice));
  const whole = frame(id, type, dice.pick(FLAGS), body());
  switch (dice.below(12)) {
    case 0:
      return damage(whole, dice.next);
    case 1:
      return frame(id, type, dice.pick(FLAGS), damage(body(), dice.next));
    case 2:
      return dice.below(6) === 0 ? tooLong(dice, id, type) : whole;
    case 3:
      return dice.below(6) === 0 ? Buffer.from(Array.from({ length: dice.below(40) }, () => dice.below(256))) : whole;
    default:
      return whole;
  }
}

/** Sends what may be pieces of the same write, or pieces of pieces. */
async function sendPieces(dice: Dice, raw: RawPeer, pieces: readonly Buffer[]): Promise<void> {
  let rest = Buffer.concat(pieces);
  while (rest.length > 0) {
    const length = dice.pick([1, 7, 10, 1_000, rest.length, rest.length]);
    // Nobody waits: a peer that is not read from any more would hold this up.
    raw.stream.write(rest.subarray(0, length));
    rest = rest.subarray(length);
    if (dice.below(3) === 0) await turn();
  }
}

async function end(dice: Dice, raw: RawPeer): Promise<void> {
  if (dice.below(3) === 0) raw.halfClose();
  if (dice.below(3) === 0) await sleep(dice.below(20));
  raw.close();
}

/** One connection of a hostile client. */
async function attackServer(dice: Dice, address: string): Promise<void> {
  const raw = await RawPeer.connect(address);
  let id = 1;
  if (dice.below(4) === 0) raw.stopReading();
  for (let rounds = dice.below(20); rounds >= 0; rounds--) {
    const pieces = Array.from({ length: dice.below(20) }, () => {
      const type = dice.pick([REQUEST, REQUEST, DATA, DATA, DATA, RESPONSE, 9]);
      if (type === REQUEST && dice.below(10) > 0) id += 2;
      return piece(dice, dice.pick([id, id, id, Math.max(1, id - 2), dice.below(2 ** 32)]), type);
    });
    if (dice.below(2) === 0)
      pieces.push(frame((id += 2), REQUEST, OPEN, request(Streaming.typeName, "EchoStream")), frame(id, DATA, 0, echo(1)), frame(id, DATA, END));
    await sendPieces(dice, raw, pieces);
    await turn();
  }
  await end(dice, raw);
}

/** What a hostile server does with one client. */
async function attackClient(dice: Dice, raw: RawPeer): Promise<void> {
  try {
    for (let rounds = dice.below(10); rounds >= 0; rounds--) {
      const { streamId } = await raw.next();
      const pieces = Array.from({ length: dice.below(8) }, () => {
        const type = dice.pick([RESPONSE, RESPONSE, DATA, DATA, DATA, REQUEST, 9]);
        return piece(dice, dice.pick([streamId, streamId, streamId, streamId + 2, dice.below(2 ** 32)]), type);
      });
      await sendPieces(dice, raw, pieces);
    }
  } catch {
    // The client has gone.
  }
  await end(dice, raw);
}

const TIMEOUT_MS = 100;

/** A few calls of each kind. Returns what they ended with. */
async function callAll(dice: Dice, client: Client): Promise<unknown[]> {
  const service = client.service(Streaming);
  const other = client.service(Peer);
  const options = { timeoutMs: TIMEOUT_MS };
  const read = async (stream: AsyncIterable<object>): Promise<void> => {
    for await (const _ of stream) if (dice.below(10) === 0) break;
  };
  const ends: Promise<unknown>[] = [];
  for (let i = dice.below(6); i >= 0; i--) {
    const call = dice.pick([
      (): Promise<unknown> => service.echo({ seq: i }, options),
      () => read(service.echoStream([{ seq: 1 }, { seq: 2 }], options)),
      () => service.sumStream([{ add: 1 }], options),
      () => read(other.count({ seq: 3 }, options)),
    ]);
    ends.push(
      call().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    if (dice.below(3) === 0) await turn();
  }
  return Promise.all(ends);
}

/** Calls that nothing must disturb, on a connection of their own, until it is told to stop. Returns how many there were. */
async function undisturbed(service: Stub<typeof Streaming>, over: () => boolean): Promise<number> {
  const stream = service.echoStream();
  let count = 0;
  while (!over()) {
    const msg = `call ${count++}`;
    assert.deepEqual(await service.echo({ seq: count, msg }), { seq: count + 1, msg });
    await stream.send({ seq: count, msg });
    assert.deepEqual(await stream.recv(), { seq: count + 1, msg });
    await turn();
  }
  await stream.closeSend();
  assert.equal(await stream.recv(), undefined);
  return count;
}

/** Several attackers at once, each making one connection after another until the time is over. Returns how many. */
async function attack(over: () => boolean, once: (dice: Dice) => Promise<void>): Promise<number> {
  let count = 0;
  const attacker = async (): Promise<void> => {
    while (!over()) await once(new Dice(SEED + count++));
  };
  await Promise.all(Array.from({ length: HOSTILE }, attacker));
  return count;
}

function clock(ms = DURATION_MS): () => boolean {
  const endMs = performance.now() + ms;
  return () => performance.now() > endMs;
}

onEachChannel("hostile peers", (channel) => {
  it("of our server: it lives, others are served, and nothing stays", { timeout: DURATION_MS + 60_000 }, async (t) => {
    await using pair = await startPair(channel, serve);
    await undisturbed(pair.client.service(Streaming), clock(200));
    const before = process.memoryUsage().heapUsed;
    const over = clock();
    const [calls, connections] = await Promise.all([
      undisturbed(pair.client.service(Streaming), over),
      attack(over, (dice) => attackServer(dice, pair.address)),
    ]);
    await until(() => pair.server.stats().connections === 1 && pair.server.stats().active === 0, "the end of the hostile connections and their calls");
    const { heapUsed, rss } = process.memoryUsage();
    t.diagnostic(`${connections} connections, ${calls} calls beside them; heap grew by ${heapUsed - before} bytes, ${rss} resident`);
    assert.ok(heapUsed - before < LEFT_BYTES, `the heap grew by ${heapUsed - before} bytes`);
    assert.equal(pair.client.stats().callsFailed, 0);
  });

  it("of our client: its calls end, its other connections work, and nothing stays", { timeout: DURATION_MS + 60_000 }, async (t) => {
    await using pair = await startPair(channel, serve);
    await using fake = await FakeServer.listen(freePath());
    await undisturbed(pair.client.service(Streaming), clock(200));
    const before = process.memoryUsage().heapUsed;
    const over = clock();
    const once = async (dice: Dice): Promise<void> => {
      const [client, raw] = await Promise.all([connect(fake.address, { channel }), fake.accept()]);
      const attacking = attackClient(dice, raw);
      for (const error of await callAll(dice, client)) assert.ok(error === undefined || error instanceof TtrpcError, String(error));
      assert.equal(client.stats().active, 0);
      await client.close();
      await attacking;
    };
    const [calls, connections] = await Promise.all([undisturbed(pair.client.service(Streaming), over), attack(over, once)]);
    const { heapUsed, rss } = process.memoryUsage();
    t.diagnostic(`${connections} connections, ${calls} calls beside them; heap grew by ${heapUsed - before} bytes, ${rss} resident`);
    assert.ok(heapUsed - before < LEFT_BYTES, `the heap grew by ${heapUsed - before} bytes`);
    assert.equal(pair.client.stats().callsFailed, 0);
  });
});
