// Messages of .proto files read at run time are those of generated code: the same objects, the same bytes, the same calls.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Server } from "#lib/server.js";
import { Code } from "#lib/errors.js";
import { fromJson, fromJsonString, toJson, toJsonString } from "#lib/json/index.js";
import { loadDescriptorSet, loadProto, type Properties, ProtoError } from "#lib/reflection.js";
import { fromBinary, Reader, toBinary } from "#lib/runtime.js";
import { connectTo } from "#lib/testing.js";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { FileDescriptorSet, anyPack, anyUnpack, Duration, timestampFromMs } from "#lib/wkt/index.js";
import { ROOT } from "../support/root.js";
import { everyKind } from "./kinds.js";
import { RandomMessages } from "./random.js";
import { ours } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 9000);
const MESSAGES = 2000;

const includePaths = [join(ROOT, "test/codegen/reflection")];
const protos = await loadProto("echo.proto", { includePaths });
type Kinds = { say: "unary"; count: "serverStream"; collect: "clientStream"; chat: "bidi"; httpGet: "unary"; then$: "unary"; then$$: "unary" };
const Echo = protos.service<Kinds>("demo.Echo");
const Request = protos.message("demo.Request");

const texts = ({ text, times }: Properties): Properties => ({ texts: Array.from({ length: Number(times) }, () => text), total: BigInt(Number(times)) });

/** The result, or the error's text. */
function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

describe("a service", () => {
  it("has methods as generated code has", () => {
    assert.deepEqual(
      Object.entries(Echo.methods).map(([key, { name, kind }]) => [key, name, kind]),
      [
        ["say", "Say", "unary"],
        ["count", "Count", "serverStream"],
        ["collect", "Collect", "clientStream"],
        ["chat", "Chat", "bidi"],
        ["httpGet", "HTTPGet", "unary"],
        ["then$", "then", "unary"],
        ["then$$", "Then", "unary"],
      ],
    );
    assert.equal(protos.service("demo.Echo"), Echo);
  });

  it("is called and served, all four kinds", async () => {
    const server = new Server();
    server.service(Echo, {
      say: texts,
      async *count(request) {
        for (let i = 1; i <= Number(request["times"]); i++) yield texts({ ...request, times: i });
      },
      async collect(requests) {
        const all: unknown[] = [];
        for await (const request of requests) all.push(request["text"]);
        return { texts: all, total: BigInt(all.length) };
      },
      async *chat(requests) {
        for await (const request of requests) yield texts(request);
      },
      then$: ({ kind }) => ({ texts: [(kind as { value: string }).value] }),
    });
    const client = await connectTo(server);
    const echo = client.service(Echo);
    assert.deepEqual(await echo.say({ text: "a", times: 2 }), { texts: ["a", "a"], total: 2n });
    assert.deepEqual(await echo.say({}), { texts: [], total: 0n });
    const counted: unknown[] = [];
    for await (const reply of echo.count({ text: "b", times: 2 })) counted.push(reply["total"]);
    assert.deepEqual(counted, [1n, 2n]);
    assert.deepEqual(await echo.collect([{ text: "c" }, { text: "d" }]), { texts: ["c", "d"], total: 2n });
    const answers: unknown[] = [];
    for await (const reply of echo.chat([{ text: "e", times: 1 }])) answers.push(reply);
    assert.deepEqual(answers, [{ texts: ["e"], total: 1n }]);
    assert.deepEqual(await echo.then$({ kind: { case: "word", value: "f" } }), { texts: ["f"], total: 0n });
    await assert.rejects(echo.httpGet({}), { code: Code.Unimplemented });
    await assert.rejects(echo.say({ txt: "a" }), {
      code: Code.Internal,
      message: 'ttrpc: error marshaling payload: demo.Request has no property "txt" (did you mean "text"?)',
    });
    // Without the kinds, methods are unary to the compiler.
    const { say } = client.service(protos.service("demo.Echo"));
    assert.deepEqual(await say?.({ text: "a", times: 1 }), { texts: ["a"], total: 1n });
    await client.close();
    await server.close();
  });
});

describe("messages", () => {
  it("have the shape that generated ones have", () => {
    const { kind, part, serial, note, at, ...rest } = Request.create({ parts: { __proto__: null, a: { size: 1n } }, constructor$: "c" });
    assert.deepEqual([kind, part, serial, note, at], [undefined, undefined, undefined, undefined, undefined]);
    assert.deepEqual(rest, { text: "", times: 0, parts: { a: { size: 1n } }, mood: 0, constructor$: "c" });
    const message = {
      text: "t",
      part: { size: -1n },
      kind: { case: "other", value: { size: 2n } },
      serial: 0n,
      at: timestampFromMs(1.5),
      note: "",
      any: anyPack(Duration, {}),
    };
    const decoded = fromBinary(Request, toBinary(Request, message));
    assert.deepEqual(decoded, Request.create(message));
    assert.deepEqual(anyUnpack(decoded["any"] as object, Duration), Duration.create());
  });

  it("go on with a message, first thing they do", async () => {
    const Reply = (await loadProto("echo.proto", { includePaths })).message("demo.Reply");
    const bytes = toBinary(protos.message("demo.Reply"), { texts: ["b"], total: 2n });
    assert.deepEqual(Reply.decode(new Reader(bytes), bytes.length, { texts: ["a"], total: 1n }), { texts: ["a", "b"], total: 2n });
  });

  it("refuse properties that they do not have", () => {
    assert.throws(() => Request.create({ kynd: {} }), /^TypeError: demo.Request has no property "kynd" \(did you mean "kind"\?\)$/);
    assert.throws(
      () => toBinary(Request, { kind: { case: "wurd", value: "" } }),
      /^TypeError: oneof kind of demo.Request has no case "wurd" \(did you mean "word"\?\)$/,
    );
    assert.throws(() => toBinary(Request, { part: { siez: 1n } }), /^TypeError: demo.Request.Part has no property "siez"/);
    assert.doesNotThrow(() => toBinary(Request, { nothing: undefined }));
  });

  it("as JSON", () => {
    const json = {
      text: "a",
      parts: { x: { size: "5" } },
      word: "w",
      serial: "7",
      at: "1970-01-01T00:00:00.001Z",
      note: "n",
      mood: "MOOD_GOOD",
      constructor: "c",
    };
    const any = { "@type": "type.googleapis.com/demo.Reply", total: "3" };
    const options = { registry: protos.registry };
    const message = fromJson(Request, { ...json, any }, options);
    assert.deepEqual(message["kind"], { case: "word", value: "w" });
    assert.deepEqual(toJson(Request, message, options), { ...json, any });
    assert.deepEqual(protos.enum("demo.Mood"), { typeName: "demo.Mood", values: { MOOD_UNSPECIFIED: 0, MOOD_GOOD: 1 } });
  });

  it(`${MESSAGES} random ones of every kind are those of generated code`, async (t) => {
    t.diagnostic(`TTRPC_SEED=${SEED}`);
    const [schemas = []] = await everyKind("reflection", { json: true });
    for (const kinds of schemas) {
      const reflected = await loadProto(kinds.sources.files, { includePaths: kinds.sources.includePaths });
      for (let i = 0; i < MESSAGES / 4; i++) {
        const source = new RandomMessages(SEED + i, { unknownEnumValues: kinds.openEnums });
        const random = source.message(source.pick(kinds.messages));
        const { typeName } = random.type;
        const context = `${kinds.name}, TTRPC_SEED=${SEED + i}, ${typeName}`;
        const mine = reflected.message(typeName);
        const theirs = kinds.type(typeName);
        const init = ours(random) as Properties;
        const bytes = toBinary(mine, init);
        assert.deepEqual(bytes, toBinary(theirs, init), context);
        assert.deepEqual(fromBinary(mine, bytes), fromBinary(theirs, bytes), context);
        assert.deepEqual(mine.create(init), theirs.create(init), context);
        const damaged = Buffer.from(bytes);
        if (damaged.length > 0) damaged[source.below(damaged.length)] = source.below(256);
        assert.deepEqual(
          attempt(() => fromBinary(mine, damaged)),
          attempt(() => fromBinary(theirs, damaged)),
          `${context}: ${damaged.toString("hex")}`,
        );
        const text = attempt(() => toJsonString(mine, init));
        assert.equal(
          text,
          attempt(() => toJsonString(theirs as unknown as typeof mine, init)),
          context,
        );
        // Not all that can be encoded has JSON: times and durations out of range, an Any of an unknown type.
        if (!text.startsWith("{")) continue;
        assert.deepEqual(
          attempt(() => fromJsonString(mine, text)),
          attempt(() => fromJsonString(theirs as unknown as typeof mine, text)),
          context,
        );
      }
    }
  });
});

describe("what was loaded", () => {
  it("is listed, imports included", () => {
    assert.deepEqual(protos.services, ["demo.Echo"]);
    assert.deepEqual(
      protos.messages.filter((name) => name.startsWith("demo.")),
      ["demo.Reply", "demo.Request", "demo.Request.Part"],
    );
    assert(protos.messages.includes("google.protobuf.Any"));
    assert.deepEqual(
      protos.enums.filter((name) => name.startsWith("demo.")),
      ["demo.Mood"],
    );
  });

  it("names that are none are refused with the nearest", () => {
    const refuses = (run: () => unknown, message: string): void => assert.throws(run, { name: "TtrpcError", code: Code.NotFound, message });
    refuses(() => protos.service("demo.Ecko"), 'there is no service demo.Ecko (did you mean "demo.Echo"?)');
    refuses(() => protos.message("demo.Requst"), 'there is no message demo.Requst (did you mean "demo.Request"?)');
    refuses(() => protos.enum("demo.Mod"), 'there is no enum demo.Mod (did you mean "demo.Mood"?)');
    refuses(() => protos.service("x"), "there is no service x");
  });

  it("can be a descriptor set", async () => {
    const { files } = readDescriptors(["echo.proto"], { includePaths });
    const set = loadDescriptorSet(toBinary(FileDescriptorSet, { file: files }));
    assert.deepEqual([set.services, set.messages], [protos.services, protos.messages]);
    const message = { text: "a", kind: { case: "word", value: "b" } };
    assert.deepEqual(toBinary(set.message("demo.Request"), message), toBinary(Request, message));
  });
});

describe("mistakes", () => {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are told with file, line and column", async () => {
    writeFileSync(join(folder, "bad.proto"), 'syntax = "proto3";\nmessage A {\n  B b = 1;\n}\n');
    await assert.rejects(
      loadProto("bad.proto", { includePaths: [folder] }),
      (error) => error instanceof ProtoError && /bad\.proto:3:3: .*B/.test(error.message),
    );
    await assert.rejects(loadProto("none.proto", { includePaths: [folder] }), ProtoError);
  });
});
