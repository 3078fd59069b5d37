// The raw addon under test: loads it, attaches once, and keeps what it reports for every handle.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Native {
  attach(options: object): void;
  setArena(arena: Uint8Array): void;
  setOutTables(outTable: Uint32Array, refTable: Uint32Array): void;
  flush(): void;
  connectUnix(path: string): number;
  connectTcp(ip: string, port: number): number;
  greetUnix(path: string, request: string, maxLineBytes: number): number;
  greetingLine(handle: number): string;
  carry(handle: number): number;
  adopt(fd: number): number;
  adoptListener(fd: number): number;
  listenUnix(path: string, mode: number, backlog: number): number;
  listenTcp(ip: string, port: number, backlog: number): number;
  localAddress(handle: number): string;
  peerAddress(handle: number): string;
  peerCredentials(handle: number): readonly [number, number, number] | undefined;
  start(handle: number): void;
  pause(handle: number): void;
  resume(handle: number): void;
  ref(handle: number): void;
  unref(handle: number): void;
  close(handle: number): void;
  shutdownWrite(handle: number): void;
  queuedBytes(handle: number): number;
  setMaxMessageBytes(handle: number, bytes: number): void;
  setBusyPoll(handle: number, micros: number): void;
  openCount(): number;
}

export const END = 0;
export const DRAIN = 1;
export const CONNECTED = 2;
export const ACCEPT = 3;
export const ACCEPT_ERROR = 4;
export const GREETED = 5;

export const OUT_ROWS = 0;
export const REF_ROWS = 1;
export const IN_CALLBACK = 2;
export const BACKLOGGED = 3;

export interface Frame {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  readonly oversize: boolean;
  readonly length: number;
  readonly payload: Buffer;
  readonly large: boolean;
}

export interface Event {
  readonly kind: number;
  readonly value: number;
}

/** What the addon reported for one handle. */
export class Log {
  readonly frames: Frame[] = [];
  readonly batches: number[] = [];
  readonly events: Event[] = [];
  onBatch: ((frames: readonly Frame[]) => void) | undefined;
  onEvent: ((event: Event) => void) | undefined;

  values(kind: number): number[] {
    return this.events.filter((event) => event.kind === kind).map((event) => event.value);
  }
}

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

export const root = findRoot();
const require = createRequire(import.meta.url);
export const native = (require("node-gyp-build") as (root: string) => Native)(root);

export const SLAB_BYTES = 262144;
export const IN_ROWS = 64;
export const slab = new Uint8Array(SLAB_BYTES);
export const inTable = new Uint32Array(4 * IN_ROWS);
export let outTable = new Uint32Array(5 * 256);
export let refTable = new Uint32Array(2 * 4096);
export const refs: Uint8Array[] = [];
export const control = new Int32Array(4);
let arena = new Uint8Array(1 << 20);
let arenaEnd = 0;

const logs = new Map<number, Log>();

export function logOf(handle: number): Log {
  let log = logs.get(handle);
  if (log === undefined) {
    log = new Log();
    logs.set(handle, log);
  }
  return log;
}

function word(index: number): number {
  return inTable[index] ?? 0;
}

function readRow(row: number, bytes: Uint8Array, large: boolean): Frame {
  const at = row * 4;
  const meta = word(at + 1);
  const oversize = (meta & 0x10000) !== 0;
  const [offset, length] = [word(at + 2), word(at + 3)];
  const payload = oversize ? Buffer.alloc(0) : Buffer.from(bytes.subarray(offset, offset + length));
  return { streamId: word(at), type: meta & 0xff, flags: (meta >> 8) & 0xff, oversize, length, payload, large };
}

function deliver(handle: number, frames: Frame[]): void {
  const log = logOf(handle);
  log.batches.push(frames.length);
  log.frames.push(...frames);
  log.onBatch?.(frames);
}

export function attach(): void {
  native.attach({
    slab,
    inTable,
    outTable,
    refTable,
    refs,
    control,
    onFrames(handle: number, count: number) {
      deliver(
        handle,
        Array.from({ length: count }, (_, row) => readRow(row, slab, false)),
      );
    },
    onLargeFrame(handle: number, buffer: Buffer) {
      deliver(handle, [readRow(0, buffer, true)]);
    },
    onEvent(kind: number, handle: number, value: number) {
      const log = logOf(handle);
      const event = { kind, value };
      log.events.push(event);
      log.onEvent?.(event);
    },
  });
  native.setArena(arena);
}

/** The arena, for tests which spoil it. */
export function currentArena(): Uint8Array {
  return arena;
}

export function useArena(bytes: number): void {
  arena = new Uint8Array(bytes);
  arenaEnd = 0;
  native.setArena(arena);
}

export function useOutTables(rows: number, refRows: number): void {
  outTable = new Uint32Array(5 * rows);
  refTable = new Uint32Array(2 * refRows);
  native.setOutTables(outTable, refTable);
}

/** Bytes that go by reference. */
export class Ref {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export type Part = Uint8Array | Ref;

/** Writes one frame into the outgoing table, as JavaScript does in earnest. */
export function put(handle: number, streamId: number, meta: number, ...parts: readonly Part[]): void {
  const row = control[OUT_ROWS] ?? 0;
  if (row === 0) arenaEnd = 0;
  const offset = arenaEnd + 10;
  let end = offset;
  let length = 0;
  for (const part of parts) {
    if (part instanceof Ref) {
      const ref = control[REF_ROWS] ?? 0;
      refTable.set([end, part.bytes.length], ref * 2);
      refs[ref] = part.bytes;
      control[REF_ROWS] = ref + 1;
      length += part.bytes.length;
    } else {
      arena.set(part, end);
      end += part.length;
      length += part.length;
    }
  }
  arenaEnd = end;
  outTable.set([handle, streamId, meta, offset, length], row * 5);
  control[OUT_ROWS] = row + 1;
}

/** The bytes of a frame on the wire. */
export function encode(streamId: number, type: number, flags: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt32BE(streamId, 4);
  header[8] = type;
  header[9] = flags;
  return Buffer.concat([header, payload]);
}

/** Bytes which are nowhere the same for long, and the same in every run. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns the loop until it is so. The bound is only there to name a condition which never comes. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await turn();
  }
}

export const folder = mkdtempSync(join(tmpdir(), "ttrpc-native-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let names = 0;

export function socketPath(): string {
  return join(folder, `${++names}.sock`);
}

export function opened(result: number): number {
  if (result <= 0) throw new Error(`errno ${-result}`);
  return result;
}

export interface Pair {
  readonly client: number;
  readonly server: number;
  close(): void;
}

const openPeers = new Set<{ close(): void }>();

/** After each test: one that failed must not leave sockets behind, which would keep the process from ending. */
export function closeAll(): void {
  for (const peer of openPeers) peer.close();
  openPeers.clear();
}

function kept<T extends { close(): void }>(peer: T): T {
  openPeers.add(peer);
  return peer;
}

/** Two connected handles of this process; neither reads yet. */
export async function pair(): Promise<Pair> {
  const path = socketPath();
  const listener = opened(native.listenUnix(path, 0o600, 16));
  native.start(listener);
  const client = opened(native.connectUnix(path));
  await until(() => logOf(listener).events.length > 0);
  const server = logOf(listener).events[0]?.value ?? 0;
  native.close(listener);
  return kept({
    client,
    server,
    close() {
      native.close(client);
      native.close(server);
    },
  });
}

export interface RawPeer {
  readonly handle: number;
  readonly socket: net.Socket;
  close(): void;
}

/** A handle of the addon whose peer is a plain socket, for bytes no addon would send. The socket is paused. */
export async function rawPeer(): Promise<RawPeer> {
  const path = socketPath();
  const listener = opened(native.listenUnix(path, 0o600, 16));
  native.start(listener);
  const socket = net.connect({ path, allowHalfOpen: true });
  socket.pause();
  await until(() => logOf(listener).events.length > 0);
  const handle = logOf(listener).events[0]?.value ?? 0;
  native.close(listener);
  await until(() => !socket.connecting);
  return kept({
    handle,
    socket,
    close() {
      native.close(handle);
      socket.destroy();
    },
  });
}
