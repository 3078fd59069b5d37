// `npm run bench:micro -- [PART]`: what one step of a call costs, in nanoseconds of CPU time: the least of seven rounds, since noise
// only adds. For finding out what a change does to one function; what it does to calls, `npm run bench` says.
import { DeadlineQueue } from "#lib/deadlines.js";
import { Metadata } from "#lib/metadata.js";
import { StreamTable } from "#lib/stream-table.js";
import { closePayload, openRequestPayload, readRequest, readResponse, requestPrefix, writeRequestOptions } from "#lib/wire/envelope.js";
import { ReadStrings, WrittenStrings } from "#lib/wire/repeats.js";
import { Reader } from "#lib/wire/reader.js";
import { readUtf8, writeUtf8 } from "#lib/wire/utf8.js";
import { Writer } from "#lib/wire/writer.js";
import { EchoPayload } from "../../test/proto/streaming_ttrpc.js";

const ROUNDS = 7;
const STEPS = 300_000;

type Step = (i: number) => unknown;

const text32 = "0123456789abcdef0123456789abcdef";
const bytes = Buffer.alloc(1 << 16);
for (let at = 0; at + 32 <= bytes.length; at += 32) bytes.write(text32, at);
const different = Array.from({ length: 64 }, (_, i) => String(i).padStart(32, "0"));

function encoded(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  write(writer);
  return Buffer.from(writer.finish());
}

const message = { seq: 1, msg: text32 };
const payload = encoded((writer) => EchoPayload.encode(message, writer));
const prefix = requestPrefix("ttrpc.integration.streaming.Streaming", "Echo", new Writer());
const metadata = new Metadata({ tenant: "benchmark", "request-kind": "echo" });

function writeRequest(writer: Writer, timeoutMs: number | undefined, pairs: Metadata | undefined): void {
  writer.pos = 0;
  writer.raw(prefix);
  const start = openRequestPayload(writer, 1);
  EchoPayload.encode(message, writer);
  closePayload(writer, start, 1);
  writeRequestOptions(writer, timeoutMs, pairs?.pairs);
}

const plainRequest = encoded((writer) => writeRequest(writer, undefined, undefined));
const richRequest = encoded((writer) => writeRequest(writer, 5_000, metadata));
const response = encoded((writer) => writer.uint32(18).bytes(payload));

const writer = new Writer(Buffer.allocUnsafeSlow(1 << 16));
const reader = new Reader(Buffer.alloc(0));
const read = new ReadStrings();
const written = new WrittenStrings();
const table = new StreamTable<object>();
const deadlines = new DeadlineQueue();

/** Begins anew in time: the arena of the runtime is emptied by each flush. */
function room(): void {
  if (writer.pos > (1 << 16) - 256) writer.pos = 0;
}

const steps: Readonly<Record<string, Step>> = {
  "string of 32 bytes, read": (i) => readUtf8(bytes, (i * 32) & 0xffdf, ((i * 32) & 0xffdf) + 32),
  "string of 32 bytes, read again": (i) => read.read(bytes, ((i * 32) & 0xff9f) + 64, 32),
  "string of 32 bytes, written": (i) => writeUtf8(bytes, (i * 32) & 0x7fdf, different[i & 63] ?? ""),
  "string of 32 bytes, written again"(i) {
    const at = ((i * 32) & 0x7f9f) + 64;
    const slot = written.slot(bytes, at, 32);
    if (slot >= 0 && !written.again(slot, bytes, at, text32)) written.wrote(slot, bytes, at, text32, writeUtf8(bytes, at, text32));
  },
  "message of 32 bytes, encoded"() {
    room();
    return EchoPayload.encode(message, writer);
  },
  "message of 32 bytes, decoded": () => EchoPayload.decode(reader.reset(payload, 0, payload.length, false), payload.length),
  "request, written": () => writeRequest(writer, undefined, undefined),
  "request with deadline and metadata, written": () => writeRequest(writer, 5_000, metadata),
  "request, read": () => readRequest(reader.reset(plainRequest, 0, plainRequest.length, false)),
  "request with deadline and metadata, read": () => readRequest(reader.reset(richRequest, 0, richRequest.length, false)),
  "response, read": () => readResponse(reader.reset(response, 0, response.length, false)),
  "stream table: in, found, out"(i) {
    table.add(2 * i + 1, message);
    table.get(2 * i + 1);
    table.delete(2 * i + 1);
  },
  "deadline: in and out"(i) {
    const entry = { deadlineMs: performance.timeOrigin + i, deadlineIndex: -1, onDeadline: () => {} };
    deadlines.add(entry);
    deadlines.remove(entry);
  },
};

let sink: unknown;
const wanted = process.argv[2] ?? "";
for (const [name, step] of Object.entries(steps)) {
  if (!name.includes(wanted)) continue;
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < STEPS; i++) sink = step(i);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / STEPS);
  }
  console.log(`${name.padEnd(46)} ${best.toFixed(1).padStart(7)} ns`);
}
deadlines.clear();
void sink;
