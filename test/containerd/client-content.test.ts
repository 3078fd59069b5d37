// Our client against containerd's own content store: its streams in every shape, and its unary calls.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, beforeEach, describe, it } from "node:test";
import { type BidiStream, Code, OversizedMessageError, type Stub } from "ttrpc";
import { onEachChannel, type SocketChannel } from "../support/channels.js";
import { skipContainerd } from "../support/containerd.js";
import { type Api, COMMIT, containerdServices, type Content, STAT, WRITE, type WriteRequest, type WriteResponse } from "./api.js";
import { BLOB, codeOf, collect, DIGEST, drain, eachWithServer, MIB, NOWHERE } from "./client-support.js";
import { sha256 } from "./content-store.js";

const MAX = 4 * MIB;

type Write = BidiStream<Partial<WriteRequest>, WriteResponse>;

/** One request, its one answer. */
async function step(stream: Write, request: Partial<WriteRequest>): Promise<WriteResponse> {
  await stream.send(request);
  const answer = await stream.recv();
  assert.ok(answer !== undefined, "the stream ended in place of an answer");
  assert.equal(answer.action, request.action);
  return answer;
}

/** Writes and commits in pieces of 1 MiB; gives the open stream after the commit's answer. */
async function ingest(content: Stub<Content>, ref: string, data: Buffer, labels: Record<string, string> = {}): Promise<Write> {
  const stream = content.write();
  const expected = sha256(data);
  const total = BigInt(data.length);
  const { offset } = await step(stream, { action: STAT, ref, total, expected });
  for (let at = Number(offset); at < data.length; at += MIB) {
    const piece = data.subarray(at, at + MIB);
    const answer = await step(stream, { action: WRITE, offset: BigInt(at), data: piece });
    assert.equal(answer.offset, BigInt(at + piece.length));
    assert.equal(answer.digest, sha256(data.subarray(0, at + piece.length)));
  }
  const committed = await step(stream, { action: COMMIT, offset: total, total, expected, labels });
  assert.equal(committed.offset, total);
  assert.equal(committed.digest, expected);
  return stream;
}

async function committed(content: Stub<Content>, ref: string, data: Buffer, labels?: Record<string, string>): Promise<string> {
  const stream = await ingest(content, ref, data, labels);
  await stream.closeSend();
  await drain(stream);
  return sha256(data);
}

describe("containerd's content store", { skip: skipContainerd() }, () => {
  let api: Api;
  before(async () => {
    api = await containerdServices("containerd-content");
  });
  onEachChannel("our client", (channel) => contentCases(() => api, channel));
});

function contentCases(api: () => Api, channel: SocketChannel): void {
  const peer = eachWithServer(channel);
  const content = () => peer.client.service(api().Content);

  describe("List", () => {
    it("of an empty store: no message, and the end", async () => {
      // containerd makes the folder on the first commit, and has no code for its absence.
      assert.deepEqual(await codeOf(collect(content().list({}))), [Code.Unknown, `lstat ${join(peer.root, "blobs")}: no such file or directory`]);
      mkdirSync(join(peer.root, "blobs/sha256"), { recursive: true });
      assert.deepEqual(await collect(content().list({})), []);
    });

    it("250 blobs: messages of 100, 100 and 50", async () => {
      const folder = join(peer.root, "blobs/sha256");
      mkdirSync(folder, { recursive: true });
      const blobs = Array.from({ length: 250 }, (_, i) => Buffer.from(`blob ${i}`));
      for (const blob of blobs) writeFileSync(join(folder, sha256(blob).slice("sha256:".length)), blob);
      const messages = await collect(content().list({}));
      assert.deepEqual(
        messages.map(({ info }) => info.length),
        [100, 100, 50],
      );
      assert.deepEqual(
        messages.flatMap(({ info }) => info.map(({ digest }) => digest)),
        blobs.map((blob) => sha256(blob)).sort(),
      );
    });

    it("with filters, and with one that is none", async () => {
      const wanted = await committed(content(), "a", Buffer.from("wanted"), { kind: "wanted" });
      await committed(content(), "b", Buffer.from("other"), { kind: "other" });
      const found = await collect(content().list({ filters: ["labels.kind==wanted"] }));
      assert.deepEqual(
        found.map(({ info }) => info.map(({ digest, size, labels }) => ({ digest, size, labels: { ...labels } }))),
        [[{ digest: wanted, size: 6n, labels: { kind: "wanted" } }]],
      );
      const [code] = await codeOf(collect(content().list({ filters: ["labels.kind=="] })));
      assert.equal(code, Code.InvalidArgument);
    });
  });

  describe("Read", () => {
    beforeEach(() => committed(content(), "blob", BLOB));

    it("whole: 9 MiB in messages of 1 MiB", async () => {
      const messages = await collect(content().read({ digest: DIGEST }));
      let at = 0;
      for (const { offset, data } of messages) {
        assert.equal(offset, BigInt(at));
        assert.ok(data.length > 0 && data.length <= MIB, `a message of ${data.length} bytes`);
        at += data.length;
      }
      assert.equal(messages.length, 10);
      assert.equal(sha256(Buffer.concat(messages.map(({ data }) => data))), DIGEST);
    });

    it("in part, across the end, and behind it", async () => {
      const read = async (offset: bigint, size: bigint) =>
        Buffer.concat((await collect(content().read({ digest: DIGEST, offset, size }))).map(({ data }) => data));
      assert.ok((await read(5_000_000n, 2_000_000n)).equals(BLOB.subarray(5_000_000, 7_000_000)));
      assert.ok((await read(BigInt(BLOB.length - 10), 100n)).equals(BLOB.subarray(-10)));
      assert.equal((await read(BigInt(BLOB.length), 100n)).length, 0);
      assert.deepEqual(await codeOf(read(BigInt(BLOB.length + 1), 1n)), [Code.OutOfRange, `read past object length ${BLOB.length} bytes`]);
    });

    it("of what is not there, or is no digest", async () => {
      assert.deepEqual(await codeOf(collect(content().read({ digest: NOWHERE }))), [Code.NotFound, `content ${NOWHERE}: not found`]);
      const [code] = await codeOf(collect(content().read({ digest: "blob" })));
      assert.equal(code, Code.InvalidArgument);
    });

    it("readers that walk away after a message leave the connection to the others", async () => {
      for (let round = 0; round < 20; round++) {
        for await (const { data } of content().read({ digest: DIGEST })) {
          assert.ok(BLOB.subarray(0, data.length).equals(data));
          break;
        }
      }
      const whole = await collect(content().read({ digest: DIGEST }));
      assert.equal(sha256(Buffer.concat(whole.map(({ data }) => data))), DIGEST);
      assert.equal(peer.client.stats().active, 0);
    });

    it("four readers at once", async () => {
      const read = async () => sha256(Buffer.concat((await collect(content().read({ digest: DIGEST }))).map(({ data }) => data)));
      assert.deepEqual(await Promise.all([read(), read(), read(), read()]), Array(4).fill(DIGEST));
    });
  });

  describe("Write", () => {
    it("in lock-step: status, pieces with offsets, commit with labels; then the last answer again, and the end", async () => {
      const stream = content().write();
      const total = BigInt(BLOB.length);
      const begun = await step(stream, { action: STAT, ref: "blob", total, expected: DIGEST });
      assert.deepEqual([begun.offset, begun.total, begun.digest], [0n, total, sha256(Buffer.alloc(0))]);
      assert.ok(begun.startedAt !== undefined && begun.updatedAt !== undefined);
      for (let at = 0; at < BLOB.length; at += MIB) {
        const data = BLOB.subarray(at, at + MIB);
        const { offset, digest } = await step(stream, { action: WRITE, offset: BigInt(at), data });
        assert.deepEqual([offset, digest], [BigInt(at + data.length), sha256(BLOB.subarray(0, at + data.length))]);
      }
      assert.equal((await step(stream, { action: STAT })).offset, total);
      const last = await step(stream, { action: COMMIT, offset: total, total, expected: DIGEST, labels: { a: "1", b: "2" } });
      assert.deepEqual([last.offset, last.digest], [total, DIGEST]);
      // containerd's handler sends what it sent last once more on its way out.
      assert.deepEqual(await stream.recv(), last);
      assert.equal(await stream.recv(), undefined);
      const { info } = await content().info({ digest: DIGEST });
      assert.deepEqual([info?.digest, info?.size, { ...info?.labels }], [DIGEST, total, { a: "1", b: "2" }]);
    });

    it("resumes where it was left, and begins anew at offset 0", async () => {
      const data = BLOB.subarray(0, 3 * MIB);
      const first = content().write();
      await step(first, { action: STAT, ref: "half", total: BigInt(data.length) });
      await step(first, { action: WRITE, data: data.subarray(0, MIB) });
      await first.closeSend();
      await drain(first);
      const second = content().write();
      assert.equal((await step(second, { action: STAT, ref: "half" })).offset, BigInt(MIB));
      assert.equal((await step(second, { action: WRITE, offset: 0n, data: data.subarray(0, 10) })).offset, 10n);
      await second.closeSend();
      await drain(second);
      assert.equal(await committed(content(), "half", data), sha256(data));
    });

    it("what is wrong with a write", async () => {
      const open = async (ref: string) => {
        const stream = content().write();
        await step(stream, { action: STAT, ref });
        await step(stream, { action: WRITE, data: Buffer.from("0123456789") });
        return stream;
      };
      assert.deepEqual(await codeOf(step(content().write(), { action: STAT })), [Code.InvalidArgument, "first message must have a reference"]);
      assert.deepEqual(await codeOf(step(await open("gap"), { action: WRITE, offset: 11n, data: Buffer.from("x") })), [
        Code.OutOfRange,
        "write @11 must occur at current offset 10",
      ]);
      assert.deepEqual(await codeOf(step(await open("size"), { action: COMMIT, offset: 10n, total: 11n })), [
        Code.FailedPrecondition,
        "unexpected commit size 10, expected 11: failed precondition",
      ]);
      const [code, text] = await codeOf(step(await open("digest"), { action: COMMIT, offset: 10n, expected: NOWHERE }));
      assert.equal(code, Code.FailedPrecondition);
      assert.match(text, /^unexpected commit digest sha256:[0-9a-f]{64}, expected sha256:[0-9a-f]{64}: failed precondition$/);
      const empty = content().write();
      await empty.closeSend();
      assert.deepEqual(await codeOf(empty.recv()), [Code.OutOfRange, "EOF"]);
    });

    it("one writer for each ref", async () => {
      const first = content().write();
      await step(first, { action: STAT, ref: "mine" });
      const [code, text] = await codeOf(step(content().write(), { action: STAT, ref: "mine" }));
      assert.equal(code, Code.Unavailable);
      assert.match(text, /^ref mine locked/);
      assert.equal((await step(first, { action: STAT })).offset, 0n);
    });

    it("what exists already is refused, on opening and on commit", async () => {
      const data = Buffer.from("exists");
      const digest = await committed(content(), "first", data);
      const [code, text] = await codeOf(step(content().write(), { action: STAT, ref: "second", expected: digest }));
      assert.deepEqual([code, text], [Code.AlreadyExists, `content ${digest}: already exists`]);
      const stream = content().write();
      await step(stream, { action: STAT, ref: "third" });
      await step(stream, { action: WRITE, data });
      assert.deepEqual(await codeOf(step(stream, { action: COMMIT, offset: BigInt(data.length) })), [Code.AlreadyExists, `content ${digest}: already exists`]);
    });

    it("a message of exactly 4 MiB passes, one byte more is refused before it is sent, and the stream lives", async () => {
      const stream = content().write();
      await step(stream, { action: STAT, ref: "large" });
      // Action's tag and value, data's tag and length.
      const data = BLOB.subarray(0, MAX - 2 - 5);
      await assert.rejects(stream.send({ action: WRITE, data: BLOB.subarray(0, data.length + 1) }), (error) => {
        assert.ok(error instanceof OversizedMessageError, String(error));
        assert.deepEqual([error.rejectedBytes, error.maximumBytes], [MAX + 1, MAX]);
        return true;
      });
      const { offset, digest } = await step(stream, { action: WRITE, data });
      assert.deepEqual([offset, digest], [BigInt(data.length), sha256(data)]);
    });

    it("eight writers at once, a blob each", async () => {
      const blobs = Array.from({ length: 8 }, (_, i) => BLOB.subarray(i * MIB, (i + 2) * MIB));
      const digests = await Promise.all(blobs.map((blob, i) => committed(content(), `blob-${i}`, blob)));
      const listed = (await collect(content().list({}))).flatMap(({ info }) => info.map(({ digest }) => digest));
      assert.deepEqual(listed, digests.sort());
    });
  });

  describe("Info, Update, Delete, Status, ListStatuses, Abort", () => {
    it("Info and Update, by field mask", async () => {
      const digest = await committed(content(), "labels", Buffer.from("labels"), { a: "1", b: "2" });
      const update = async (labels: Record<string, string>, paths: string[]) => {
        await content().update({ info: { digest, labels }, updateMask: { paths } });
        return { ...(await content().info({ digest })).info?.labels };
      };
      assert.deepEqual(await update({ b: "3", c: "4" }, ["labels.c"]), { a: "1", b: "2", c: "4" });
      assert.deepEqual(await update({ a: "" }, ["labels.a"]), { b: "2", c: "4" });
      assert.deepEqual(await update({ d: "5" }, ["labels"]), { d: "5" });
      assert.deepEqual(await update({ e: "6" }, []), { e: "6" });
      const [code] = await codeOf(update({}, ["size"]));
      assert.equal(code, Code.InvalidArgument);
      assert.deepEqual(await codeOf(content().info({ digest: NOWHERE })), [Code.NotFound, `content ${NOWHERE}: not found`]);
      assert.deepEqual(await codeOf(content().info({ digest: "labels" })), [Code.InvalidArgument, '"labels" failed validation']);
    });

    it("Delete", async () => {
      const digest = await committed(content(), "gone", Buffer.from("gone"));
      assert.deepEqual({ ...(await content().delete({ digest })) }, {});
      assert.equal((await codeOf(content().info({ digest })))[0], Code.NotFound);
      assert.equal((await codeOf(content().delete({ digest: "gone" })))[0], Code.InvalidArgument);
    });

    it("Status, ListStatuses and Abort of ingests", async () => {
      for (const ref of ["one", "two"]) {
        const stream = content().write();
        await step(stream, { action: STAT, ref, total: 100n });
        await step(stream, { action: WRITE, data: Buffer.from(ref) });
        await stream.closeSend();
        await drain(stream);
      }
      const { status } = await content().status({ ref: "one" });
      assert.deepEqual([status?.ref, status?.offset, status?.total], ["one", 3n, 100n]);
      assert.ok(status?.startedAt !== undefined && status.updatedAt !== undefined);
      const refs = async (...filters: string[]) => (await content().listStatuses({ filters })).statuses.map(({ ref }) => ref).sort();
      assert.deepEqual(await refs(), ["one", "two"]);
      assert.deepEqual(await refs("ref==two"), ["two"]);
      assert.deepEqual({ ...(await content().abort({ ref: "one" })) }, {});
      assert.deepEqual(await refs(), ["two"]);
      const [code, text] = await codeOf(content().status({ ref: "one" }));
      assert.equal(code, Code.NotFound);
      assert.match(text, /^could not get status for ref "one": /);
    });
  });
}
