// Addresses that lead somewhere, and those that do not: what is said about each.
import assert from "node:assert/strict";
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { Code, connect, Server, TtrpcError } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { FakeServer } from "../support/raw.js";
import { Streaming } from "../support/services.js";
import { runProgram } from "./children.js";
import { failure, rejection } from "./links.js";

const FORMS = 'use "unix:///path", "unix:@abstract", "/path", "tcp://host:port", "vsock://cid:port", "hvsock:///path:port" or "fd:3"';
const TCP_FORM = 'TCP addresses are "tcp://host:port", with port 0 to 65535';
const MODE_MASK = 0o777;
const NOBODY = 65_534;
const ABSTRACT_IN_NODE = 24;

const wrong: readonly (readonly [address: string, code: number, text: string])[] = [
  ["", Code.InvalidArgument, `address "": ${FORMS}`],
  ["run/x.sock", Code.InvalidArgument, `address "run/x.sock": ${FORMS}`],
  ["http://x", Code.InvalidArgument, `address "http://x": ${FORMS}`],
  ["unix://", Code.InvalidArgument, 'address "unix://": the path is empty'],
  ["unix:@", Code.InvalidArgument, 'address "unix:@": the path is empty'],
  ["tcp://localhost", Code.InvalidArgument, `address "tcp://localhost": ${TCP_FORM}`],
  ["tcp://::1:80", Code.InvalidArgument, `address "tcp://::1:80": ${TCP_FORM}`],
  ["tcp://x:65536", Code.InvalidArgument, `address "tcp://x:65536": ${TCP_FORM}`],
  ["fd:-1", Code.InvalidArgument, 'address "fd:-1": inherited descriptors are "fd:3"'],
  ["fd:x", Code.InvalidArgument, 'address "fd:x": inherited descriptors are "fd:3"'],
  ["hvsock:///run/vm.sock", Code.InvalidArgument, 'address "hvsock:///run/vm.sock": hvsock addresses are "hvsock:///path:port", with port 0 to 4294967295'],
];

const ipv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === "IPv6"));

onEachChannel("an address", (channel) => {
  const newServer = (): Server => register(new Server({ channel }));
  const works = async (address: string): Promise<void> => {
    await using client = await connect(address, { channel });
    assert.equal(client.channel, channel);
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
  };

  it("that is none: InvalidArgument, the same for connect and listen", async () => {
    for (const [address, code, text] of wrong) {
      assert.deepEqual(await failure(connect(address, { channel })), [code, text]);
      assert.deepEqual(await failure(newServer().listen(address)), [code, text]);
    }
    for (const address of [7, undefined, null, {}]) {
      const said = `an address must be a string, not ${typeof address}; ${FORMS}`;
      assert.deepEqual(await failure(connect(address as never, { channel })), [Code.InvalidArgument, said]);
      assert.deepEqual(await failure(newServer().listen(address as never)), [Code.InvalidArgument, said]);
    }
  });

  it("in all forms of a path", async () => {
    const path = freePath();
    for (const address of [`unix://${path}`, `unix:${path}`, path]) {
      await using server = newServer();
      const listener = await server.listen(address);
      assert.equal(listener.address, `unix://${path}`);
      await works(listener.address);
      await works(path);
    }
  });

  it("where nobody listens: NotFound without a file, Unavailable with one; the system's error is the cause", async () => {
    const path = freePath();
    const missing = await rejection(connect(path, { channel }));
    assert.ok(missing instanceof TtrpcError);
    assert.deepEqual([missing.code, missing.message], [Code.NotFound, `cannot connect to ${path}: ENOENT: no such file or directory`]);
    assert.equal((missing.cause as NodeJS.ErrnoException).code, "ENOENT");
    await leaveStaleSocket(path);
    assert.deepEqual(await failure(connect(path, { channel })), [Code.Unavailable, `cannot connect to ${path}: ECONNREFUSED: connection refused`]);
    writeFileSync(join(dirname(path), "plain"), "");
    assert.equal((await failure(connect(join(dirname(path), "plain"), { channel })))[0], Code.Unavailable);
  });

  it("of TCP where nobody listens: Unavailable", async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    assert.deepEqual(await failure(connect(address, { channel })), [Code.Unavailable, `cannot connect to ${address}: ECONNREFUSED: connection refused`]);
  });

  it("that another server answers on: AlreadyExists, and the other goes on", async () => {
    await using first = newServer();
    const { address } = await first.listen(freePath());
    await using second = newServer();
    assert.deepEqual(await failure(second.listen(address)), [Code.AlreadyExists, `cannot listen on ${address}: another server answers on it`]);
    await works(address);
    const { address: tcp } = await first.listen("tcp://127.0.0.1:0");
    assert.deepEqual(await failure(second.listen(tcp)), [Code.Unavailable, `cannot listen on ${tcp}: EADDRINUSE: address already in use`]);
  });

  it("whose socket a dead server left: it is replaced", async () => {
    const path = freePath();
    await leaveStaleSocket(path);
    await using server = newServer();
    await works((await server.listen(path)).address);
  });

  it("that is a plain file, a folder or a link to one: AlreadyExists, and it stays", async () => {
    const path = freePath();
    writeFileSync(path, "precious");
    const folder = freePath();
    mkdirSync(folder);
    const link = freePath();
    symlinkSync(path, link);
    for (const taken of [path, folder, link]) {
      assert.deepEqual(await failure(newServer().listen(taken)), [Code.AlreadyExists, `cannot listen on ${taken}: ${taken} is there and is not a socket`]);
      assert.ok(existsSync(taken));
    }
  });

  it("in a folder that is not there: NotFound", async () => {
    const path = join(freePath(), "x.sock");
    assert.deepEqual(await failure(newServer().listen(path)), [Code.NotFound, `cannot listen on ${path}: ENOENT: no such file or directory`]);
  });

  it("has the mode that was asked for, 0600 if none; files made afterwards are as before", async () => {
    const modeOfNew = (): number => {
      const path = freePath();
      writeFileSync(path, "");
      return statSync(path).mode & MODE_MASK;
    };
    const before = modeOfNew();
    await using server = newServer();
    for (const [options, mode] of [
      [{}, 0o600],
      [{ mode: 0o660 }, 0o660],
      [{ mode: 0o777 }, 0o777],
      [{ mode: 0o400 }, 0o400],
    ] as const) {
      const path = freePath();
      await server.listen(path, options);
      assert.equal(statSync(path).mode & MODE_MASK, mode);
    }
    assert.equal(modeOfNew(), before);
  });

  it("loses its socket's file when it is closed; not somebody else's", async () => {
    await using server = newServer();
    const path = freePath();
    const listener = await server.listen(path);
    await listener.close();
    assert.equal(existsSync(path), false);
    const again = await server.listen(path);
    rmSync(path);
    await using other = newServer();
    await other.listen(path);
    await again.close();
    assert.ok(existsSync(path));
    await works(path);
    const gone = await server.listen(freePath());
    rmSync(gone.address.slice("unix://".length));
    await gone.close();
  });

  it("of 107 bytes is the longest path", async () => {
    const folder = mkdtempSync(join(tmpdir(), "t-"));
    const path = join(folder, "x".repeat(107 - folder.length - 1));
    assert.equal(Buffer.byteLength(path), 107);
    try {
      await using server = newServer();
      await server.listen(path);
      await works(path);
      const longer = `${path}x`;
      const said = [Code.InvalidArgument, `address "${longer}": path of 108 bytes exceeds the 107 byte limit of unix sockets`];
      assert.deepEqual(await failure(connect(longer, { channel })), said);
      assert.deepEqual(await failure(server.listen(longer)), said);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("with an abstract name", async (t) => {
    if (process.platform !== "linux") return t.skip("abstract sockets are Linux's");
    const address = `unix:@ttrpc-test-${process.pid}-${channel}`;
    await using server = newServer();
    if (channel === "node" && Number.parseInt(process.versions.node) < ABSTRACT_IN_NODE) {
      const said = [
        Code.Unimplemented,
        `${address}: abstract sockets need the native channel or Node 24; this is Node ${process.versions.node} without the addon`,
      ];
      assert.deepEqual(await failure(connect(address, { channel })), said);
      assert.deepEqual(await failure(server.listen(address)), said);
      return;
    }
    const listener = await server.listen(address);
    assert.equal(listener.address, address);
    await works(address);
    assert.equal((await failure(newServer().listen(address)))[1], `cannot listen on ${address}: EADDRINUSE: address already in use`);
    const unused = `${address}-unused`;
    assert.deepEqual(await failure(connect(unused, { channel })), [Code.Unavailable, `cannot connect to ${unused}: ECONNREFUSED: connection refused`]);
  });

  it("of TCP: a port that the system chose, IPv6, a host's name", async (t) => {
    await using server = newServer();
    const { address } = await server.listen("tcp://127.0.0.1:0");
    assert.match(address, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    await works(address);
    const port = address.slice(address.lastIndexOf(":") + 1);
    await works(`tcp://:${port}`);
    const { address: named } = await server.listen("tcp://localhost:0");
    await works(`tcp://localhost:${named.slice(named.lastIndexOf(":") + 1)}`);
    assert.equal((await failure(connect("tcp://no-such-host.invalid:1", { channel })))[0], Code.Unavailable);
    if (!ipv6) return t.diagnostic("this machine has no IPv6: that part is left out");
    const { address: six } = await server.listen("tcp://[::1]:0");
    assert.match(six, /^tcp:\/\/\[::1\]:[1-9]\d*$/);
    await works(six);
  });

  it("that one may not use: PermissionDenied", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("only root can give up its rights: run as root to test this");
    const folder = mkdtempSync(join(tmpdir(), "ttrpc-open-"));
    chmodSync(folder, 0o755);
    try {
      await using server = newServer();
      const path = join(folder, "x.sock");
      await server.listen(path);
      const program = `
        import { connect, Server } from "ttrpc";
        const [path, channel] = process.argv.slice(1);
        process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});
        for (const attempt of [() => connect(path, { channel }), () => new Server({ channel }).listen(path + "2")]) {
          await attempt().then(() => console.log("worked"), ({ code, message }) => console.log(code, message));
        }`;
      const { out, errors } = await runProgram(program, [path, channel]);
      assert.equal(errors, "");
      assert.deepEqual(out.split("\n"), [
        `${Code.PermissionDenied} cannot connect to ${path}: EACCES: permission denied`,
        `${Code.PermissionDenied} cannot listen on ${path}2: EACCES: permission denied`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of a peer: what the client connected to, and what the server knows", async () => {
    await using server = new Server({ channel }).service(Streaming, { echo: (_, { peer }) => ({ msg: peer.address }) });
    const unix = await server.listen(freePath());
    const tcp = await server.listen("tcp://127.0.0.1:0");
    for (const [{ address }, pattern] of [
      [unix, /^unix:/],
      [tcp, /^tcp:\/\/127\.0\.0\.1:\d+$/],
    ] as const) {
      await using client = await connect(address, { channel });
      assert.equal(client.peer.address, address);
      assert.match((await client.service(Streaming).echo({})).msg, pattern);
    }
  });
});

describe("an address of vsock", () => {
  // Without the addon, so that whatever goes wrong here no vsock socket can be made: its peer would be this machine's own host.
  it("needs the native channel; and to connect, a cid and a port", async () => {
    const program = `
      import { connect, Server } from "ttrpc";
      for (const [address, channel] of JSON.parse(process.argv[1])) {
        const said = [];
        for (const attempt of [() => connect(address, { channel }), () => new Server({ channel }).listen(address)]) {
          await attempt().then(() => said.push("worked"), ({ code, message }) => said.push(code, message));
        }
        console.log(JSON.stringify(said));
      }`;
    const unloaded = "the addon cannot be loaded: TTRPC_NO_NATIVE is set";
    const attempts = [
      ["vsock://3:1024", "node", "vsock://3:1024: vsock needs the native channel: node:net cannot carry it"],
      ["vsock://3:1024", "auto", `vsock://3:1024: vsock needs the native channel: ${unloaded}`],
      ["vsock://3:1024", "native", `channel "native": ${unloaded}`],
    ] as const;
    const anys = ["vsock://-1:1024", "vsock://4294967295:1024", "vsock://3:4294967295"];
    const all = [...attempts, ...anys.map((address) => [address, "native", `channel "native": ${unloaded}`] as const)];
    const { out, errors } = await runProgram(program, [JSON.stringify(all)], { env: { ...process.env, TTRPC_NO_NATIVE: "1" } });
    assert.equal(errors, "");
    assert.deepEqual(
      out.split("\n").map((line) => JSON.parse(line) as unknown),
      all.map(([address, , text]) => {
        const listening = [Code.Unimplemented, text];
        const any = `cannot connect to ${address}: any cid and any port are for listening; cid 1 is this machine, 2 the host`;
        return anys.includes(address) ? [Code.InvalidArgument, any, ...listening] : [Code.Unimplemented, text, ...listening];
      }),
    );
  });
});

/** A port of TCP that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Leaves a socket file as a server does that was killed. */
async function leaveStaleSocket(path: string): Promise<void> {
  const fake = await FakeServer.listen(path);
  const keep = `${path}.kept`;
  linkSync(path, keep);
  await fake[Symbol.asyncDispose]();
  renameSync(keep, path);
  assert.ok(statSync(path).isSocket());
}
