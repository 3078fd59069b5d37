// Who may connect: the handshakes, what they see, and what they cost the others.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Code, connect, type Handshake, type Peer, requireRoot, requireSameUser, requireUidGid, Server, type ServerOptions } from "ttrpc";
import { channels, freePath, onEachChannel, type SocketChannel, startPair } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { RawPeer } from "../support/raw.js";
import { Streaming } from "../support/services.js";
import { runProgram } from "./children.js";
import { failure, gate, until } from "./links.js";

const NOBODY = 65_534;
const CLOSED = [Code.Unavailable, "ttrpc: closed"];
const { getuid = () => -1, getgid = () => -1, getegid = getgid, geteuid = getuid } = process;
const noCredentials = channels.includes("native") ? false : "peer credentials need the native channel";

interface Refusing {
  readonly options: ServerOptions;
  readonly warnings: string[];
}

/** Options of a server with a handshake, and what it logs. */
function logging(handshake: Handshake, more: ServerOptions = {}): Refusing {
  const warnings: string[] = [];
  const silent = (): void => {};
  const warn = (fields: object, message: string): number => warnings.push(`${message}: ${(fields as { err?: Error }).err?.message}`);
  return { options: { handshake, ...more, logger: { debug: silent, info: silent, warn, error: silent } }, warnings };
}

describe("peer credentials", { skip: noCredentials }, () => {
  const channel: SocketChannel = "native";
  const admit = async (handshake: Handshake): Promise<void> => {
    await using pair = await startPair(channel, (server) => void register(server), { handshake });
    assert.equal((await pair.client.service(Streaming).echo({ seq: 1 })).seq, 2);
  };
  const refuse = async (handshake: Handshake, reason: string): Promise<void> => {
    const { options, warnings } = logging(handshake);
    await using pair = await startPair(channel, (server) => void register(server), options);
    assert.deepEqual(await failure(pair.client.service(Streaming).echo({ seq: 1 })), CLOSED);
    assert.deepEqual(warnings, [`ttrpc: refusing connection after handshake: ${reason}`]);
    assert.equal(pair.server.stats().connections, 0);
    assert.equal(pair.client.stats().bytesReceived, 0);
  };
  const mismatch = (uid: number, gid: number): string =>
    `ttrpc: invalid credentials: peer has uid ${geteuid()} and gid ${getegid()}, required are ${uid} and ${gid}: operation not permitted`;

  it("requireSameUser admits this user", () => admit(requireSameUser()));
  it("requireUidGid: both, one, any", async () => {
    await admit(requireUidGid(geteuid(), getegid()));
    await admit(requireUidGid(-1, getegid()));
    await admit(requireUidGid(geteuid(), -1));
    await admit(requireUidGid(-1, -1));
  });
  it("requireUidGid refuses others, without a byte", async () => {
    const other = geteuid() + 1;
    await refuse(requireUidGid(other, -1), mismatch(other, -1));
    await refuse(requireUidGid(-1, getegid() + 1), mismatch(-1, getegid() + 1));
  });
  it("requireRoot admits root alone", () => (geteuid() === 0 && getegid() === 0 ? admit(requireRoot()) : refuse(requireRoot(), mismatch(0, 0))));

  it("requireSameUser refuses another user", async (t) => {
    if (getuid() !== 0) return t.skip("only root can become another user: run as root to test this");
    const folder = mkdtempSync(join(tmpdir(), "ttrpc-open-"));
    chmodSync(folder, 0o755);
    const { options, warnings } = logging(requireSameUser(), { channel });
    const server = register(new Server(options));
    try {
      const { address } = await server.listen(join(folder, "x.sock"), { mode: 0o666 });
      const program = `
        import { connect } from "ttrpc";
        process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});
        const client = await connect(process.argv[1]);
        console.log(await client.closed);`;
      const { out, errors } = await runProgram(program, [address]);
      assert.deepEqual([out, errors], ["undefined", ""]);
      assert.deepEqual(warnings, [
        `ttrpc: refusing connection after handshake: ttrpc: invalid credentials: peer has uid ${NOBODY} and gid ${NOBODY}, required are 0 and 0: operation not permitted`,
      ]);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  });

  it("are on context.peer and client.peer", async () => {
    const peers: Peer[] = [];
    await using pair = await startPair(channel, (server) => server.service(Streaming, { echo: (_, { peer }) => (peers.push(peer), {}) }));
    await pair.client.service(Streaming).echo({});
    for (const { pid, uid, gid } of [...peers, pair.client.peer]) assert.deepEqual([pid, uid, gid], [process.pid, geteuid(), getegid()]);
    assert.equal(peers.length, 1);
  });

  it("over TCP there are none: refused", async () => {
    const { options, warnings } = logging(requireSameUser(), { channel });
    await using server = new Server(options);
    const { address } = await server.listen("tcp://127.0.0.1:0");
    const client = await connect(address, { channel });
    assert.equal(await client.closed, undefined);
    assert.match(warnings[0] ?? "", /no credentials of tcp:\/\/127\.0\.0\.1:\d+: they need a unix socket and the native channel$/);
  });
});

describe("handshakes that need credentials, on the node channel", () => {
  it("listen says so at once", async () => {
    for (const handshake of [requireSameUser(), requireRoot(), requireUidGid(1, -1)]) {
      const path = freePath();
      const said = [Code.Unimplemented, `cannot listen on ${path}: the handshake needs peer credentials, which only the native channel has`];
      assert.deepEqual(await failure(new Server({ channel: "node", handshake }).listen(path)), said);
    }
  });
});

onEachChannel("a handshake of one's own", (channel) => {
  it("sees the peer; what it throws refuses the connection", async () => {
    const peers: Peer[] = [];
    for (const handshake of [
      () => {
        throw new Error("go away");
      },
      () => Promise.reject(new Error("go away")),
    ] as Handshake[]) {
      const { options, warnings } = logging((peer) => (peers.push(peer), handshake(peer)));
      await using pair = await startPair(channel, (server) => void register(server), options);
      assert.deepEqual(await failure(pair.client.service(Streaming).echo({})), CLOSED);
      assert.deepEqual(warnings, ["ttrpc: refusing connection after handshake: go away"]);
    }
    assert.deepEqual(
      peers.map(({ address }) => address.startsWith("unix:")),
      [true, true],
    );
  });

  it("that is slow does not hold up others; what its client sends meanwhile is not lost", async () => {
    const first = gate();
    let shakes = 0;
    const handshake: Handshake = () => (shakes++ === 0 ? first.promise : undefined);
    await using pair = await startPair(channel, (server) => void register(server), { handshake });
    const early = pair.client.service(Streaming).echo({ seq: 1 });
    await until(() => shakes === 1, "the first handshake");
    await using other = await connect(pair.address, { channel });
    assert.equal((await other.service(Streaming).echo({ seq: 2 })).seq, 3);
    assert.equal(pair.server.stats().connections, 1);
    first.open();
    assert.equal((await early).seq, 2);
    assert.equal(pair.server.stats().connections, 2);
  });

  it("that never ends is cut by handshakeTimeoutMs", async () => {
    const { options, warnings } = logging(() => new Promise(() => {}), { handshakeTimeoutMs: 30 });
    await using pair = await startPair(channel, (server) => void register(server), options);
    assert.deepEqual(await failure(pair.client.service(Streaming).echo({})), CLOSED);
    assert.deepEqual(warnings, ["ttrpc: refusing connection after handshake: no handshake within 30 ms"]);
  });

  it("that is running when the server closes: its connection is closed, its end changes nothing", async () => {
    for (const end of ["close", "shutdown"] as const) {
      const held = gate();
      await using pair = await startPair(channel, (server) => void register(server), { handshake: () => held.promise });
      await new Promise((resolve) => setTimeout(resolve, 10));
      await pair.server[end]();
      await pair.client.closed;
      held.open();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(pair.server.stats().connections, 0);
    }
  });

  it("whose client leaves meanwhile: nothing stays", async () => {
    const held = gate();
    let shakes = 0;
    await using server = new Server({ channel, handshake: () => (shakes++, held.promise) });
    const { address } = await server.listen(freePath());
    const raw = await RawPeer.connect(address);
    await until(() => shakes === 1, "the handshake");
    raw.close();
    await raw.ended;
    held.open();
    await until(() => server.stats().connections === 0, "the end of the connection");
  });
});

onEachChannel("maxConnections", (channel) => {
  it("closes those beyond it at once, and counts those that are shaking hands", async () => {
    const { options, warnings } = logging(() => {}, { channel, maxConnections: 2 });
    await using server = register(new Server(options));
    const { address } = await server.listen(freePath());
    const clients = [await connect(address, { channel }), await connect(address, { channel })];
    for (const client of clients) assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    const third = await connect(address, { channel });
    assert.equal(await third.closed, undefined);
    assert.deepEqual(warnings, ["ttrpc: refusing connection: too many: undefined"]);
    await clients[0]?.close();
    await until(() => server.stats().connections === 1, "room");
    const fourth = await connect(address, { channel });
    assert.equal((await fourth.service(Streaming).echo({ seq: 1 })).seq, 2);
    await clients[1]?.close();
    await fourth.close();
  });

  it("maxCallsPerConnection refuses calls beyond it", async () => {
    const held = gate();
    await using pair = await startPair(channel, (server) => server.service(Streaming, { echo: () => held.promise.then(() => ({ seq: 9 })) }), {
      maxCallsPerConnection: 2,
    });
    const { echo } = pair.client.service(Streaming);
    const calls = [echo({}), echo({})];
    assert.deepEqual(await failure(echo({})), [Code.ResourceExhausted, "2 calls are in flight on this connection, its limit"]);
    held.open();
    assert.deepEqual(
      (await Promise.all(calls)).map(({ seq }) => seq),
      [9, 9],
    );
    assert.equal((await echo({})).seq, 9);
  });
});
