// Opening and asking: paths, abstract names, TCP, modes, adopted descriptors, listeners, handles, leaks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, openSync, readdirSync, statSync, writeFileSync } from "node:fs";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { afterEach, before, describe, it } from "node:test";
import {
  ACCEPT,
  ACCEPT_ERROR,
  attach,
  BACKLOGGED,
  closeAll,
  CONNECTED,
  control,
  END,
  folder,
  logOf,
  native,
  opened,
  pair,
  pattern,
  put,
  rawPeer,
  Ref,
  socketPath,
  turn,
  until,
} from "./harness.js";

const errno = {
  EBADF: -9,
  EAGAIN: -11,
  ENOENT: -2,
  EINVAL: -22,
  ENOTSOCK: -88,
  EPROTOTYPE: -91,
  EADDRINUSE: -98,
  ECONNREFUSED: -111,
  ENAMETOOLONG: -36,
  EEXIST: -17,
};

it("opens nothing before attach()", () => {
  assert.throws(() => native.connectUnix("/nowhere"), /attach/);
  assert.equal(native.openCount(), 0);
  native.close(1);
  native.flush();
  attach();
  assert.throws(attach, /already/);
});

afterEach(closeAll);
before(async () => {
  process.umask(0o077);
});

function fds(): number {
  return readdirSync("/proc/self/fd").length;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 4; ++i) await turn();
}

async function accepted(listener: number, count = 1): Promise<number[]> {
  await until(() => logOf(listener).values(ACCEPT).length >= count);
  return logOf(listener).values(ACCEPT);
}

function listen(path: string, mode = 0o600, backlog = 16): number {
  const listener = opened(native.listenUnix(path, mode, backlog));
  native.start(listener);
  return listener;
}

describe("paths", () => {
  it("may have 107 bytes, not 108", async () => {
    const path = join(folder, "x".repeat(107 - folder.length - 1));
    const listener = listen(path);
    const client = opened(native.connectUnix(path));
    const [server] = await accepted(listener);
    assert.equal(native.peerAddress(client), `unix:${path}`);
    assert.equal(native.connectUnix(`${path}x`), errno.ENAMETOOLONG);
    assert.equal(native.listenUnix(`${path}x`, 0o600, 1), errno.ENAMETOOLONG);
    for (const handle of [listener, client, server ?? 0]) native.close(handle);
  });

  it("that cannot be, are refused", () => {
    assert.equal(native.connectUnix(""), errno.EINVAL);
    assert.equal(native.connectUnix("/a\0b"), errno.EINVAL);
    assert.equal(native.connectUnix(join(folder, "nothing")), errno.ENOENT);
    assert.throws(() => native.connectUnix(1 as unknown as string), TypeError);
  });

  it("of a dead socket refuse connections, and are left alone by listen", () => {
    const path = socketPath();
    native.close(opened(native.listenUnix(path, 0o600, 1)));
    assert.ok(existsSync(path));
    assert.equal(native.listenUnix(path, 0o600, 1), errno.EADDRINUSE);
    assert.ok(existsSync(path));
  });

  it("get exactly the mode asked for, whatever the umask", () => {
    for (const mode of [0o600, 0o660, 0o666, 0o700]) {
      const path = socketPath();
      const listener = opened(native.listenUnix(path, mode, 1));
      assert.equal(statSync(path).mode & 0o777, mode);
      native.close(listener);
    }
    const path = socketPath();
    native.close(opened(native.listenUnix(path, -1, 1)));
    assert.equal(statSync(path).mode & 0o777, 0o777 & ~0o077);
  });
});

describe("abstract names", () => {
  it("have exactly their length", async () => {
    const name = `\0ttrpc-test-${process.pid}`;
    const listener = listen(name);
    assert.equal(native.localAddress(listener), `unix:@${name.slice(1)}`);
    assert.equal(native.connectUnix(`${name}\0`), errno.ECONNREFUSED);
    assert.equal(native.connectUnix(name.slice(0, -1)), errno.ECONNREFUSED);
    const client = opened(native.connectUnix(name));
    const [server] = await accepted(listener);
    assert.equal(native.peerAddress(client), `unix:@${name.slice(1)}`);
    const longest = `\0${"y".repeat(107)}`;
    const other = listen(longest);
    assert.equal(native.localAddress(other), `unix:@${"y".repeat(107)}`);
    assert.equal(native.connectUnix(`${longest}y`), errno.ENAMETOOLONG);
    for (const handle of [listener, other, client, server ?? 0]) native.close(handle);
  });
});

describe("unix connections", () => {
  it("know their addresses and credentials", async () => {
    const path = socketPath();
    const listener = listen(path);
    const client = opened(native.connectUnix(path));
    const [server = 0] = await accepted(listener);
    const self = [process.pid, process.getuid?.(), process.getgid?.()];
    assert.deepEqual(native.peerCredentials(client), self);
    assert.deepEqual(native.peerCredentials(server), self);
    assert.equal(native.localAddress(server), `unix:${path}`);
    assert.equal(native.peerAddress(server), "unix:");
    assert.equal(native.localAddress(listener), `unix:${path}`);
    assert.equal(native.peerAddress(listener), "");
    assert.equal(native.peerCredentials(listener), undefined);
    for (const handle of [listener, client, server]) native.close(handle);
  });

  it("get EAGAIN when the backlog is full", async () => {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 0));
    const handles: number[] = [];
    let result = 1;
    for (let i = 0; i < 5 && result > 0; ++i) {
      result = native.connectUnix(path);
      if (result > 0) handles.push(result);
    }
    assert.equal(result, errno.EAGAIN);
    for (const handle of [listener, ...handles]) native.close(handle);
  });
});

describe("TCP", () => {
  for (const [ip, name] of [
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
  ] as const) {
    it(`connects over ${ip}`, async (context) => {
      const result = native.listenTcp(ip, 0, 16);
      if (ip === "::1" && result < 0) return context.skip("no IPv6 here");
      const listener = opened(result);
      native.start(listener);
      const address = native.localAddress(listener);
      assert.match(address, /^tcp:.*:[1-9][0-9]*$/);
      const port = Number(address.slice(address.lastIndexOf(":") + 1));
      assert.equal(address, `tcp:${name}:${port}`);
      const client = opened(native.connectTcp(ip, port));
      // Written before it is connected: queued, then sent.
      put(client, 1, 1, pattern(100, 1), new Ref(pattern(50_000, 2)));
      native.flush();
      native.start(client);
      const [server = 0] = await accepted(listener);
      native.start(server);
      await until(() => logOf(server).frames.length === 1);
      assert.deepEqual(logOf(client).values(CONNECTED), [0]);
      assert.ok(logOf(server).frames[0]?.payload.equals(Buffer.concat([pattern(100, 1), pattern(50_000, 2)])));
      assert.equal(native.peerAddress(client), address);
      assert.equal(native.localAddress(client), native.peerAddress(server));
      assert.equal(native.peerCredentials(server), undefined);
      native.shutdownWrite(server);
      await until(() => logOf(client).values(END).length === 1);
      assert.equal(control[BACKLOGGED], 0);
      for (const handle of [listener, client, server]) native.close(handle);
    });
  }

  it("reports a refused connection once, and drops what was queued", async () => {
    const probe = opened(native.listenTcp("127.0.0.1", 0, 1));
    const port = Number(native.localAddress(probe).split(":").at(-1));
    native.close(probe);
    await settled();
    const client = opened(native.connectTcp("127.0.0.1", port));
    put(client, 1, 1, pattern(10, 1));
    native.flush();
    native.start(client);
    await until(() => logOf(client).events.length > 0);
    await settled();
    assert.deepEqual(logOf(client).events, [{ kind: CONNECTED, value: errno.ECONNREFUSED }]);
    assert.equal(control[BACKLOGGED], 0);
    native.close(client);
  });

  it("shuts down behind what was queued while connecting", async () => {
    const listener = opened(native.listenTcp("127.0.0.1", 0, 16));
    native.start(listener);
    const port = Number(native.localAddress(listener).split(":").at(-1));
    const clients = [opened(native.connectTcp("127.0.0.1", port)), opened(native.connectTcp("127.0.0.1", port))];
    put(clients[0] ?? 0, 1, 1, pattern(10, 1));
    for (const client of clients) native.shutdownWrite(client);
    const servers = await accepted(listener, 2);
    for (const server of servers) native.start(server);
    await until(() => servers.every((server) => logOf(server).values(END).length === 1));
    assert.equal(
      servers.reduce((sum, server) => sum + logOf(server).frames.length, 0),
      1,
    );
    for (const handle of [listener, ...clients, ...servers]) native.close(handle);
  });

  it("takes literals and real ports only", () => {
    assert.equal(native.connectTcp("localhost", 1), errno.EINVAL);
    assert.equal(native.connectTcp("127.0.0.1", 65536), errno.EINVAL);
    assert.equal(native.listenTcp("", 1, 1), errno.EINVAL);
  });
});

/** The descriptor under a socket of Node, as a parent process would hand one down. */
function fdOf(socket: net.Socket | net.Server): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

function datagramFd(socket: dgram.Socket): number {
  const state = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === "state symbol");
  assert.ok(state !== undefined);
  return (socket as unknown as Record<symbol, { handle: { fd: number } }>)[state]?.handle.fd ?? -1;
}

describe("adopt", () => {
  it("refuses what is no connected stream socket, and leaves it open", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const fd = openSync(file, "r");
    assert.equal(native.adopt(fd), errno.ENOTSOCK);
    assert.equal(native.adoptListener(fd), errno.ENOTSOCK);
    assert.ok(existsSync(`/proc/self/fd/${fd}`));
    const datagrams = dgram.createSocket("udp4").bind(0, "127.0.0.1");
    await once(datagrams, "listening");
    assert.equal(native.adopt(datagramFd(datagrams)), errno.EPROTOTYPE);
    assert.equal(native.adoptListener(datagramFd(datagrams)), errno.EPROTOTYPE);
    datagrams.close();
    assert.equal(native.adopt(12345), errno.EBADF);
    assert.equal(native.adopt(-1), errno.EBADF);
    const path = socketPath();
    const server = net.createServer().listen(path);
    await until(() => server.listening);
    assert.equal(native.adopt(fdOf(server)), errno.EINVAL);
    const socket = net.connect(path);
    await until(() => !socket.connecting);
    assert.equal(native.adoptListener(fdOf(socket)), errno.EINVAL);
    await settled();
    // Node polls it already in this loop; taking it would close it under Node's feet.
    socket.resume();
    await settled();
    assert.equal(native.adopt(fdOf(socket)), errno.EEXIST);
    assert.ok(existsSync(`/proc/self/fd/${fdOf(socket)}`));
    socket.destroy();
    server.close();
  });

  it("takes over an inherited connection and an inherited listener", async () => {
    // A child gets both ends of what it needs as descriptors 3 and 4: see lifetime-program.ts, mode "adopt".
    const { runProgram } = await import("./programs.js");
    assert.deepEqual(await runProgram("adopt"), { code: 0, signal: null, output: "adopted 2 frames\n" });
  });
});

describe("listeners", () => {
  it("accept everyone who waits, and nobody while paused", async () => {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 200));
    const clients = Array.from({ length: 150 }, () => opened(native.connectUnix(path)));
    await settled();
    assert.deepEqual(logOf(listener).events, [], "not started");
    native.start(listener);
    const servers = await accepted(listener, 150);
    assert.equal(new Set(servers).size, 150);
    native.pause(listener);
    clients.push(opened(native.connectUnix(path)));
    await settled();
    assert.equal(logOf(listener).events.length, 150);
    native.resume(listener);
    await accepted(listener, 151);
    for (const handle of [listener, ...clients, ...logOf(listener).values(ACCEPT)]) native.close(handle);
  });

  it("may be closed in the middle of a batch", async () => {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 50));
    const clients = Array.from({ length: 20 }, () => opened(native.connectUnix(path)));
    logOf(listener).onEvent = () => {
      if (logOf(listener).events.length === 5) native.close(listener);
    };
    native.start(listener);
    await accepted(listener, 5);
    await settled();
    assert.equal(logOf(listener).events.length, 5);
    for (const handle of [...clients, ...logOf(listener).values(ACCEPT)]) native.close(handle);
  });

  it("stop themselves when there are no descriptors left, until resumed", async () => {
    const { runProgram } = await import("./programs.js");
    assert.deepEqual(await runProgram("emfile"), { code: 0, signal: null, output: `event ${ACCEPT_ERROR} -24\naccepted after resume\n` });
  });
});

describe("handles", () => {
  it("are dead after close, for every function", async () => {
    const a = await pair();
    const count = native.openCount();
    native.close(a.client);
    assert.equal(native.openCount(), count - 1);
    native.close(a.client);
    for (const f of [native.start, native.pause, native.resume, native.ref, native.unref, native.shutdownWrite]) f(a.client);
    assert.equal(native.queuedBytes(a.client), 0);
    assert.equal(native.localAddress(a.client), "");
    assert.equal(native.peerAddress(a.client), "");
    assert.equal(native.peerCredentials(a.client), undefined);
    native.setBusyPoll(a.client, 1);
    native.setMaxMessageBytes(a.client, 1);
    const again = await pair();
    assert.ok(again.client !== a.client && again.server !== a.client, "a slot comes back with another generation");
    put(a.client, 1, 1, pattern(1, 1));
    native.flush();
    native.start(again.server);
    native.start(again.client);
    await settled();
    assert.equal(logOf(again.server).frames.length + logOf(again.client).frames.length, 0);
    a.close();
    again.close();
  });

  it("leave no descriptor behind after 1000 times open and close", async () => {
    const path = socketPath();
    const listener = listen(path, 0o600, 100);
    await settled();
    const [before, open] = [fds(), native.openCount()];
    for (let round = 0; round < 20; ++round) {
      const clients = Array.from({ length: 50 }, () => opened(native.connectUnix(path)));
      const servers = (await accepted(listener, (round + 1) * 50)).slice(-50);
      for (const handle of [...clients, ...servers]) {
        native.start(handle);
        native.close(handle);
      }
      await settled();
    }
    assert.equal(fds(), before);
    assert.equal(native.openCount(), open);
    native.close(listener);
  });

  it("are close-on-exec", async () => {
    const inherited = (): string => execFileSync("ls", ["/proc/self/fd"], { encoding: "utf8" });
    const before = inherited();
    const listener = listen(socketPath());
    const peer = await rawPeer();
    assert.equal(inherited(), before);
    peer.close();
    native.close(listener);
  });

  it("of unreadable sockets fail to open", () => {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 1));
    if (process.getuid?.() !== 0) {
      chmodSync(path, 0);
      assert.equal(native.connectUnix(path), -13);
    }
    native.close(listener);
  });
});
