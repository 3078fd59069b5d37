// Greetings: a request and a line before the first frame, and not a byte beyond.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { afterEach, before, it } from "node:test";
import { attach, encode, GREETED, logOf, native, pair, socketPath, turn, until } from "./harness.js";

const EBADF = -9;
const ENOENT = -2;
const MAX_LINE_BYTES = 16;

const open: (() => void)[] = [];

/** A greeting that has been started, and its peer, which has accepted. */
async function greet(request = "hello\n"): Promise<{ handle: number; peer: net.Socket }> {
  const path = socketPath();
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(path);
  await once(server, "listening");
  const handle = native.greetUnix(path, request, MAX_LINE_BYTES);
  native.start(handle);
  const [peer] = (await once(server, "connection")) as [net.Socket];
  server.close();
  open.push(() => {
    native.close(handle);
    peer.destroy();
  });
  return { handle, peer };
}

/** What the peer has been asked. */
async function requestOf(peer: net.Socket): Promise<string> {
  peer.resume();
  return String((await once(peer, "data"))[0]);
}

const greeted = async (handle: number): Promise<number> => {
  await until(() => logOf(handle).events.length > 0);
  return logOf(handle).values(GREETED)[0] ?? Number.NaN;
};

before(attach);
afterEach(() => {
  for (const close of open.splice(0)) close();
});

it("sends its request, reads a line, and leaves what follows to the connection that it becomes", async () => {
  const { handle, peer } = await greet();
  assert.equal(await requestOf(peer), "hello\n");
  peer.write(Buffer.concat([Buffer.from("fine\n"), encode(1, 2, 0, Buffer.from("first"))]));
  assert.equal(await greeted(handle), 5);
  assert.equal(native.greetingLine(handle), "fine\n");
  const connection = native.carry(handle);
  assert.ok(connection > 0 && connection !== handle);
  assert.equal(native.openCount(), 1);
  native.start(connection);
  await until(() => logOf(connection).frames.length > 0);
  assert.equal(logOf(connection).frames[0]?.payload.toString(), "first");
  assert.equal(logOf(handle).events.length, 1);
  native.close(connection);
});

it("reads no more than it may, with or without a line's end", async () => {
  for (const [sent, read] of [
    ["x".repeat(15) + "\n", "x".repeat(15) + "\n"],
    ["x".repeat(40), "x".repeat(16)],
  ] as const) {
    const { handle, peer } = await greet();
    peer.write(sent);
    assert.equal(await greeted(handle), read.length);
    assert.equal(native.greetingLine(handle), read);
  }
});

it("is over with 0 when the peer hangs up within its line", async () => {
  const { handle, peer } = await greet();
  await requestOf(peer);
  peer.end("fin");
  assert.equal(await greeted(handle), 0);
  assert.equal(native.greetingLine(handle), "fin");
});

it("is over with 0 when the peer closes with the request unread, which resets the socket; what it has sent is read first", async () => {
  for (const [sent, outcome] of [
    ["", 0],
    ["fine\n", 5],
  ] as const) {
    const { handle, peer } = await greet();
    peer.write(sent);
    for (let turns = 0; turns < 10; turns++) await turn();
    peer.destroy();
    assert.equal(await greeted(handle), outcome);
  }
});

it("sends a request larger than the socket's buffer as the peer takes it", async () => {
  const request = "r".repeat(1 << 20);
  const { handle, peer } = await greet(request);
  let taken = 0;
  peer.on("data", (chunk: Buffer) => {
    taken += chunk.length;
    if (taken === request.length) peer.write("all\n");
  });
  peer.resume();
  assert.equal(await greeted(handle), 4);
});

it("cannot be connected where nobody is; a stale handle has no line and becomes nothing", async () => {
  assert.equal(native.greetUnix(socketPath(), "hello\n", MAX_LINE_BYTES), ENOENT);
  const { handle } = await greet();
  native.close(handle);
  assert.equal(native.greetingLine(handle), "");
  assert.equal(native.carry(handle), EBADF);
  const { client, close } = await pair();
  assert.equal(native.carry(client), EBADF);
  close();
  assert.equal(native.openCount(), 0);
});
