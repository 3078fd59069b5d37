// Mirrors server_test.go: calls, and every way a server ends.
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ClosedError, Code, connect, OversizedMessageError, Server, ServerClosedError, unary } from "ttrpc";
import { failure, gate, onEachLink, rejection, until } from "../rpc/links.js";
import { freePath, onEachChannel } from "../support/channels.js";
import { test } from "../support/implementations.js";
import { Test, TestPayload } from "../support/services.js";
import { checkServerShutdown, inTime, serve, settlesWithin } from "./support.js";

const MAX_MESSAGE_BYTES = 4 << 20;

const register = (server: Server): unknown => server.service(Test, test);

onEachLink("server_test.go", (link) => {
  it("TestServer", async () => {
    await using serving = await serve(link, register);
    const tests = (await serving.connect()).service(Test);
    const results = await Promise.all(["bar", "baz"].map((name) => tests.test({ foo: name }, { metadata: { foo: name } })));
    assert.deepEqual(results, [
      { foo: "barbar", deadline: 0n, metadata: "bar" },
      { foo: "bazbaz", deadline: 0n, metadata: "baz" },
    ]);
  });

  it("TestServerUnimplemented", async () => {
    await using serving = await serve(link, () => {});
    const client = await serving.connect();
    const found = client.call("Not", unary("Found", TestPayload, TestPayload), {});
    assert.deepEqual(await failure(found), [Code.Unimplemented, "service Not"]);
    await inTime(serving.server.shutdown(), "the shutdown");
    await checkServerShutdown(serving);
  });

  it("TestServerShutdown", async () => {
    const CALLS = 5;
    const proceed = gate();
    let started = 0;
    const closes = [0, 0];
    await using serving = await serve(link, (server) =>
      server.service(Test, {
        async test() {
          started++;
          await proceed.promise;
          return { foo: "waited" };
        },
      }),
    );
    const client = await serving.connect({ onClose: () => void (closes[0] = (closes[0] ?? 0) + 1) });
    const secondary = await serving.connect({ onClose: () => void (closes[1] = (closes[1] ?? 0) + 1) });
    const calls = Array.from({ length: CALLS }, (_, i) => client.service(Test).test({ foo: `half${i}` }));
    await until(() => started === CALLS && serving.server.stats().connections === 2, "all handlers, and the secondary connection");

    const shutdown = serving.server.shutdown();
    // The idle connection ends at once; the busy one, and the shutdown with it, wait for the handlers.
    assert.equal(await inTime(secondary.closed, "the end of the idle connection"), undefined);
    assert.equal(serving.server.stats().connections, 1);
    assert.equal(await settlesWithin(shutdown, 20), false);
    if (serving.served !== undefined) assert.equal(await settlesWithin(serving.served, 1), false);
    proceed.open();

    // Upstream lets a call end with ErrClosed, too: here none is lost.
    for (const reply of await Promise.all(calls)) assert.deepEqual(reply, { foo: "waited", deadline: 0n, metadata: "" });
    await inTime(shutdown, "the shutdown");
    await checkServerShutdown(serving);
    assert.equal(await client.closed, undefined);
    assert.deepEqual(closes, [1, 1]);
  });

  it("TestOversizeCall", async () => {
    await using serving = await serve(link, register);
    const client = await serving.connect();
    const error = await rejection(client.service(Test).test({ foo: "a".repeat(MAX_MESSAGE_BYTES + 1) }));
    assert.ok(error instanceof OversizedMessageError, String(error));
    // Two names and the lengths of three fields around the text.
    const bytes = MAX_MESSAGE_BYTES + 1 + "..testService".length + "..Test".length + 2 * "x.xxx".length;
    assert.deepEqual([error.code, error.rejectedBytes, error.maximumBytes], [Code.ResourceExhausted, bytes, MAX_MESSAGE_BYTES]);
    assert.equal(error.message, `message of ${bytes} bytes exceeds the ${MAX_MESSAGE_BYTES} byte limit`);
    assert.equal(client.stats().framesSent, 0);
    assert.equal((await client.service(Test).test({ foo: "on" })).foo, "onon");
    await inTime(serving.server.shutdown(), "the shutdown");
    await checkServerShutdown(serving);
  });

  it("TestClientEOF", async () => {
    await using serving = await serve(link, register);
    const client = await serving.connect();
    await client.service(Test).test({});
    await serving.server.close();
    await checkServerShutdown(serving);
    await inTime(client.closed, "the end of the connection");
    const error = await rejection(client.service(Test).test({}));
    assert.ok(error instanceof ClosedError, String(error));
    assert.deepEqual([error.code, error.message], [Code.Unavailable, "ttrpc: closed"]);
  });

  it("TestServerRequestTimeout", async () => {
    await using serving = await serve(link, register);
    const tests = (await serving.connect()).service(Test);
    const timeoutMs = 10 * 60_000;
    const earliestMs = Date.now() + timeoutMs;
    const { deadline } = await tests.test({}, { timeoutMs });
    const latestMs = Date.now() + timeoutMs;
    // Upstream's is equal to the nanosecond, because client and server share a context. Two clocks are read here: slack for both.
    const SLACK_MS = 100;
    const deadlineMs = Number(deadline / 1_000_000n);
    assert.ok(deadlineMs >= earliestMs - SLACK_MS && deadlineMs <= latestMs + SLACK_MS, `${deadlineMs}, not from ${earliestMs} to ${latestMs}`);
    assert.equal((await tests.test({})).deadline, 0n, "no timeout, no deadline");
  });

  it("TestServerConnectionsLeak", async () => {
    await using serving = await serve(link, register);
    const connections = (): number => serving.server.stats().connections;
    assert.equal(connections(), 0);
    const client = await serving.connect();
    await client.service(Test).test({});
    assert.equal(connections(), 1);
    await client.close();
    await until(() => connections() === 0, "the end of the connection");

    const many = await Promise.all(Array.from({ length: 10 }, () => serving.connect()));
    await Promise.all(many.map((one) => one.service(Test).test({})));
    assert.equal(connections(), 10);
    await many[0]?.close();
    await until(() => connections() === 9, "the end of one of ten");
    await Promise.all(many.map((one) => one.close()));
    await until(() => connections() === 0, "the end of all");
  });
});

// Listeners are for sockets: memory has none.
onEachChannel("server_test.go, listeners", (channel) => {
  it("TestServerListenerClosed", async () => {
    await using server = new Server({ channel });
    const listener = await server.listen(`unix://${freePath()}`);
    const served = rejection(server.serve(listener));
    await listener.close();
    const error = await served;
    assert.ok(error instanceof ClosedError, String(error));
    assert.equal(error.message, "ttrpc: listener closed");
    assert.equal((await failure(connect(listener.address, { channel })))[0], Code.NotFound);

    // So with one that somebody else has opened, as upstream's is.
    const net = createServer();
    await new Promise<void>((resolve) => net.listen(freePath(), resolve));
    const servedNet = failure(server.serve(net));
    net.close();
    assert.deepEqual(await servedNet, [Code.Unavailable, "ttrpc: listener closed"]);
  });

  it("TestServerClose", async () => {
    await using serving = await serve(channel, register);
    assert.equal(await settlesWithin(serving.served ?? assert.fail(), 20), false);
    await serving.server.close();
    await checkServerShutdown(serving);
    assert.ok((await rejection(serving.server.listen(`unix://${freePath()}`))) instanceof ServerClosedError);
    await serving.server.close();
  });

  it("TestImmediateServerShutdown", async () => {
    const server = new Server({ channel }).service(Test, test);
    const sockets: Socket[] = [];
    const net = createServer((socket) => sockets.push(socket));
    const path = freePath();
    await new Promise<void>((resolve) => net.listen(path, resolve));
    const client = await connect(`unix://${path}`, { channel });
    try {
      const own = await server.listen(`unix://${freePath()}`);
      const late = sleep(1).then(() => rejection(server.serve(net)));
      await inTime(server.shutdown(), "the shutdown");
      for (const error of [await inTime(late, "the end of serve()"), await rejection(server.serve(own))]) {
        assert.ok(error instanceof ServerClosedError, String(error));
        assert.deepEqual([error.code, error.message], [Code.Unavailable, "ttrpc: server closed"]);
      }
      // Go's Serve closes its listener however it returns.
      assert.equal(net.listening, false);
      assert.equal(server.stats().connections, 0);
      assert.equal((await failure(connect(own.address, { channel })))[0], Code.NotFound);
    } finally {
      net.close();
      await client.close();
      for (const socket of sockets) socket.destroy();
    }
  });
});
