// The addon's end: workers terminated in every state, processes which end by themselves or in a callback.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { attach, native, pair } from "./harness.js";
import { programFile, runProgram } from "./programs.js";

const STATES = ["loaded", "attached", "talking", "reading", "writing", "connecting", "accepting", "polling"];

function sockets(): number {
  return readdirSync("/proc/self/fd").length;
}

async function start(mode: string): Promise<Worker> {
  const worker = new Worker(programFile, { workerData: { mode } });
  await once(worker, "message");
  return worker;
}

describe("a worker", () => {
  for (const state of STATES) {
    it(`is terminated while ${state}, again and again`, async () => {
      await (await start(state)).terminate();
      const before = sockets();
      for (let i = 0; i < 3; ++i) await (await start(state)).terminate();
      assert.equal(sockets(), before, "descriptors");
    });
  }

  it("is terminated beside others which go on", async () => {
    attach();
    const here = await pair();
    const workers = await Promise.all(["talking", "talking", "accepting"].map(start));
    await workers[0]?.terminate();
    await workers[2]?.terminate();
    assert.equal(native.openCount() > 0, true);
    await workers[1]?.terminate();
    here.close();
  });

  it("may exit inside a callback", async () => {
    const worker = new Worker(programFile, { workerData: { mode: "exitInCallback" } });
    const [code] = (await once(worker, "exit")) as [number];
    assert.equal(code, 7);
  });

  it("ends with the error thrown inside a callback", async () => {
    const worker = new Worker(programFile, { workerData: { mode: "throwInCallback" } });
    const errors: Error[] = [];
    worker.on("error", (error: Error) => errors.push(error));
    const code = await new Promise((resolve) => worker.on("exit", resolve));
    assert.deepEqual(
      errors.map((error) => error.message),
      ["thrown in a callback"],
    );
    assert.equal(code, 1);
  });
});

describe("a process", () => {
  it("ends by itself when everything is unref'd, though events are waiting", async () => {
    for (let i = 0; i < 3; ++i) {
      assert.deepEqual(await runProgram("unrefd"), { code: 0, signal: null, output: "unref'd\n" });
    }
  });

  it("lives as long as a started connection is ref'd", async () => {
    assert.deepEqual(await runProgram("refd"), { code: 0, signal: null, output: "still alive\n" });
  });

  it("may exit inside a callback", async () => {
    assert.equal((await runProgram("exitInCallback")).code, 7);
  });

  it("ends by itself when nothing is open", async () => {
    assert.deepEqual(await runProgram("attached"), { code: 0, signal: null, output: "" });
  });
});
