// Interceptors around streams: both sides see iterables, whatever the kind, with a source or with a handle.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, type Interceptor, StreamClosedError, type StreamCall, TtrpcError } from "ttrpc";
import { register } from "../support/implementations.js";
import { dataHex, echo, frame } from "../support/raw.js";
import { type EchoPayload, Peer, Streaming } from "../support/services.js";
import { collect, failure, gate, onEachLink, pairOver, rawServer, rejection, until } from "./links.js";

/** Adds `add` to each message, both ways. */
function adding(add: number, log: string[] = []): Interceptor {
  return {
    async *stream(call, next) {
      log.push(`${call.side} ${add} in`);
      const { requests } = call;
      call.requests = (async function* () {
        for await (const message of requests) yield plus(message, add);
      })();
      for await (const message of next(call)) yield plus(message, add);
      log.push(`${call.side} ${add} out`);
    },
  };
}

function plus(message: object, add: number): object {
  const { seq, msg } = message as EchoPayload;
  return { seq: (seq ?? 0) + add, msg };
}

const stream = (intercept: NonNullable<Interceptor["stream"]>): Interceptor => ({ stream: intercept });

onEachLink("stream interceptors", (link) => {
  it("change requests and responses of every kind, on both sides, first one outermost", async () => {
    const log: string[] = [];
    await using both = await pairOver(
      link,
      (server) =>
        server.service(
          Peer,
          {
            echo2: async function* (requests) {
              for await (const { seq } of requests) yield { seq };
            },
            count: ({ seq }) => [{ seq }],
            collect: async (requests) => ({ seq: (await collect(requests)).reduce((sum, { seq }) => sum + seq, 0) }),
          },
          { interceptors: [adding(1000, log)] },
        ),
      { interceptors: [adding(100, log)] },
      { interceptors: [adding(1, log), adding(10, log)] },
    );
    const peer = both.client.service(Peer);
    assert.deepEqual(
      (await collect(peer.echo2([{ seq: 0 }, { seq: 0 }]))).map(({ seq }) => seq),
      [2222, 2222],
    );
    assert.deepEqual(log, [
      "client 1 in",
      "client 10 in",
      "server 100 in",
      "server 1000 in",
      "server 1000 out",
      "server 100 out",
      "client 10 out",
      "client 1 out",
    ]);
    assert.deepEqual(
      (await collect(peer.count({ seq: 0 }))).map(({ seq }) => seq),
      [2222],
    );
    assert.equal((await peer.collect([{ seq: 0 }, { seq: 0 }])).seq, 3333);
    const chat = peer.echo2();
    await chat.send({ seq: 5 });
    assert.equal((await chat.recv())?.seq, 2227);
    await chat.closeSend();
    assert.equal(await chat.recv(), undefined);
    const upload = peer.collect();
    await upload.send({ seq: 1 });
    assert.equal((await upload.closeAndRecv()).seq, 2223);
    await until(() => both.server.stats().active === 0, "the end of the calls");
    assert.equal(both.client.stats().active, 0);
  });

  it("handles behave as without: one reader, closed for sending, the end again and again", async () => {
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [adding(0)] }, { interceptors: [adding(0)] });
    const chat = both.client.service(Peer).echo2();
    await chat.send({ seq: 1 });
    const iterator = chat[Symbol.asyncIterator]();
    assert.match(String(await rejection(chat.recv())), /^Error: recv\(\) on a stream that is being iterated: use one or the other$/);
    assert.equal(((await iterator.next()).value as EchoPayload).seq, 2);
    await chat.closeSend();
    await chat.closeSend();
    assert.ok((await rejection(chat.send({}))) instanceof StreamClosedError);
    assert.equal((await iterator.next()).done, true);
    assert.equal((await iterator.next()).done, true);
  });

  it("edit metadata and timeout", async () => {
    const edit = stream((call, next) => {
      call.metadata.set("added", "1");
      call.timeoutMs = 40;
      return next(call);
    });
    const seen: unknown[] = [];
    const look = stream((call, next) => {
      seen.push(call.metadata.toJSON(), (call.timeoutMs ?? Infinity) <= 40);
      return next(call);
    });
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [look] }, { interceptors: [edit] });
    const chat = both.client.service(Peer).echo2({ metadata: { own: "2" } });
    assert.deepEqual(await failure(chat.recv()), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.deepEqual(seen, [{ own: ["2"], added: ["1"] }, true]);
  });

  it("throw, at once or in the middle, on either side", async () => {
    const error = new TtrpcError(Code.PermissionDenied, "not you");
    const atOnce = stream(() => {
      throw error;
    });
    const later = stream(async function* (call, next) {
      for await (const message of next(call)) {
        yield message;
        throw error;
      }
    });
    for (const [intercept, messages] of [
      [atOnce, 0],
      [later, 1],
    ] as const) {
      await using served = await pairOver(link, (server) => void register(server), { interceptors: [intercept] });
      await using local = await pairOver(link, (server) => void register(server), {}, { interceptors: [intercept] });
      for (const { client } of [served, local]) {
        const run = async (): Promise<number> => {
          const responses = client.service(Peer).count({ seq: 3 });
          for (let at = 0; at < messages; at++) assert.equal((await responses.recv())?.seq, at);
          await responses.recv();
          return 0;
        };
        assert.deepEqual(await failure(run()), [Code.PermissionDenied, "not you"]);
        await until(() => client.stats().active === 0, "the end of the stream");
      }
    }
  });

  it("answer in place of the peer: nothing is sent", async () => {
    const made = stream(async function* () {
      yield { seq: 1 };
      yield { seq: 2 };
    });
    await using both = await pairOver(link, (server) => void register(server), {}, { interceptors: [made] });
    assert.deepEqual(
      (await collect(both.client.service(Peer).count({}))).map(({ seq }) => seq),
      [1, 2],
    );
    assert.equal((await both.client.service(Peer).collect([])).seq, 1);
    assert.equal(both.client.stats().framesSent, 0);
  });

  it("that drop the only message of a call are told so", async () => {
    const dropRequests = stream((call, next) => {
      call.requests = (async function* () {})();
      return next(call);
    });
    const dropResponses = stream(async function* () {});
    await using asking = await pairOver(link, (server) => void register(server), {}, { interceptors: [dropRequests] });
    assert.deepEqual(await failure(asking.client.service(Peer).count({}).recv()), [Code.Internal, "an interceptor dropped the request of a server stream"]);
    await using served = await pairOver(link, (server) => void register(server), { interceptors: [dropRequests] });
    assert.deepEqual(await failure(served.client.service(Peer).count({}).recv()), [Code.Internal, "an interceptor dropped the only message of a call"]);
    await using answering = await pairOver(link, (server) => void register(server), { interceptors: [dropResponses] });
    assert.deepEqual(await failure(answering.client.service(Peer).collect([])), [Code.Internal, "an interceptor dropped the only message of a call"]);
  });

  it("cancel, break and dispose go through them to the peer", async () => {
    for (const how of ["cancel", "break", "dispose", "signal"] as const) {
      const controller = new AbortController();
      let finals = 0;
      const pass = stream(async function* (call, next) {
        try {
          yield* next(call);
        } finally {
          finals++;
        }
      });
      await using server = await rawServer(link, { interceptors: [pass] });
      const chat = server.client.service(Peer).echo2({ signal: controller.signal });
      await server.raw.next();
      await server.raw.send(frame(1, 3, 0, echo(1)));
      if (how === "break") for await (const _ of chat) break;
      else if (how === "cancel") chat.cancel();
      else if (how === "dispose") await chat[Symbol.asyncDispose]();
      else {
        assert.equal((await chat.recv())?.seq, 1);
        controller.abort();
        assert.deepEqual(await failure(chat.recv()), [Code.Canceled, "context canceled"]);
      }
      assert.equal(await server.raw.nextHex(), dataHex(1, 5), how);
      await until(() => finals === 1, `the interceptor's end after ${how}`);
      assert.equal(server.client.stats().active, 0);
    }
  });

  it("a reader that waits is released by cancel and by the signal, with Canceled", async () => {
    for (const how of ["cancel", "signal"] as const) {
      const controller = new AbortController();
      await using server = await rawServer(link, { interceptors: [adding(0)] });
      const chat = server.client.service(Peer).echo2({ signal: controller.signal });
      await server.raw.next();
      const waiting = failure(chat.recv());
      if (how === "cancel") chat.cancel();
      else controller.abort();
      assert.deepEqual(await waiting, [Code.Canceled, "context canceled"], how);
    }
  });

  it("on the server: see the call, and its requests once", async () => {
    const calls: StreamCall[] = [];
    await using both = await pairOver(link, (server) => void register(server), { interceptors: [stream((call, next) => (calls.push(call), next(call)))] });
    await collect(both.client.service(Streaming).echoStream([{ seq: 1 }]));
    const [call] = calls;
    assert.deepEqual(
      [call?.side, call?.serviceName, call?.method.name, call?.path],
      ["server", Streaming.typeName, "EchoStream", `/${Streaming.typeName}/EchoStream`],
    );
  });

  it("the requests of an intercepted handler have recv, cancel and dispose", async () => {
    const done = gate<(number | undefined)[]>();
    await using both = await pairOver(
      link,
      (server) =>
        server.service(Peer, {
          async collect(requests) {
            const seen = [(await requests.recv())?.seq, (await requests.recv())?.seq, (await requests.recv())?.seq];
            done.open(seen);
            await requests[Symbol.asyncDispose]();
            return {};
          },
        }),
      { interceptors: [adding(1)] },
    );
    await both.client.service(Peer).collect([{ seq: 1 }, { seq: 2 }]);
    assert.deepEqual(await done.promise, [2, 3, undefined]);
  });
});
