// ttrpc-rust's known differences: the same bytes to its two servers and to ours, and the exact frames that come back from each.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { RawPeer } from "../support/raw.js";
import { type RustServer, skipRust, startRustServer } from "../support/rust.js";
import { Server } from "ttrpc";
import { type Answers, type Difference, differences, hexOfAnswer, probe } from "./differences.js";

/** Sends the bytes and asserts the frames; then a call more, whose answer must be the next and only one. */
async function expectAnswers(address: string, peer: "ours" | "rust", { send, inTurn }: Difference, answers: Answers): Promise<void> {
  const raw = await RawPeer.connect(address);
  try {
    const frames: string[] = [];
    for (const step of send) {
      if (typeof step === "number") await sleep(step);
      else await raw.send(step);
      if (inTurn) frames.push(await raw.nextHex());
    }
    if (answers === "closed") {
      await expectEnd(raw);
      return;
    }
    frames.push(...(await raw.take(answers.length - frames.length)));
    assert.deepEqual(
      frames,
      answers.map((answer) => hexOfAnswer(answer, peer)),
    );
    await raw.send(probe.send);
    assert.equal(await raw.nextHex(), hexOfAnswer(probe.answer, peer));
  } finally {
    raw.close();
  }
}

/** The threads of the synchronous server notice that a connection is over when more comes on it, and may answer that. */
async function expectEnd(raw: RawPeer): Promise<void> {
  let ended = false;
  void raw.ended.then(() => (ended = true));
  for (let tries = 0; !ended && tries < 400; tries++) {
    await raw.send(probe.send);
    await sleep(50);
  }
  const answered = hexOfAnswer(probe.answer, "rust");
  assert.deepEqual([ended, raw.unread.filter((hex) => hex !== answered)], [true, []]);
}

onEachChannel("bytes that ttrpc-rust takes otherwise, to ours", (channel) => {
  let server: Server;
  let address: string;
  before(async () => {
    server = register(new Server({ channel }));
    ({ address } = await server.listen(`unix://${freePath()}`));
  });
  after(() => server.close());
  for (const difference of differences) it(difference.name, () => expectAnswers(address, "ours", difference, difference.ours));
});

for (const program of ["server", "sync-server"] as const) {
  describe(`bytes that ttrpc-rust takes otherwise, to its ${program}`, { skip: skipRust() }, () => {
    let rust: RustServer;
    before(async () => {
      rust = await startRustServer(program, `unix://${freePath()}`);
    });
    after(() => rust.stop());
    for (const difference of differences) {
      const answers = program === "server" ? difference.rust : difference.rustSync;
      if (answers !== undefined) it(difference.name, () => expectAnswers(rust.address, "rust", difference, answers));
    }
  });
}
