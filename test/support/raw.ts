// A peer that speaks frames by hand: sends any bytes, collects what comes back. Nothing here uses the library's own
// encoders: what they get wrong would not be seen.
import assert from "node:assert/strict";
import { connect as netConnect, createServer, type Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { freePath } from "./channels.js";

export const REQUEST = 1;
export const RESPONSE = 2;
export const DATA = 3;

const HEADER_BYTES = 10;
/** Only to give up: a test that waits this long has failed. */
const GIVE_UP_MS = 20_000;

export interface RawFrame {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Bytes, or their hex with any spaces. */
export type Bytes = Uint8Array | string;

export function bytes(value: Bytes): Buffer {
  return typeof value === "string" ? Buffer.from(value.replaceAll(" ", ""), "hex") : Buffer.from(value);
}

export function frame(streamId: number, type: number, flags = 0, payload: Bytes = ""): Buffer {
  const body = bytes(payload);
  return Buffer.concat([header(body.length, streamId, type, flags), body]);
}

export function header(length: number, streamId: number, type: number, flags = 0): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32BE(length, 0);
  head.writeUInt32BE(streamId, 4);
  head[8] = type;
  head[9] = flags;
  return head;
}

/** "00000002 00000001 03 01 0807": a frame as assertions show it. */
export function hexOf({ streamId, type, flags, payload }: RawFrame): string {
  const head = header(payload.length, streamId, type, flags).toString("hex");
  const parts = [head.slice(0, 8), head.slice(8, 16), head.slice(16, 18), head.slice(18), payload.toString("hex")];
  return parts.join(" ").trimEnd();
}

function varint(value: bigint | number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...out, Number(rest)]);
}

function numberField(number: number, value: bigint | number): Buffer {
  return BigInt(value) === 0n ? Buffer.alloc(0) : Buffer.concat([varint(number << 3), varint(value)]);
}

function bytesField(number: number, value: Uint8Array | string): Buffer {
  const body = Buffer.from(value as string);
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body]);
}

/** An EchoPayload's bytes. */
export function echo(seq: number, msg = ""): Buffer {
  return Buffer.concat([numberField(1, seq), msg === "" ? Buffer.alloc(0) : bytesField(2, msg)]);
}

export interface RequestFields {
  readonly payload?: Bytes;
  readonly timeoutNanos?: bigint;
  readonly metadata?: readonly (readonly [string, string])[];
}

/** A ttrpc.Request's bytes. */
export function request(service: string, method: string, { payload = "", timeoutNanos = 0n, metadata = [] }: RequestFields = {}): Buffer {
  const body = bytes(payload);
  return Buffer.concat([
    bytesField(1, service),
    bytesField(2, method),
    body.length === 0 ? body : bytesField(3, body),
    numberField(4, timeoutNanos),
    ...metadata.map(([key, value]) => bytesField(5, Buffer.concat([bytesField(1, key), bytesField(2, value)]))),
  ]);
}

/** Takes field 4, timeout_nano, out of a Request: its value depends on the moment. */
export function takeTimeout(frame: RawFrame, service: string, method: string, payload: Uint8Array): { readonly nanos: number; readonly rest: string } {
  const before = request(service, method, { payload });
  const { payload: body } = frame;
  assert.equal(body.subarray(0, before.length).toString("hex"), before.toString("hex"));
  assert.equal(body[before.length], 0x20, "timeout_nano follows the payload");
  let nanos = 0;
  let at = before.length + 1;
  for (let scale = 1; ; scale *= 128, at++) {
    const byte = body[at] as number;
    nanos += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return { nanos, rest: body.subarray(at + 1).toString("hex") };
}

/** A ttrpc.Response's bytes: success. */
export function reply(payload: Uint8Array): Buffer {
  return payload.length === 0 ? Buffer.alloc(0) : bytesField(2, payload);
}

/** A ttrpc.Response's bytes: failure. */
export function status(code: number, message: string): Buffer {
  return bytesField(1, Buffer.concat([numberField(1, code), bytesField(2, message)]));
}

/** What a refusal or a failure looks like on the wire. */
export function statusHex(streamId: number, code: number, message: string): string {
  return hexOf({ streamId, type: RESPONSE, flags: 0, payload: status(code, message) });
}

export function replyHex(streamId: number, payload: Uint8Array): string {
  return hexOf({ streamId, type: RESPONSE, flags: 0, payload: reply(payload) });
}

export function dataHex(streamId: number, flags: number, payload: Bytes = ""): string {
  return hexOf({ streamId, type: DATA, flags, payload: bytes(payload) });
}

interface Wanted {
  readonly give: (frame: RawFrame) => void;
  readonly fail: (error: Error) => void;
}

/** One end of a connection, driven by hand. */
export class RawPeer {
  readonly stream: Duplex;
  /** Resolves when the other side has ended or broken the connection. */
  readonly ended: Promise<void>;
  #state: "open" | "ended" = "open";
  #pending: Buffer = Buffer.alloc(0);
  readonly #frames: RawFrame[] = [];
  readonly #wanted: Wanted[] = [];

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    // A broken pipe is an end like any other here.
    stream.on("error", () => {});
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#state = "ended";
        for (const { fail } of this.#wanted.splice(0)) fail(new Error("the connection ended in place of a frame"));
        resolve();
      };
      stream.once("end", end);
      stream.once("close", end);
    });
  }

  /** Connects to a unix address. */
  static connect(address: string): Promise<RawPeer> {
    return new Promise((resolve, reject) => {
      const socket = netConnect({ path: address.replace(/^unix:\/\//, ""), allowHalfOpen: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new RawPeer(socket));
      });
    });
  }

  #take(chunk: Buffer): void {
    let rest = Buffer.concat([this.#pending, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(0);
      if (rest.length < end) break;
      this.#deliver({ streamId: rest.readUInt32BE(4), type: rest[8] as number, flags: rest[9] as number, payload: rest.subarray(HEADER_BYTES, end) });
      rest = rest.subarray(end);
    }
    this.#pending = rest;
  }

  #deliver(frame: RawFrame): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#frames.push(frame);
    else wanted.give(frame);
  }

  /** Writes all parts at once; resolves when the system has them. */
  send(...parts: Bytes[]): Promise<void> {
    return new Promise((resolve) => this.stream.write(Buffer.concat(parts.map(bytes)), () => resolve()));
  }

  /** The next frame; rejects if the connection ends in its place. */
  next(): Promise<RawFrame> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#state === "ended") return Promise.reject(new Error("the connection has ended"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no frame within ${GIVE_UP_MS} ms`)), GIVE_UP_MS);
      this.#wanted.push({
        give: (given) => {
          clearTimeout(timer);
          resolve(given);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  async nextHex(): Promise<string> {
    return hexOf(await this.next());
  }

  async take(count: number): Promise<string[]> {
    const frames: string[] = [];
    while (frames.length < count) frames.push(await this.nextHex());
    return frames;
  }

  /** Frames that have come and were not asked for. */
  get unread(): string[] {
    return this.#frames.map(hexOf);
  }

  /** Reads nothing any more, as a peer that is stuck. */
  stopReading(): void {
    this.stream.pause();
  }

  startReading(): void {
    this.stream.resume();
  }

  /** Ends our side only. */
  halfClose(): void {
    this.stream.end();
  }

  close(): void {
    this.stream.destroy();
  }
}

/** A server that only accepts: each connection is driven by the test. */
export class FakeServer implements AsyncDisposable {
  readonly address: string;
  readonly #server: NetServer;
  readonly #peers: RawPeer[] = [];
  readonly #open: Set<RawPeer> = new Set();
  readonly #wanted: ((peer: RawPeer) => void)[] = [];

  private constructor(server: NetServer, address: string) {
    this.#server = server;
    this.address = address;
    server.on("connection", (socket) => {
      const peer = new RawPeer(socket);
      this.#open.add(peer);
      socket.once("close", () => this.#open.delete(peer));
      const give = this.#wanted.shift();
      if (give === undefined) this.#peers.push(peer);
      else give(peer);
    });
  }

  static listen(path = freePath()): Promise<FakeServer> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true });
      server.once("error", reject);
      server.listen(path, () => resolve(new FakeServer(server, `unix://${path}`)));
    });
  }

  /** The next connection. */
  accept(): Promise<RawPeer> {
    const peer = this.#peers.shift();
    return peer === undefined ? new Promise((resolve) => this.#wanted.push(resolve)) : Promise.resolve(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#open) peer.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
