// Mirrors integration/streaming_test.go: the generated stubs of all kinds of call. Its server here is ours; test/integration has Go's.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Stub } from "ttrpc";
import { collect, onEachLink } from "../../rpc/links.js";
import { streaming } from "../../support/implementations.js";
import { Streaming } from "../../support/services.js";
import { GIVE_UP_MS, inTime, serve, type Serving } from "../support.js";

const NULL_TEXT = "non-empty empty";

onEachLink("integration/streaming_test.go", (link) => {
  describe("TestStreamingService", () => {
    let serving: Serving;
    let service: Stub<typeof Streaming>;
    before(async () => {
      serving = await serve(link, (server) => server.service(Streaming, streaming));
      service = (await serving.connect()).service(Streaming);
    });
    after(() => serving[Symbol.asyncDispose]());

    it("Echo", async () => {
      assert.deepEqual(await service.echo({ seq: 1, msg: "Echo Me" }), { seq: 2, msg: "Echo Me" });
    });

    it("EchoStream", async () => {
      const stream = service.echoStream();
      for (let seq = 0; seq < 100; seq += 2) {
        const msg = `${seq}: Echo in a stream`;
        await stream.send({ seq, msg });
        assert.deepEqual(await stream.recv(), { seq: seq + 1, msg });
      }
      await stream.closeSend();
      assert.equal(await stream.recv(), undefined);
    });

    it("SumStream", async () => {
      const stream = service.sumStream();
      // An empty message first and last, which must count.
      await stream.send({});
      let sum = 0;
      let num = 2;
      for (let add = -99; add <= 100; add++) {
        await stream.send({ add });
        sum += add;
        num++;
      }
      await stream.send({});
      assert.deepEqual([sum, num], [100, 202]);
      assert.deepEqual(await stream.closeAndRecv(), { sum, num });
    });

    it("DivideStream", async () => {
      const expected = { sum: 392, num: 30 };
      const parts = await collect(service.divideStream(expected));
      assert.deepEqual({ sum: parts.reduce((sum, { add }) => sum + add, 0), num: parts.length }, expected);
    });

    it("EchoNull", async () => {
      const stream = service.echoNull();
      for (let seq = 0; seq < 100; seq++) await stream.send({ seq, msg: NULL_TEXT });
      assert.deepEqual(await stream.closeAndRecv(), {});
    });

    it("EchoNullStream", async () => {
      const stream = service.echoNullStream();
      const reading = collect(stream);
      for (let seq = 0; seq < 100; seq++) await stream.send({ seq, msg: NULL_TEXT });
      await stream.closeSend();
      // Upstream counts them and does not look; ten for each.
      const empties = await inTime(reading, "the end of the stream");
      assert.equal(empties.length, 1_000);
      assert.ok(empties.every((empty) => Object.keys(empty).length === 0));
    });

    it("EmptyPayloadStream", async () => {
      // Upstream passes nil; an object without fields is as empty on the wire.
      const stream = service.emptyPayloadStream({}, { timeoutMs: GIVE_UP_MS });
      assert.deepEqual(await stream.recv(), { seq: 1, msg: "" });
      assert.deepEqual(await stream.recv(), { seq: 2, msg: "" });
      assert.equal(await stream.recv(), undefined);
    });

    it("leaves nothing behind", () => {
      const { active, callsFailed, connections } = serving.server.stats();
      assert.deepEqual({ active, callsFailed, connections }, { active: 0, callsFailed: 0, connections: 1 });
    });
  });
});
