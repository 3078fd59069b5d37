// Plays a server case against a server, whichever it is, and writes down what comes back.
import { setTimeout as sleep } from "node:timers/promises";
import { echo, frame, hexOf, type RawPeer, replyHex, REQUEST, request } from "../support/raw.js";
import type { Outcome, ServerCase, ServerStep } from "./cases.js";
import { plainSpaces } from "./readable.js";

/** A server under test. */
export interface Target {
  connect(): Promise<RawPeer>;
  /** Resolves if its process ends. */
  readonly exited?: Promise<void>;
}

const STREAMING = "ttrpc.integration.streaming.Streaming";
/** Above all ids of the cases. */
const LAST_ID = 0xffff_ffff;
/** How long "stays open" is watched. */
const STAYS_OPEN_MS = 1_500;
/** Only to give up. */
const GIVE_UP_MS = 10_000;

const FRAME = /^[0-9a-f]{8} /;

export async function playServerCase(target: Target, one: ServerCase, wanted: Outcome): Promise<Outcome> {
  const peer = await target.connect();
  try {
    return await new Play(target, peer).run(one.steps, wanted.filter((line) => FRAME.test(line)).length, wanted.includes("closed"));
  } finally {
    peer.close();
  }
}

class Play {
  readonly #target: Target;
  readonly #peer: RawPeer;
  readonly #lines: string[] = [];
  #frames = 0;
  #ours: "open" | "halfClosed" | "closed" = "open";

  constructor(target: Target, peer: RawPeer) {
    this.#target = target;
    this.#peer = peer;
  }

  /** All steps; then the rest of the frames, as many as are wanted; then what became of the connection, and any frame too many. */
  async run(steps: readonly ServerStep[], frames: number, ends: boolean): Promise<string[]> {
    for (const step of steps) await this.#step(step);
    if (this.#ours !== "closed") {
      while (this.#frames < frames && (await this.#take()));
      this.#lines.push(this.#ours === "open" && !ends ? await this.#lives() : await this.#endsBy(ends ? GIVE_UP_MS : STAYS_OPEN_MS));
    }
    if (this.#target.exited !== undefined && this.#lines.at(-1) === "closed") {
      const how = await Promise.race([this.#target.exited.then(() => "the process ended"), sleep(GIVE_UP_MS, "the process lives on")]);
      this.#lines.push(how);
    }
    return this.#lines;
  }

  async #step(step: ServerStep): Promise<void> {
    const peer = this.#peer;
    if ("send" in step) await peer.send(step.send);
    else if ("take" in step) for (let i = 0; i < step.take && (await this.#take()); i++);
    else if ("waitMs" in step) await sleep(step.waitMs);
    else if ("call" in step) await this.#callAnother();
    else if ("stopReading" in step) peer.stopReading();
    else if ("watched" in step) this.#lines.push(await this.#watched(step.watched));
    else if ("halfClose" in step) {
      this.#ours = "halfClosed";
      peer.halfClose();
    } else {
      this.#ours = "closed";
      peer.close();
    }
  }

  /** Notes the next frame; false if none comes. */
  async #take(): Promise<boolean> {
    try {
      this.#lines.push(hexOf(plainSpaces(await this.#peer.next())));
      this.#frames++;
      return true;
    } catch {
      return false;
    }
  }

  async #callAnother(): Promise<void> {
    const id = LAST_ID - 2;
    const answer = replyHex(id, echo(2));
    await this.#peer.send(frame(id, REQUEST, 0, request(STREAMING, "Echo", { payload: echo(1) })));
    while (await this.#take()) {
      if (this.#lines.at(-1) !== answer) continue;
      this.#lines.pop();
      this.#frames--;
      return;
    }
  }

  /** One more call: what comes before its answer has been too much. */
  async #lives(): Promise<string> {
    const answer = replyHex(LAST_ID, echo(42, "lives"));
    await this.#peer.send(frame(LAST_ID, REQUEST, 0, request(STREAMING, "Echo", { payload: echo(41, "lives") })));
    while (await this.#take()) {
      if (this.#lines.at(-1) !== answer) continue;
      this.#lines.pop();
      return "lives";
    }
    return (await Promise.race([this.#peer.ended.then(() => true), sleep(GIVE_UP_MS, false)])) ? "closed" : "no answer";
  }

  async #endsBy(ms: number): Promise<string> {
    const how = await Promise.race([this.#peer.ended.then(() => "closed"), sleep(ms, "stays open")]);
    this.#lines.push(...this.#peer.unread);
    return how;
  }

  async #watched(text: string): Promise<string> {
    const other = await this.#target.connect();
    try {
      for (let id = 1; id < GIVE_UP_MS / 10; id += 2) {
        await other.send(frame(id, REQUEST, 0, request("ttrpc.test.Results", "Watched", { payload: echo(0, text) })));
        const { payload } = await other.next();
        // Response, its payload, the message's text.
        if (payload.length > 0) return `the handler sees "${payload.subarray(4).toString()}"`;
        await sleep(20);
      }
      return "the handler runs on";
    } finally {
      other.close();
    }
  }
}
