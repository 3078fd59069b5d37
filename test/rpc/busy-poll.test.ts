// `busyPollMicros` over both channels: the loop stays awake when it should, sleeps when it should, and never holds up anybody.
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { describe, it } from "node:test";
import { LoopPoller } from "#lib/channel/loop-poller.js";
import { connect, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Test } from "../support/services.js";
import { runProgram } from "./children.js";

/** Longer than any test: what would starve, would hang. */
const LONG_MICROS = 1_000_000;

function loops(): number {
  return (performance.nodeTiming as unknown as { uvMetricsInfo: { loopCount: number } }).uvMetricsInfo.loopCount;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

onEachChannel("busy polling", (channel) => {
  /** Turns of the loop within 20 ms after a call, the most of several tries: an immediate of somebody else may keep a window shut. */
  const turnsAfterCalls = async (busyPollMicros: number | "auto", tries: number): Promise<number> => {
    await using server = register(new Server({ channel, busyPollMicros: 0 }));
    const { address } = await server.listen(freePath());
    await using client = await connect(address, { channel, busyPollMicros });
    const test = client.service(Test);
    let most = 0;
    for (let i = 0; i < tries && most < 100; i++) {
      for (let j = 0; j < 3; j++) await test.test({ foo: "hello" });
      const before = loops();
      await sleep(20);
      most = Math.max(most, loops() - before);
    }
    return most;
  };

  it("of a second goes on after an answer, and timers run meanwhile", async () => {
    assert.ok((await turnsAfterCalls(LONG_MICROS, 50)) >= 100, "the loop slept after each of 50 answers");
  });

  it("of none lets the loop sleep", async () => {
    assert.ok((await turnsAfterCalls(0, 3)) < 60);
  });

  it("is over soon where nothing comes", async () => {
    await turnsAfterCalls("auto", 3);
    const before = loops();
    await sleep(50);
    assert.ok(loops() - before < 20, `${loops() - before} turns`);
  });

  it("ends with the connection: the process can end", async () => {
    await using server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    const program = `
      import { connect } from "ttrpc";
      const [address, channel] = process.argv.slice(1);
      const Empty = { typeName: "Empty", create: () => ({}), encode: (_, writer) => writer, decode: () => ({}) };
      const client = await connect(address, { channel, busyPollMicros: ${LONG_MICROS} });
      for (let i = 0; i < 3; i++) await client.call("none", { kind: "unary", name: "None", input: Empty, output: Empty }, {}).catch(() => {});
      const closed = performance.now();
      await client.close();
      process.once("exit", () => console.log(performance.now() - closed < 900 ? "soon" : "late"));`;
    const { code, out } = await runProgram(program, [address, channel]);
    assert.deepEqual([code, out], [0, "soon"]);
  });
});

describe("polling of a loop without the addon", () => {
  /** Wakes until one poll has found something in time. */
  const succeed = async (poller: LoopPoller): Promise<void> => {
    for (let i = 0; i < 5_000; i++) {
      poller.wake("auto");
      await new Promise((resolve) => setImmediate(resolve));
      if (poller.peerRunsBeside) return;
      poller.wake("auto");
      if (poller.peerRunsBeside) return;
    }
    assert.fail("no poll was in time");
  };

  /** Lets the loop turn until the poller is there. Never, and the test hangs. */
  const reaches = async (poller: LoopPoller, state: LoopPoller["state"]): Promise<void> => {
    while (poller.state !== state) await sleep(1);
  };

  it("stops for more and more wake-ups where it finds nothing, and comes back", async () => {
    const poller = new LoopPoller();
    for (const skipped of [0, 2, 4, 8]) {
      for (let i = 0; i < skipped; i++) {
        poller.wake("auto");
        assert.equal(poller.state, "resting", `wake-up ${i} after ${skipped}`);
      }
      poller.wake("auto");
      assert.equal(poller.state, "woken");
      await reaches(poller, "resting");
    }
    await succeed(poller);
    poller.rest();
  });

  it("always polls where told so, and never where told not to", async () => {
    const poller = new LoopPoller();
    poller.wake(0);
    assert.equal(poller.state, "resting");
    for (let i = 0; i < 3; i++) {
      poller.wake(1);
      assert.equal(poller.state, "woken");
      await reaches(poller, "resting");
    }
  });

  it("is ended at once, and begins anew", async () => {
    const poller = new LoopPoller();
    poller.wake(LONG_MICROS);
    await reaches(poller, "polling");
    poller.rest();
    assert.equal(poller.state, "resting");
    const before = loops();
    await sleep(30);
    assert.ok(loops() - before < 20, `${loops() - before} turns`);
    poller.wake(LONG_MICROS);
    assert.equal(poller.state, "woken");
    poller.rest();
  });
});
