// fromProtobufEs: messages of @bufbuild/protobuf in calls of ours.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as es from "@bufbuild/protobuf";
import { type Any, AnySchema, BytesValueSchema, DurationSchema, FileDescriptorSetSchema, StringValueSchema, StructSchema } from "@bufbuild/protobuf/wkt";
import { bidi, clientStream, Code, defineService, serverStream, unary } from "ttrpc";
import { fromProtobufEs } from "ttrpc/protobuf-es";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import * as wkt from "#lib/wkt/index.js";
import { onEachChannel, startPair } from "../support/channels.js";
import { ROOT } from "../support/root.js";

const Text = fromProtobufEs(StringValueSchema);
const Bytes = fromProtobufEs(BytesValueSchema);
const Duration = fromProtobufEs(DurationSchema);
const Box = fromProtobufEs(AnySchema);

const Service = defineService("ttrpc.test.Es", {
  say: unary("Say", Text, Box),
  count: serverStream("Count", Duration, Text),
  collect: clientStream("Collect", Text, Text),
  chat: bidi("Chat", Bytes, Bytes),
  blob: unary("Blob", Bytes, Bytes),
  wait: unary("Wait", Duration, Duration),
});

onEachChannel("calls over messages of protobuf-es", (channel) => {
  it("all four kinds", async () => {
    await using pair = await startPair(channel, (server) => {
      server.service(Service, {
        say: ({ value }) => ({ typeUrl: value, value: Uint8Array.of(1) }),
        async *count({ seconds }) {
          for (let i = 1n; i <= seconds; i++) yield es.create(StringValueSchema, { value: String(i) });
        },
        async collect(requests) {
          let value = "";
          for await (const request of requests) value += request.value;
          return { value };
        },
        async *chat(requests) {
          for await (const request of requests) yield { value: request.value };
        },
        blob: (request) => request,
      });
    });
    const stub = pair.client.service(Service);
    const said: Any = await stub.say({ value: "a" });
    assert(es.isMessage(said, AnySchema));
    assert.deepEqual(said, es.create(AnySchema, { typeUrl: "a", value: Uint8Array.of(1) }));
    assert.deepEqual((await stub.say(es.create(StringValueSchema, { value: "b" }))).typeUrl, "b");
    const counted: string[] = [];
    for await (const { value } of stub.count({ seconds: 3n })) counted.push(value);
    assert.deepEqual(counted, ["1", "2", "3"]);
    assert.equal((await stub.collect([{ value: "a" }, { value: "b" }])).value, "ab");
    const echoed: Uint8Array[] = [];
    for await (const { value } of stub.chat([{ value: Uint8Array.of(1) }, { value: Uint8Array.of(2) }])) echoed.push(value);
    assert.deepEqual(echoed, [Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it("bytes that were received stay what they were", async () => {
    await using pair = await startPair(channel, (server) => server.service(Service, { blob: (request) => request }));
    const stub = pair.client.service(Service);
    for (const size of [10, 5000, 100_000]) {
      const replies = await Promise.all([1, 2, 3].map((fill) => stub.blob({ value: new Uint8Array(size).fill(fill) })));
      await Promise.all([4, 5, 6].map((fill) => stub.blob({ value: new Uint8Array(size).fill(fill) })));
      assert.deepEqual(
        replies.map(({ value }) => [value.length, value[0], value[size - 1]]),
        [1, 2, 3].map((fill) => [size, fill, fill]),
      );
    }
  });

  it("what cannot be encoded fails the call", async () => {
    await using pair = await startPair(channel, (server) => server.service(Service, { wait: () => ({ nanos: 0.5 }) }));
    const stub = pair.client.service(Service);
    for (const nanos of [1, 2 ** 40]) await assert.rejects(stub.wait({ nanos }), { code: Code.Internal, message: /^ttrpc: error marshaling payload: .*nanos/ });
  });
});

describe("a type over a schema", () => {
  it("is made once, with the schema's name", () => {
    assert.equal(fromProtobufEs(StructSchema), fromProtobufEs(StructSchema));
    assert.equal(fromProtobufEs(StructSchema).typeName, "google.protobuf.Struct");
  });

  it("has the bytes of generated code", () => {
    const json = { a: [1, null, { b: "x" }], c: true };
    const ours = toBinary(wkt.Struct, wkt.structFromJson(json));
    const Struct = fromProtobufEs(StructSchema);
    const theirs = es.fromJson(StructSchema, json);
    assert.deepEqual(toBinary(Struct, theirs), ours);
    assert.deepEqual(fromBinary(Struct, ours), theirs);
    assert.deepEqual(Struct.create(), es.create(StructSchema));
  });

  it("can come from a registry, and keeps fields that it does not know", () => {
    const { files } = readDescriptors(["echo.proto"], { includePaths: [join(ROOT, "test/codegen/reflection")] });
    const set = es.fromBinary(FileDescriptorSetSchema, toBinary(wkt.FileDescriptorSet, { file: files }));
    const schema = es.createFileRegistry(set).getMessage("demo.Reply");
    assert(schema !== undefined);
    const Reply = fromProtobufEs(schema);
    const bytes = toBinary(Reply, { texts: ["a", "b"], total: 5n });
    const message = fromBinary(Reply, Buffer.concat([bytes, Uint8Array.of(0x98, 0x06, 1)])) as unknown as { texts: string[]; total: bigint };
    assert.deepEqual([message.texts, message.total], [["a", "b"], 5n]);
    assert.equal(toBinary(Reply, message as never).length, bytes.length + 3);
  });

  it("refuses what is no schema, and malformed bytes", () => {
    assert.throws(() => fromProtobufEs(undefined as never), /^TypeError: fromProtobufEs\(\) needs the schema of a message/);
    assert.throws(() => fromProtobufEs(es.create(StructSchema) as never), /^TypeError: fromProtobufEs/);
    assert.throws(() => fromBinary(Text, Uint8Array.of(10, 5, 65)));
  });
});
