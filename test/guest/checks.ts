// What is true of vsock, to be run inside of a guest: main.ts does so. Cid 1 is the machine itself.
import assert from "node:assert/strict";
import { type Client, Code, connect, type HandlerContext, Server, TtrpcError } from "ttrpc";
import { runGoClient, startGoServer } from "../support/go.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";

const MAX = 4 << 20;
const PORT = 1024;
const ANY_PORT = 4_294_967_295;

type Check = readonly [name: string, run: () => Promise<void>];

/** A server of ours on `address` while `use` runs. */
async function serving(address: string, use: (address: string, server: Server) => Promise<void>): Promise<void> {
  await using server = register(new Server({ channel: "native" }));
  const listener = await server.listen(address);
  await use(listener.address, server);
}

async function failure(promise: Promise<unknown>): Promise<[code: number, message: string]> {
  const error = await promise.then(
    () => assert.fail("it should have failed"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TtrpcError, String(error));
  return [error.code, error.message];
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

async function until(ready: () => boolean): Promise<void> {
  for (let tries = 0; !ready(); tries++) {
    if (tries > 2_000) assert.fail(`it never came: ${ready.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function everyKindOfCall(client: Client): Promise<void> {
  const { echo, sumStream, divideStream, echoStream } = client.service(Streaming);
  const seqs = await Promise.all(Array.from({ length: 200 }, async (_, seq) => (await echo({ seq, msg: "over vsock" })).seq));
  assert.deepEqual(
    seqs,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  assert.equal((await sumStream(Array.from({ length: 100 }, (_, i) => ({ add: i + 1 })))).sum, 5050);
  const parts = (await all(divideStream({ sum: 10, num: 3 }))).map(({ add }) => add);
  assert.deepEqual([parts.length, parts.reduce((sum, add) => sum + add, 0)], [3, 10]);
  assert.deepEqual(
    (await all(echoStream([{ seq: 1 }, { seq: 2 }]))).map(({ seq }) => seq),
    [2, 3],
  );
  assert.deepEqual(await failure(client.service(Peer).fail({ seq: Code.NotFound, msg: "nothing here" })), [Code.NotFound, "nothing here"]);
}

async function largeMessage(client: Client): Promise<void> {
  // Envelope: service 2+39, method 2+4, payload 5; payload: seq 2, text 5.
  const text = "x".repeat(MAX - (2 + Streaming.typeName.length + 2 + 4 + 5 + 2 + 5));
  assert.equal((await client.service(Streaming).echo({ seq: 1, msg: text })).msg, text);
}

export const checks: readonly Check[] = [
  [
    "our server for any cid, our client: every kind of call",
    () =>
      serving(`vsock://-1:${PORT}`, async (address) => {
        assert.equal(address, `vsock://-1:${PORT}`);
        await using client = await connect(`vsock://1:${PORT}`, { channel: "native" });
        assert.deepEqual([client.channel, client.peer], ["native", { address: `vsock://1:${PORT}` }]);
        await everyKindOfCall(client);
      }),
  ],
  [
    "a message of 4 MiB, there and back",
    () =>
      serving(`vsock://1:${PORT}`, async (address) => {
        await using client = await connect(address);
        await largeMessage(client);
      }),
  ],
  [
    "a port that the system chose: the listener says which",
    () =>
      serving(`vsock://1:${ANY_PORT}`, async (address) => {
        assert.match(address, /^vsock:\/\/1:\d+$/);
        assert.notEqual(address, `vsock://1:${ANY_PORT}`);
        await using client = await connect(address);
        assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
      }),
  ],
  [
    "a server knows its peer's cid and port",
    async () => {
      await using server = new Server().service(Streaming, { echo: (_, { peer }: HandlerContext) => ({ msg: JSON.stringify(peer) }) });
      const { address } = await server.listen(`vsock://-1:${PORT}`);
      assert.equal(address, `vsock://-1:${PORT}`);
      await using client = await connect(`vsock://1:${PORT}`);
      const { msg } = await client.service(Streaming).echo({});
      assert.match((JSON.parse(msg) as { address: string }).address, /^vsock:\/\/1:\d+$/);
      assert.deepEqual(Object.keys(JSON.parse(msg) as object), ["address"]);
    },
  ],
  [
    "closed by the client: the server sees it go; twice is once",
    () =>
      serving(`vsock://1:${PORT}`, async (address, server) => {
        const client = await connect(address);
        await client.service(Streaming).echo({});
        await client.close();
        await client.close();
        await until(() => server.stats().connections === 0);
      }),
  ],
  [
    "closed by the server: calls in flight end, and so does the client",
    () =>
      serving(`vsock://1:${PORT}`, async (address, server) => {
        await using client = await connect(address);
        const calls = [
          client.service(Peer).sleep({ seq: 60_000 }),
          client
            .service(Peer)
            .hold([{ seq: 1 }])
            .recv(),
        ].map(failure);
        await client.service(Streaming).echo({});
        await server.close();
        for (const call of calls) assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
        await client.closed;
      }),
  ],
  [
    "a port where nobody listens: Unavailable, at once",
    async () => {
      assert.deepEqual(await failure(connect("vsock://1:9")), [Code.Unavailable, "cannot connect to vsock://1:9: ECONNRESET: connection reset by peer"]);
    },
  ],
  [
    "a cid that leads nowhere: Unavailable, at once",
    async () => {
      assert.deepEqual(await failure(connect(`vsock://3:${PORT}`)), [Code.Unavailable, `cannot connect to vsock://3:${PORT}: ENODEV: no such device`]);
    },
  ],
  [
    "a port that is taken: Unavailable",
    () =>
      serving(`vsock://1:${PORT}`, async (address) => {
        await using second = new Server();
        assert.deepEqual(await failure(second.listen(address)), [Code.Unavailable, `cannot listen on ${address}: EADDRINUSE: address already in use`]);
      }),
  ],
  [
    "any cid is no address to connect to",
    async () => {
      assert.deepEqual(await failure(connect(`vsock://-1:${PORT}`)), [
        Code.InvalidArgument,
        `cannot connect to vsock://-1:${PORT}: any cid and any port are for listening; cid 1 is this machine, 2 the host`,
      ]);
    },
  ],
  [
    "our server, Go's client: upstream's integration cases",
    () =>
      serving(`vsock://-1:${PORT}`, async () => {
        const reports = await runGoClient(`vsock://1:${PORT}`, "all");
        assert.equal(reports.length, 7);
        for (const report of reports) assert.ok(report.ok, JSON.stringify(report));
      }),
  ],
  [
    "Go's server, our client: every kind of call, 4 MiB, and its death",
    async () => {
      const go = await startGoServer(`vsock://-1:${PORT}`);
      assert.equal(go.address, `vsock://1:${PORT}`);
      await using client = await connect(go.address);
      await everyKindOfCall(client);
      await largeMessage(client);
      const call = failure(client.service(Peer).sleep({ seq: 60_000 }));
      await client.service(Streaming).echo({});
      await go.stop("SIGKILL");
      assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
      await client.closed;
    },
  ],
];
