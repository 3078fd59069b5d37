// The codecs under test: each encodes and decodes the same three messages. Loaded one to a process, because code that two
// of them warm differently is slower for both.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../test/support/root.js";
import { ReadStrings, WrittenStrings } from "#lib/wire/repeats.js";
import { Blob, Medium, Small } from "./codec_ttrpc.js";

export type Size = "small" | "medium" | "blob";
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
/** As lists of containers are: each has a name of its own, and shares image and labels with others. */
const items = Array.from({ length: 100 }, (_, i) => ({ ...small, name: `container-${String(i).padStart(6, "0")}` }));
const data = new Uint8Array(65_536).fill(7);

function messageOf(size: Size, createdAt: unknown): object {
  if (size === "blob") return { data };
  return size === "small" ? { ...small, createdAt } : { items: items.map((item) => ({ ...item, labels: { ...item.labels }, createdAt })) };
}

/** Our generated code, as the runtime uses it: into an arena that is there, out of bytes that are there. */
async function ours(size: Size): Promise<Codec> {
  const { Reader, Writer, toBinary } = await import("ttrpc/runtime");
  const type = { small: Small, medium: Medium, blob: Blob }[size] as typeof Small;
  const message = type.create(messageOf(size, CREATED_AT));
  const writer = new Writer(Buffer.allocUnsafeSlow(262_144), true);
  writer.repeats = new WrittenStrings();
  const bytes = toBinary(type, message);
  const buffer = Buffer.from(bytes);
  const reader = new Reader(buffer);
  reader.repeats = new ReadStrings();
  return {
    encode() {
      writer.rewind(0);
      type.encode(message, writer);
      return writer.len;
    },
    decode() {
      // Each is a batch of its own.
      reader.repeats?.forget();
      return type.decode(reader.reset(buffer, 0, buffer.length, true));
    },
  };
}

/** The same, into bytes of their own. */
async function oursToBinary(size: Size): Promise<Codec> {
  const { fromBinary, toBinary } = await import("ttrpc/runtime");
  const type = { small: Small, medium: Medium, blob: Blob }[size] as typeof Small;
  const message = type.create(messageOf(size, CREATED_AT));
  const bytes = toBinary(type, message);
  return { encode: () => toBinary(type, message).length, decode: () => fromBinary(type, bytes) };
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
  const type = ttrpc.bench[{ small: "Small", medium: "Medium", blob: "Blob" }[size]] as StaticType;
  const message = type.create(messageOf(size, util.Long.fromString(String(CREATED_AT))));
  const bytes = type.encode(message).finish();
  return { encode: () => type.encode(message).finish().length, decode: () => type.decode(bytes) };
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
  const schema = createFileRegistry(set).getMessage(`ttrpc.bench.${{ small: "Small", medium: "Medium", blob: "Blob" }[size]}`);
  if (schema === undefined) throw new Error(`no schema for ${size}`);
  const message = create(schema, messageOf(size, CREATED_AT) as never);
  const bytes = toBinary(schema, message);
  return { encode: () => toBinary(schema, message).length, decode: () => fromBinary(schema, bytes) };
}

export const systems = { ours, "ours, toBinary": oursToBinary, "protobufjs 8 static": protobufjs, "protobuf-es": protobufEs } as const;
export type System = keyof typeof systems;
