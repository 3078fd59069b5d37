// Connecting that takes too long, or is given up.
import assert from "node:assert/strict";
import { connect as netConnect, type Socket } from "node:net";
import { it } from "node:test";
import { Code, connect, TtrpcError } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { type Child, startProgram } from "./children.js";
import { failure, rejection } from "./links.js";

/** A listener that accepts nobody, with a backlog that is full. */
interface Stuck extends AsyncDisposable {
  readonly path: string;
  /** Lets it accept. */
  wake(): void;
}

const LISTEN = `
  import { createServer } from "node:net";
  createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log("ready"));`;

async function stuck(): Promise<Stuck> {
  const path = freePath();
  const child: Child = startProgram(LISTEN, [path]);
  await child.line("ready");
  child.process.kill("SIGSTOP");
  const sockets: Socket[] = [];
  const connects = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = netConnect(path);
      sockets.push(socket);
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  while (await connects());
  return {
    path,
    wake: () => void child.process.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.process.kill("SIGKILL");
      await child.outcome;
    },
  };
}

onEachChannel("connecting", (channel) => {
  it("to a listener whose backlog is full: connectTimeoutMs gives it up", async () => {
    await using listener = await stuck();
    const address = `unix://${listener.path}`;
    assert.deepEqual(await failure(connect(address, { channel, connectTimeoutMs: 60 })), [
      Code.DeadlineExceeded,
      `cannot connect to ${address}: no answer within 60 ms`,
    ]);
  });

  it("waits until the listener accepts again", async () => {
    await using listener = await stuck();
    const connecting = connect(listener.path, { channel });
    setTimeout(() => listener.wake(), 20);
    const client = await connecting;
    assert.equal(client.channel, channel);
    await client.close();
  });

  it("given up by its signal: Canceled, because of the reason", async () => {
    await using listener = await stuck();
    const controller = new AbortController();
    const reason = new Error("not needed");
    const connecting = rejection(connect(listener.path, { channel, signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 20);
    const error = await connecting;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message, error.cause], [Code.Canceled, "context canceled", reason]);
  });
});
