// Mirrors server_linux_test.go: who the peer is (SO_PEERCRED), and no socket left behind (/proc/self/fd).
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { Code, type Peer, requireSameUser, type Server } from "ttrpc";
import { failure, type Link, onEachLink, until } from "../rpc/links.js";
import { onEachChannel } from "../support/channels.js";
import { test } from "../support/implementations.js";
import { Test } from "../support/services.js";
import { serve } from "./support.js";

const notLinux = process.platform === "linux" ? false : "upstream has these tests for Linux only: SO_PEERCRED, /proc";

const register = (server: Server): unknown => server.service(Test, test);

const handshakes: Readonly<Record<Link, () => Promise<void>>> = {
  async native() {
    const peers: Peer[] = [];
    const handshake = requireSameUser();
    const options = { handshake: (peer: Peer) => (peers.push(peer), handshake(peer)) };
    for (const wrapped of [{ handshake }, options]) {
      await using serving = await serve("native", register, wrapped);
      const tests = (await serving.connect()).service(Test);
      assert.equal((await tests.test({ foo: "me" })).foo, "meme");
    }
    const { pid, geteuid, getegid } = process;
    assert.deepEqual(
      peers.map((peer) => [peer.pid, peer.uid, peer.gid]),
      [[pid, geteuid?.(), getegid?.()]],
    );
  },

  // Node cannot ask for credentials: a handshake that could only refuse everybody is refused itself.
  async node() {
    const [code, text] = await failure(serve("node", register, { handshake: requireSameUser() }));
    assert.equal(code, Code.Unimplemented);
    assert.match(text, /^cannot listen on unix:\/\/.*\.sock: the handshake needs peer credentials, which only the native channel has$/);
  },

  async memory() {
    const warnings: unknown[] = [];
    const silent = (): void => {};
    const logger = { debug: silent, info: silent, error: silent, warn: (fields: object) => warnings.push((fields as { err: Error }).err.message) };
    await using serving = await serve("memory", register, { handshake: requireSameUser(), logger });
    const client = await serving.connect();
    assert.deepEqual(await failure(client.service(Test).test({})), [Code.Unavailable, "ttrpc: closed"]);
    assert.equal(client.stats().bytesReceived, 0);
    assert.deepEqual(warnings, ["ttrpc: require unix socket: no credentials of stream:: they need a unix socket and the native channel"]);
  },
};

/** The sockets of this process, by inode. Go: socketCount. */
function sockets(): Set<string> {
  const all = new Set<string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (target.startsWith("socket:")) all.add(target);
    } catch (error) {
      // The descriptor that listed the folder is among them, and gone.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return all;
}

describe("server_linux_test.go", { skip: notLinux }, () => {
  onEachLink("credentials", (link) => {
    it("TestUnixSocketHandshake", () => handshakes[link]());
  });

  onEachChannel("sockets", (channel) => {
    it("TestServerEOF", async () => {
      await using serving = await serve(channel, register);
      const before = sockets();
      const client = await serving.connect();
      await client.service(Test).test({});
      // Upstream counts; inodes tell these two sockets from those that other tests leave to the garbage collector.
      const ends = [...sockets()].filter((socket) => !before.has(socket));
      assert.equal(ends.length, 2, `the client's and the server's: ${ends.join()}`);
      await client.close();
      await until(() => {
        const now = sockets();
        return ends.every((socket) => !now.has(socket));
      }, "both ends closed");
      assert.equal((await (await serving.connect()).service(Test).test({ foo: "x" })).foo, "xx", "the listener is still there");
    });
  });
});
