// The caller's signal, and the handler's: who is told what, and when nothing is written at all.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ClosedError, Code, type HandlerContext, TtrpcError } from "ttrpc";
import { dataHex, echo, frame, reply, RESPONSE } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, gate, onEachLink, pairOver, rawServer, rejection, until } from "./links.js";

const CANCELED = [Code.Canceled, "context canceled"];

async function canceledBy(promise: Promise<unknown>): Promise<unknown> {
  const error = await rejection(promise);
  assert.ok(error instanceof TtrpcError, String(error));
  assert.deepEqual([error.code, error.message], CANCELED);
  return error.cause;
}

onEachLink("the caller's signal", (link) => {
  it("aborted before the call: nothing is written, the reason is the cause", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    const reason = new Error("not needed");
    const signal = AbortSignal.abort(reason);
    assert.equal(await canceledBy(peer.fail({}, { signal })), reason);
    assert.equal(await canceledBy(peer.count({}, { signal }).recv()), reason);
    assert.equal(await canceledBy(peer.collect([{}], { signal })), reason);
    assert.equal(await canceledBy(peer.echo2({ signal }).send({})), reason);
    assert.equal(await canceledBy(server.client.call(Peer.typeName, Peer.methods.fail, {}, { signal })), reason);
    const { framesSent, active } = server.client.stats();
    assert.deepEqual([framesSent, active], [0, 0]);
  });

  it("aborted during a call: it ends here, nothing is sent, the late answer is dropped", async () => {
    await using server = await rawServer(link);
    const { fail } = server.client.service(Peer);
    const controller = new AbortController();
    const call = canceledBy(fail({}, { signal: controller.signal }));
    await server.raw.next();
    controller.abort("a reason that is no error");
    assert.equal(await call, "a reason that is no error");
    await server.raw.send(frame(1, RESPONSE, 0, reply(echo(1))));
    const next = fail({});
    assert.equal((await server.raw.next()).streamId, 3);
    await server.raw.send(frame(3, RESPONSE, 0, reply(echo(2))));
    assert.equal((await next).seq, 2);
  });

  it("aborted during streams: they end, and the peer gets the end of what we send", async () => {
    await using server = await rawServer(link);
    const peer = server.client.service(Peer);
    const controller = new AbortController();
    const { signal } = controller;
    const [chat, upload, count] = [peer.echo2({ signal }), peer.collect({ signal }), peer.count({}, { signal })];
    await server.raw.send(frame(1, 3, 0, echo(1)));
    assert.equal((await chat.recv())?.seq, 1);
    const waiting = canceledBy(chat.recv());
    const reason = new Error("enough");
    controller.abort(reason);
    assert.equal(await waiting, reason);
    assert.equal(await canceledBy(chat.send({})), reason);
    assert.equal(await canceledBy(upload.closeAndRecv()), reason);
    assert.equal(await canceledBy(count.recv()), reason);
    assert.deepEqual((await server.raw.take(5)).slice(3), [dataHex(1, 5), dataHex(3, 5)]);
    assert.equal(server.client.stats().active, 0);
  });

  it("aborted while the call waits for a peer that does not read", async () => {
    await using server = await rawServer(link);
    server.raw.stopReading();
    const { fail, echo2 } = server.client.service(Peer);
    void fail({ msg: "x".repeat(3 << 20) }).catch(() => {});
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [canceledBy(fail({}, { signal })), canceledBy(echo2({ signal }).send({})), canceledBy(echo2([{}], { signal }).recv())];
    const reason = new Error("waited enough");
    controller.abort(reason);
    assert.deepEqual(await Promise.all(calls), [reason, reason, reason]);
    assert.equal(server.client.stats().framesSent, 1);
  });

  it("keeps no listener once the call is over", async () => {
    const added: string[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    for (const name of ["addEventListener", "removeEventListener"] as const) {
      const original = signal[name].bind(signal);
      Object.defineProperty(signal, name, {
        value: (type: "abort", listener: () => void) => {
          added.push(name);
          original(type, listener);
        },
      });
    }
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        fail: ({ seq }) => {
          if (seq === 0) throw new Error("x");
          return {};
        },
        echo2: () => [],
      }),
    );
    const { fail, echo2 } = both.client.service(Peer);
    await fail({ seq: 1 }, { signal });
    await rejection(fail({ seq: 0 }, { signal }));
    assert.equal(await echo2({ signal }).recv(), undefined);
    assert.equal(added.filter((name) => name === "addEventListener").length, 3);
    assert.equal(added.filter((name) => name === "removeEventListener").length, 3);
    controller.abort();
  });
});

onEachLink("a handler's signal", (link) => {
  it("aborts when the call is over, also when it is read only then", async () => {
    const contexts: HandlerContext[] = [];
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        fail: async (_, context) => {
          contexts.push(context);
          assert.equal(context.signal.aborted, false);
          await Promise.resolve();
          return {};
        },
        deadline: (_, context) => {
          contexts.push(context);
          return {};
        },
      }),
    );
    await both.client.service(Peer).fail({});
    await both.client.service(Peer).deadline({});
    for (const { signal } of contexts) {
      assert.ok(signal.aborted);
      assert.deepEqual([(signal.reason as TtrpcError).code, (signal.reason as TtrpcError).message], CANCELED);
    }
    assert.equal(contexts.length, 2);
  });

  it("aborts when the connection is gone: Canceled, because of ClosedError", async () => {
    const reason = gate<unknown>();
    const started = gate();
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        fail: (_, { signal }) => {
          started.open();
          signal.addEventListener("abort", () => reason.open(signal.reason));
          return new Promise(() => {});
        },
      }),
    );
    const call = failure(both.client.service(Peer).fail({}));
    await started.promise;
    await both.client.close();
    assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
    const error = await reason.promise;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message], CANCELED);
    assert.ok(error.cause instanceof ClosedError);
  });

  it("a stream's requests fail when the connection is gone, and its generator is ended", async () => {
    const requestsEnd = gate<unknown>();
    const started = gate();
    let finals = 0;
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        async collect(requests) {
          await requests.recv();
          started.open();
          requestsEnd.open(await rejection(requests.recv()));
          return {};
        },
        async *count(_, { signal }) {
          try {
            yield {};
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          } finally {
            finals++;
          }
        },
      }),
    );
    const peer = both.client.service(Peer);
    const count = peer.count({});
    await count.recv();
    await peer.collect().send({});
    await started.promise;
    await both.client.close();
    const error = await requestsEnd.promise;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message], CANCELED);
    await until(() => finals === 1, "the end of the generator");
    await until(() => both.server.stats().active === 0, "the end of the calls");
  });

  it("callOptions joins its own signal with the given one", async () => {
    await using both = await pairOver(link, (server) =>
      server.service(Streaming, {
        echo: (_, context) => {
          const controller = new AbortController();
          const { signal, metadata, timeoutMs } = context.callOptions({ signal: controller.signal, metadata: { a: "b" } });
          assert.equal(signal?.aborted, false);
          controller.abort();
          return { msg: `${signal?.aborted} ${context.signal.aborted} ${JSON.stringify(metadata)} ${timeoutMs}` };
        },
      }),
    );
    assert.equal((await both.client.service(Streaming).echo({})).msg, 'true false {"a":"b"} undefined');
  });
});
