// Mirrors stream_test.go: a stream from its first message to its end, on both sides.
import assert from "node:assert/strict";
import { it } from "node:test";
import { bidi, Code, defineService, type HandlerContext, TtrpcError } from "ttrpc";
import { gate, onEachLink } from "../rpc/links.js";
import { EchoPayload } from "../support/services.js";
import { echoes, inTime, serve, StreamService } from "./support.js";

const { typeName, methods } = StreamService;

onEachLink("stream_test.go", (link) => {
  it("TestStreamClient", async () => {
    await using serving = await serve(link, (server) => server.service(StreamService, echoes));
    const client = await serving.connect();
    assert.deepEqual(await client.call(typeName, methods.echo, {}), { seq: 1, msg: "" });

    const stream = client.newStream(typeName, methods.echoStream);
    for (let seq = 1; seq <= 100; seq++) {
      await stream.send({ seq, msg: "should be returned" });
      assert.deepEqual(await stream.recv(), { seq: seq + 1, msg: "should be returned" });
    }
    await stream.closeSend();
    assert.equal(await stream.recv(), undefined, "io.EOF");
    assert.equal(await stream.recv(), undefined, "and again");
    const { active, callsFailed } = client.stats();
    assert.deepEqual([active, callsFailed], [0, 0]);
  });

  it("TestStreamHandlerContextCancelOnReturn", async () => {
    const service = defineService("streamCancelService", { quick: bidi("Quick", EchoPayload, EchoPayload) });
    const entered = gate<HandlerContext>();
    const proceed = gate();
    let abortedInside: boolean | undefined;
    await using serving = await serve(link, (server) =>
      server.service(service, {
        async *quick(_, context) {
          abortedInside = context.signal.aborted;
          entered.open(context);
          await proceed.promise;
        },
      }),
    );
    const client = await serving.connect();
    const stream = client.newStream("streamCancelService", service.methods.quick);
    const { signal } = await entered.promise;
    assert.deepEqual([abortedInside, signal.aborted], [false, false]);
    const cancelled = new Promise((resolve) => signal.addEventListener("abort", resolve));
    proceed.open();
    // The connection is open, and the client has not ended its side: only the handler's return can have done it.
    await inTime(cancelled, "the signal of a handler that has returned");
    const reason: unknown = signal.reason;
    assert.ok(reason instanceof TtrpcError && reason.code === Code.Canceled, String(reason));
    assert.equal(await stream.recv(), undefined);
    assert.equal(serving.server.stats().connections, 1);
    await stream.closeSend();
  });
});
