// The budget of a unary call, counted and not timed: a slip shows here before it shows in a benchmark.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";
import { onEachChannel } from "../support/channels.js";

const program = fileURLToPath(new URL("./program.js", import.meta.url));
const HEAP = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

interface Counts {
  readonly bytes: number;
  readonly promises: number;
  readonly intoNative: number;
  readonly intoJavaScript: number;
  readonly writes: number;
}

function count(channel: string, inFlight: number, kind = "connection"): Counts {
  return JSON.parse(execFileSync(process.execPath, [...HEAP, program, channel, String(inFlight), kind], { encoding: "utf8" })) as Counts;
}

/** Bytes of garbage of both sides together: what was measured on Node 20 (Node 26 makes less), and a tenth. Streams of Node make the rest of theirs. */
const BYTES = { native: { 1: 1_440, 64: 840 }, node: { 1: 5_250, 64: 900 } } as const;

onEachChannel("a unary call", (channel) => {
  for (const inFlight of [1, 64] as const) {
    describe(`with ${inFlight} in flight`, () => {
      const counts = count(channel, inFlight);

      it("makes one promise, and the caller's `then` another", () => {
        assert.ok(counts.promises >= 2 && counts.promises < 2.01, `${counts.promises} promises`);
      });

      it("allocates no more than it did", () => {
        assert.ok(counts.bytes < BYTES[channel][inFlight], `${counts.bytes} bytes, the budget is ${BYTES[channel][inFlight]}`);
        // Nothing was collected meanwhile: the messages alone take as much.
        assert.ok(counts.bytes > 300, `${counts.bytes} bytes cannot be all`);
      });

      it("costs a persistent client no promise and no closure more", () => {
        const persistent = count(channel, inFlight, "persistent");
        assert.ok(persistent.promises < 2.01, `${persistent.promises} promises`);
        // A closure and its context take 100 bytes; two runs differ by up to 60.
        const noiseBytes = 90;
        assert.ok(persistent.bytes < counts.bytes + noiseBytes, `${persistent.bytes} bytes, ${counts.bytes} without`);
      });

      if (channel === "native")
        it("enters JavaScript once a batch on each side, and the addon not at all", () => {
          assert.ok(counts.intoJavaScript <= 2.02 / inFlight, `${counts.intoJavaScript} calls into JavaScript`);
          // What the addon was asked in a callback, it sends by itself at the callback's end.
          assert.ok(counts.intoNative < 0.01, `${counts.intoNative} calls into the addon`);
        });
      else
        it("writes once a batch on each side", () => {
          assert.ok(counts.writes <= 2.02 / inFlight, `${counts.writes} writes`);
        });
    });
  }
});
