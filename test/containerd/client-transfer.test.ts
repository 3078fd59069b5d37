// Our client against containerd's own Streaming and Transfer services: bytes in both directions, within windows.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type BidiStream, Code } from "ttrpc";
import { type Any, anyIs, anyPack, anyUnpack, Empty } from "ttrpc/wkt";
import { onEachChannel, type SocketChannel } from "../support/channels.js";
import { skipContainerd } from "../support/containerd.js";
import { type Api, containerdServices, type Progress } from "./api.js";
import { CONTAINERD_ANY, receiveBytes, sendBytes, WINDOW_BYTES } from "./byte-stream.js";
import { BLOB, codeOf, collect, drain, eachWithServer, MIB, NOWHERE } from "./client-support.js";
import { sha256 } from "./content-store.js";

describe("containerd's transfer", { skip: skipContainerd() }, () => {
  let api: Api;
  before(async () => {
    api = await containerdServices("containerd-transfer");
  });
  onEachChannel("our client", (channel) => transferCases(() => api, channel));
});

function transferCases(api: () => Api, channel: SocketChannel): void {
  const peer = eachWithServer(channel);

  /** Opens a stream by name, as containerd does: the name, and an Empty back. */
  async function open(id: string): Promise<BidiStream<Partial<Any>, Any>> {
    const stream = peer.client.service(api().Streaming).stream();
    await stream.send(anyPack(api().StreamInit, { id }, CONTAINERD_ANY));
    const ready = await stream.recv();
    assert.ok(ready !== undefined && anyIs(ready, Empty), `the first message is a ${ready?.typeUrl}`);
    return stream;
  }

  function transfer(from: string, to: string, progressStream = ""): Promise<object> {
    const { Transfer, ImageImportStream, ImageExportStream } = api();
    return peer.client.service(Transfer).transfer({
      source: anyPack(ImageImportStream, { stream: from, mediaType: "application/octet-stream" }, CONTAINERD_ANY),
      destination: anyPack(ImageExportStream, { stream: to }, CONTAINERD_ANY),
      options: { progressStream },
    });
  }

  async function relay(name: string, data: Buffer): Promise<Buffer> {
    const [from, to] = await Promise.all([open(`${name}-in`), open(`${name}-out`)]);
    const sending = sendBytes(api(), from, [data]).then((sent) => {
      assert.equal(sent, data.length);
      return from.closeSend();
    });
    const [received] = await Promise.all([collect(receiveBytes(api(), to)), sending, transfer(`${name}-in`, `${name}-out`)]);
    await to.closeSend();
    // Windows that were granted and not used up may still come; after them the stream of what we sent ends, too.
    for (const message of await drain(from)) assert.ok(anyIs(message, api().WindowUpdate), message.typeUrl);
    return Buffer.concat(received);
  }

  for (const bytes of [0, 1, WINDOW_BYTES, WINDOW_BYTES + 1, BLOB.length]) {
    it(`${bytes} bytes there and back, within the windows of both sides`, async () => {
      const data = BLOB.subarray(0, bytes);
      assert.equal(sha256(await relay("a", data)), sha256(data));
      assert.equal(peer.client.stats().active, 0);
    });
  }

  it("four transfers at once, with unary calls between them", async () => {
    const parts = Array.from({ length: 4 }, (_, i) => BLOB.subarray(i * MIB, (i + 2) * MIB));
    const all = Promise.all(parts.map(async (part, i) => sha256(await relay(`part-${i}`, part))));
    for (let i = 0; i < 50; i++) assert.equal((await codeOf(peer.client.service(api().Content).info({ digest: NOWHERE })))[0], Code.NotFound);
    assert.deepEqual(await all, parts.map(sha256));
  });

  it("progress comes on a stream of its own", async () => {
    const progress = await open("progress");
    const [from, to] = await Promise.all([open("in"), open("out")]);
    const sending = sendBytes(api(), from, [BLOB]).then(() => from.closeSend());
    const received = collect(receiveBytes(api(), to));
    await Promise.all([sending, received, transfer("in", "out", "progress")]);
    const events = (await drain(progress)).map((message): Partial<Progress> => anyUnpack(message, api().Progress));
    assert.deepEqual(
      events.map(({ event, name, progress }) => [event, name, progress]),
      [
        ["relaying", "application/octet-stream", 0n],
        ["relayed", "application/octet-stream", BigInt(BLOB.length)],
      ],
    );
  });

  it("no more comes than the window we grant, and the connection goes on meanwhile", async () => {
    const { Data, WindowUpdate } = api();
    const [from, to] = await Promise.all([open("in"), open("out")]);
    const done = Promise.all([sendBytes(api(), from, [BLOB.subarray(0, MIB)]).then(() => from.closeSend()), transfer("in", "out")]);
    const pieces: Buffer[] = [];
    let next = to.recv();
    const take = async (bytes: number): Promise<void> => {
      await to.send(anyPack(WindowUpdate, { update: bytes }, CONTAINERD_ANY));
      for (let left = bytes; left > 0; next = to.recv()) {
        const { data } = anyUnpack((await next) ?? assert.fail("the stream ended"), Data);
        pieces.push(Buffer.from(data));
        left -= data.length;
        assert.ok(left >= 0, `${-left} bytes more than were granted`);
      }
    };
    await take(1_000);
    await take(WINDOW_BYTES);
    let came = false;
    void next.then(() => (came = true));
    assert.equal((await codeOf(peer.client.service(api().Content).info({ digest: NOWHERE })))[0], Code.NotFound);
    assert.equal(came, false, "data came without a window");
    await take(MIB - 1_000 - WINDOW_BYTES);
    await done;
    assert.equal(await next, undefined);
    assert.equal(sha256(Buffer.concat(pieces)), sha256(BLOB.subarray(0, MIB)));
  });

  it("a name that is taken, a first message that is no StreamInit, a name that nobody opened", async () => {
    await open("taken");
    assert.deepEqual(await codeOf(open("taken")), [Code.Unknown, "already exists"]);
    const wrong = peer.client.service(api().Streaming).stream();
    await wrong.send(anyPack(api().Data, { data: Buffer.from("x") }, CONTAINERD_ANY));
    assert.equal((await codeOf(wrong.recv()))[0], Code.Unknown);
    assert.equal((await codeOf(transfer("nobody", "taken")))[0], Code.NotFound);
  });
}
