// Interceptors around unary calls: order, what they may change, and what they see, on both sides.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, contextKey, ContextValues, type Interceptor, Metadata, TtrpcError, type UnaryCall } from "ttrpc";
import { register } from "../support/implementations.js";
import { echo } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, gate, onEachLink, pairOver, rawServer, rejection } from "./links.js";

/** Notes that it was passed, on the way in and on the way out. */
function noting(log: string[], name: string): Interceptor {
  return {
    async unary(call, next) {
      log.push(`${name} in`);
      try {
        return await next(call);
      } finally {
        log.push(`${name} out`);
      }
    },
  };
}

const unary = (intercept: NonNullable<Interceptor["unary"]>): Interceptor => ({ unary: intercept });

onEachLink("unary interceptors", (link) => {
  it("run in order, client's before the stub's, server's before the service's, and unwind in reverse", async () => {
    const log: string[] = [];
    await using both = await pairOver(
      link,
      (server) => server.service(Streaming, { echo: () => (log.push("handler"), {}) }, { interceptors: [noting(log, "service 1"), noting(log, "service 2")] }),
      { interceptors: [noting(log, "server 1"), noting(log, "server 2")] },
      { interceptors: [noting(log, "client 1"), noting(log, "client 2")] },
    );
    await both.client.service(Streaming, { interceptors: [noting(log, "stub 1")] }).echo({});
    const inwards = ["client 1", "client 2", "stub 1", "server 1", "server 2", "service 1", "service 2"];
    const serverSide = inwards.slice(3);
    const clientSide = inwards.slice(0, 3);
    assert.deepEqual(log, [
      ...inwards.map((name) => `${name} in`),
      "handler",
      ...serverSide.toReversed().map((name) => `${name} out`),
      ...clientSide.toReversed().map((name) => `${name} out`),
    ]);
  });

  it("those of the client are around client.call too; those of a stub are not", async () => {
    const log: string[] = [];
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [noting(log, "client")] });
    both.client.service(Streaming, { interceptors: [noting(log, "stub")] });
    await both.client.call(Streaming.typeName, Streaming.methods.echo, {});
    assert.deepEqual(log, ["client in", "client out"]);
  });

  it("see the call: names, path, side, peer", async () => {
    const seen: unknown[] = [];
    const look = unary((call, next) => {
      seen.push([call.side, call.serviceName, call.method.name, call.path, typeof call.peer.address, call.metadata instanceof Metadata, call.signal.aborted]);
      return next(call);
    });
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [look] }, { interceptors: [look] });
    await both.client.service(Streaming).echo({});
    const rest = [Streaming.typeName, "Echo", "/ttrpc.integration.streaming.Streaming/Echo", "string", true, false];
    assert.deepEqual(seen, [
      ["client", ...rest],
      ["server", ...rest],
    ]);
  });

  it("edit metadata and timeout before the request is sent; the caller's own stay as they are", async () => {
    const edit = unary((call, next) => {
      call.metadata.set("who", "interceptor").append("list", "b");
      call.timeoutMs = (call.timeoutMs ?? 0) + 50_000;
      return next(call);
    });
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [edit] });
    const { metadata, deadline } = both.client.service(Peer);
    const own = new Metadata({ list: "a", who: "caller" });
    assert.deepEqual(JSON.parse((await metadata({}, { metadata: own })).msg), { list: ["a", "b"], who: ["interceptor"] });
    assert.deepEqual(own.toJSON(), { list: ["a"], who: ["caller"] });
    assert.deepEqual(JSON.parse((await metadata({})).msg), { list: ["b"], who: ["interceptor"] });
    const leftMs = Number((await deadline({}, { timeoutMs: 10_000 })).msg);
    assert.ok(leftMs > 40_000 && leftMs <= 60_000, String(leftMs));
  });

  it("remove a timeout, or shorten it until nothing is sent", async () => {
    const timeoutsMs = [undefined, 0];
    const edit = unary((call, next) => {
      call.timeoutMs = timeoutsMs.shift();
      return next(call);
    });
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [edit] });
    assert.equal((await both.client.service(Peer).deadline({}, { timeoutMs: 5_000 })).msg, "none");
    assert.deepEqual(await failure(both.client.service(Peer).deadline({})), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.equal(both.client.stats().framesSent, 1);
  });

  it("replace the request and the reply, on either side", async () => {
    const doubling = unary(async (call, next) => {
      call.request = { seq: (call.request as { seq: number }).seq * 2 };
      const reply = (await next(call)) as { seq: number };
      return { seq: reply.seq + 100 };
    });
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [doubling] }, { interceptors: [doubling] });
    // 3 * 2 * 2 + 1 + 100 + 100
    assert.equal((await both.client.service(Streaming).echo({ seq: 3 })).seq, 213);
  });

  it("pass on a call of their own making", async () => {
    const remake = unary((call, next) =>
      next({
        side: call.side,
        serviceName: call.serviceName,
        method: call.method,
        path: call.path,
        peer: call.peer,
        values: call.values,
        signal: call.signal,
        metadata: new Metadata({ made: "anew" }),
        timeoutMs: undefined,
        request: { seq: 1 },
      }),
    );
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [remake] });
    assert.equal((await both.client.service(Peer).metadata({})).msg, '{"made":["anew"]}');
  });

  it("answer in place of the peer: nothing is sent", async () => {
    const cache = unary(async () => ({ seq: 77 }));
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [cache] });
    assert.equal((await both.client.service(Streaming).echo({})).seq, 77);
    assert.equal(both.client.stats().framesSent, 0);
    let handled = 0;
    await using served = await pairOver(link, (server) => server.service(Streaming, { echo: () => (handled++, {}) }), { interceptors: [cache] });
    assert.equal((await served.client.service(Streaming).echo({})).seq, 77);
    assert.equal(handled, 0);
  });

  it("retry: next may be called again", async () => {
    let attempts = 0;
    const retry = unary(async (call, next) => {
      try {
        return await next(call);
      } catch {
        return next(call);
      }
    });
    await using both = await pairOver(
      link,
      (server) =>
        server.service(Streaming, {
          echo: ({ seq }) => {
            if (attempts++ === 0) throw new TtrpcError(Code.Unavailable, "not yet");
            return { seq };
          },
        }),
      {},
      { interceptors: [retry] },
    );
    assert.equal((await both.client.service(Streaming).echo({ seq: 4 })).seq, 4);
    assert.equal(attempts, 2);
  });

  it("throw: the caller gets it; on the server as any handler's error", async () => {
    const errors = [new TtrpcError(Code.Unauthenticated, "who are you"), new Error("plain")];
    for (const error of errors) {
      for (const intercept of [
        () => {
          throw error;
        },
        () => Promise.reject(error),
      ] as NonNullable<Interceptor["unary"]>[]) {
        await using local = await pairOver(link, (server) => void register(server), {}, { interceptors: [{ unary: intercept }] });
        assert.equal(await rejection(local.client.service(Streaming).echo({})), error);
        await using served = await pairOver(link, (server) => void register(server), { interceptors: [{ unary: intercept }] });
        const expected = error instanceof TtrpcError ? [error.code, error.message] : [Code.Unknown, error.message];
        assert.deepEqual(await failure(served.client.service(Streaming).echo({})), expected);
      }
    }
  });

  it("see the errors of what is inside them", async () => {
    const codes: number[] = [];
    const look = unary((call, next) =>
      next(call).catch((error: TtrpcError) => {
        codes.push(error.code);
        throw new TtrpcError(Code.Aborted, `${call.side}: ${error.message}`);
      }),
    );
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [look] }, { interceptors: [look] });
    assert.deepEqual(await failure(both.client.service(Peer).fail({ seq: Code.NotFound, msg: "no" })), [Code.Aborted, "client: server: no"]);
    assert.deepEqual(codes, [Code.NotFound, Code.Aborted]);
  });

  it("on the server: requestBytes is the payload as it came, and the request is decoded when it is read", async () => {
    const bytes: string[] = [];
    let handled: unknown;
    const look = unary((call, next) => {
      bytes.push(Buffer.from(call.requestBytes ?? []).toString("hex"));
      return next(call);
    });
    const shortcut = unary(async () => ({}));
    await using both = await pairOver(link, (server) => server.service(Streaming, { echo: (request) => ((handled = { ...request }), {}) }), {
      interceptors: [look],
    });
    await both.client.service(Streaming).echo({ seq: 5, msg: "as it came" });
    assert.deepEqual(bytes, [echo(5, "as it came").toString("hex")]);
    assert.deepEqual(handled, { seq: 5, msg: "as it came" });
    const broken = {
      ...Streaming.methods.echo,
      input: {
        ...Streaming.methods.echo.input,
        encode: (_: unknown, writer: Parameters<typeof Streaming.methods.echo.input.encode>[1]) => writer.uint32(0x12),
      },
    };
    assert.deepEqual(await failure(both.client.call(Streaming.typeName, broken, {})), [
      Code.Internal,
      "ttrpc: error unmarshalling payload: proto: cannot parse invalid wire-format data",
    ]);
    await using unread = await pairOver(link, (server) => void register(server), { interceptors: [look, shortcut] });
    assert.equal((await unread.client.call(Streaming.typeName, broken, {})).seq, 0);
  });

  it("share values: with the caller on the client, with the handler on the server", async () => {
    const user = contextKey("user", "nobody");
    const seen: string[] = [];
    const look = unary((call, next) => {
      seen.push(`${call.side} ${call.values.get(user)}`);
      call.values.set(user, `${call.side}'s`);
      return next(call);
    });
    await using both = await pairOver(
      link,
      (server) => server.service(Streaming, { echo: (_, { values }) => ({ msg: values.get(user) }) }),
      { interceptors: [look] },
      { interceptors: [look, look] },
    );
    const values = new ContextValues().set(user, "caller's");
    assert.equal((await both.client.service(Streaming).echo({}, { values })).msg, "server's");
    assert.deepEqual(seen, ["client caller's", "client client's", "server nobody"]);
    assert.equal(values.get(user), "client's");
    assert.equal((await both.client.service(Streaming).echo({})).msg, "server's");
    assert.equal(seen[3], "client nobody");
  });

  it("the caller's signal and deadline end a call through them", async () => {
    const calls: UnaryCall[] = [];
    await using server = await rawServer(link, { interceptors: [unary((call, next) => (calls.push(call), next(call)))] });
    const controller = new AbortController();
    const call = failure(server.client.service(Streaming).echo({}, { signal: controller.signal }));
    await server.raw.next();
    controller.abort();
    assert.deepEqual(await call, [Code.Canceled, "context canceled"]);
    assert.ok(calls[0]?.signal.aborted);
    assert.deepEqual(await failure(server.client.service(Streaming).echo({}, { timeoutMs: 20 })), [Code.DeadlineExceeded, "context deadline exceeded"]);
  });

  it("on the server the deadline answers, whatever they wait for", async () => {
    const held = gate();
    await using both = await pairOver(link, (server) => void register(server), {
      maxTimeoutMs: 30,
      interceptors: [unary(async (call, next) => (await held.promise, next(call)))],
    });
    assert.deepEqual(await failure(both.client.service(Streaming).echo({})), [Code.DeadlineExceeded, "context deadline exceeded"]);
    held.open();
  });

  it("only of streams: unary calls do not pass through", async () => {
    let passed = 0;
    const stream: Interceptor = { stream: (call, next) => (passed++, next(call)) };
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [stream] }, { interceptors: [stream] });
    assert.equal((await both.client.service(Streaming).echo({ seq: 1 })).seq, 2);
    assert.equal(passed, 0);
  });
});
