// The codecs under test: each encodes and decodes the same messages. Loaded one to a process, because code that two
// of them warm differently is slower for both.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../test/support/root.js";
import { ReadStrings, WrittenStrings } from "#lib/wire/repeats.js";
import { Blob, Medium, Small } from "./codec_ttrpc.js";

export type Size = "small" | "fresh" | "medium" | "blob";
/** The message of each. */
const TYPES = { small: "Small", fresh: "Small", medium: "Medium", blob: "Blob" } as const satisfies Record<Size, string>;
export interface Codec {
  readonly encode: () => number;
  readonly decode: () => unknown;
}

const CREATED_AT = 1_760_000_000_123_456_789n;
const small = {
  name: "container-000001",
  image: "docker.io/alpine",
  labels: { "app.key": "value-1", "tier.key": "value-2", zone: "value-3" },
};
/** As small, but no text came before within the last few thousand. */
const fresh = Array.from({ length: 1_024 }, (_, i) => ({
  name: `container-${String(i).padStart(6, "0")}`,
  image: `docker.io/${String(i).padStart(6, "0")}`,
  labels: { "app.key": `value-${i}`, "tier.key": `value-${i + 1_024}`, zone: `value-${i + 2_048}` },
}));
/** As lists of containers are: each has a name of its own, and shares image and labels with others. */
const items = Array.from({ length: 100 }, (_, i) => ({ ...small, name: `container-${String(i).padStart(6, "0")}` }));
const data = new Uint8Array(65_536).fill(7);

/** Messages to take in turn. */
function messagesOf(size: Size, createdAt: unknown): object[] {
  if (size === "blob") return [{ data }];
  if (size === "fresh") return fresh.map((message) => ({ ...message, createdAt }));
  return [size === "small" ? { ...small, createdAt } : { items: items.map((item) => ({ ...item, labels: { ...item.labels }, createdAt })) }];
}

/** What to do with one message after the other. */
function codecOf<M, B>(messages: readonly M[], bytes: readonly B[], encode: (message: M) => number, decode: (bytes: B) => unknown): Codec {
  const last = messages.length - 1;
  let i = 0;
  return {
    encode: () => encode(messages[i++ & last] as M),
    decode: () => decode(bytes[i++ & last] as B),
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Messages one behind the other, as they are received. */
function slabOf(messages: readonly Uint8Array[]): { readonly slab: Buffer; readonly places: readonly Place[] } {
  let end = 0;
  const places = messages.map((message) => {
    const start = end;
    end += message.length;
    return { start, end };
  });
  return { slab: Buffer.concat(messages), places };
}

/** Our generated code, as the runtime uses it: into an arena that is there, out of bytes that are there. */
async function ours(size: Size): Promise<Codec> {
  const { Reader, Writer, toBinary } = await import("ttrpc/runtime");
  const type = { Small, Medium, Blob }[TYPES[size]] as typeof Small;
  const messages = messagesOf(size, CREATED_AT).map((message) => type.create(message));
  const { slab, places } = slabOf(messages.map((message) => toBinary(type, message)));
  const writer = new Writer(Buffer.allocUnsafeSlow(262_144), true);
  writer.repeats = new WrittenStrings();
  const reader = new Reader(Buffer.alloc(0));
  reader.repeats = new ReadStrings();
  const encode = (message: Small): number => {
    writer.rewind(0);
    type.encode(message, writer);
    return writer.len;
  };
  return codecOf(messages, places, encode, ({ start, end }) => type.decode(reader.reset(slab, start, end, true)));
}

/** The same, into bytes of their own. */
async function oursToBinary(size: Size): Promise<Codec> {
  const { fromBinary, toBinary } = await import("ttrpc/runtime");
  const type = { Small, Medium, Blob }[TYPES[size]] as typeof Small;
  const messages = messagesOf(size, CREATED_AT).map((message) => type.create(message));
  const encoded = messages.map((message) => toBinary(type, message));
  return codecOf(
    messages,
    encoded,
    (message) => toBinary(type, message).length,
    (bytes) => fromBinary(type, bytes),
  );
}

interface StaticType {
  create(init: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

/** A static module of protobufjs, made by pbjs. */
async function protobufjs(size: Size): Promise<Codec> {
  const require = createRequire(import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-pbjs-"));
  const out = join(folder, "codec.cjs");
  const pbjs = join(ROOT, "node_modules/protobufjs-cli/bin/pbjs");
  const dependency = require.resolve("protobufjs/minimal.js");
  execFileSync(process.execPath, [pbjs, "-t", "static-module", "-w", "commonjs", "--dependency", dependency, "-o", out, join(ROOT, "bench/codec/codec.proto")]);
  const { ttrpc } = require(out) as { ttrpc: { bench: Record<string, StaticType> } };
  rmSync(folder, { recursive: true });
  const { util } = require("protobufjs/minimal.js") as { util: { Long: { fromString(text: string): object } } };
  const type = ttrpc.bench[TYPES[size]] as StaticType;
  const messages = messagesOf(size, util.Long.fromString(String(CREATED_AT))).map((message) => type.create(message));
  const encoded = messages.map((message) => type.encode(message).finish());
  return codecOf(
    messages,
    encoded,
    (message) => type.encode(message).finish().length,
    (bytes) => type.decode(bytes),
  );
}

/** @bufbuild/protobuf, which works by reflection over descriptors, generated or not. */
async function protobufEs(size: Size): Promise<Codec> {
  const { create, createFileRegistry, fromBinary, toBinary } = await import("@bufbuild/protobuf");
  const { FieldDescriptorProto_Label: Label, FieldDescriptorProto_Type: Type, FileDescriptorSetSchema } = await import("@bufbuild/protobuf/wkt");
  const field = (name: string, number: number, type: number, typeName = "", label: number = Label.OPTIONAL): object => ({
    name,
    number,
    type,
    label,
    typeName,
  });
  const entry = { name: "LabelsEntry", options: { mapEntry: true }, field: [field("key", 1, Type.STRING), field("value", 2, Type.STRING)] };
  const labels = field("labels", 4, Type.MESSAGE, ".ttrpc.bench.Small.LabelsEntry", Label.REPEATED);
  const strings = [field("name", 1, Type.STRING), field("image", 2, Type.STRING)];
  const messageType = [
    { name: "Small", field: [...strings, field("created_at", 3, Type.INT64), labels], nestedType: [entry] },
    { name: "Medium", field: [field("items", 1, Type.MESSAGE, ".ttrpc.bench.Small", Label.REPEATED)] },
    { name: "Blob", field: [field("data", 1, Type.BYTES)] },
  ];
  const set = create(FileDescriptorSetSchema, { file: [{ name: "codec.proto", package: "ttrpc.bench", syntax: "proto3", messageType }] });
  const schema = createFileRegistry(set).getMessage(`ttrpc.bench.${TYPES[size]}`);
  if (schema === undefined) throw new Error(`no schema for ${size}`);
  const messages = messagesOf(size, CREATED_AT).map((message) => create(schema, message as never));
  const encoded = messages.map((message) => toBinary(schema, message));
  return codecOf(
    messages,
    encoded,
    (message) => toBinary(schema, message).length,
    (bytes) => fromBinary(schema, bytes),
  );
}

export const systems = { ours, "ours, toBinary": oursToBinary, "protobufjs 8 static": protobufjs, "protobuf-es": protobufEs } as const;
export type System = keyof typeof systems;
