// Clients and servers in several threads at once; threads that are terminated in the middle of calls.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Worker } from "node:worker_threads";
import { Code, connect, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, until } from "./links.js";
import type { Task } from "./worker-peer.js";

/** Starts a worker; `said` resolves when it says `word`, and rejects if it fails or ends before. */
function start(task: Task): { readonly worker: Worker; said(word: string): Promise<void>; readonly exited: Promise<number> } {
  const worker = new Worker(new URL("./worker-peer.js", import.meta.url), { workerData: task });
  const exited = new Promise<number>((resolve) => worker.once("exit", resolve));
  const words: string[] = [];
  let problem: Error | undefined;
  worker.on("message", (word: string) => words.push(word));
  worker.on("error", (error: Error) => (problem = error));
  return {
    worker,
    exited,
    async said(word) {
      await until(() => words.includes(word) || problem !== undefined, `"${word}" from a worker`);
      if (problem !== undefined) throw problem;
    },
  };
}

onEachChannel("worker threads", (channel) => {
  it("four clients in threads, and one in the main thread, of a server in the main thread", async () => {
    await using server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    const workers = Array.from({ length: 4 }, () => start({ role: "calls", channel, address }));
    await using client = await connect(address, { channel });
    for (let seq = 0; seq < 100; seq++) assert.equal((await client.service(Streaming).echo({ seq })).seq, seq + 1);
    for (const { said } of workers) await said("done");
    assert.deepEqual(await Promise.all(workers.map(({ exited }) => exited)), [0, 0, 0, 0]);
    await until(() => server.stats().connections === 1, "the end of their connections");
    assert.equal(server.stats().callsFailed, 0);
  });

  it("a client and a server in each of four threads", async () => {
    const workers = Array.from({ length: 4 }, () => start({ role: "both", channel, address: freePath() }));
    for (const { said } of workers) await said("done");
    assert.deepEqual(await Promise.all(workers.map(({ exited }) => exited)), [0, 0, 0, 0]);
  });

  it("a server in a thread, clients in others", async () => {
    const address = freePath();
    const server = start({ role: "server", channel, address });
    await server.said("listening");
    const workers = Array.from({ length: 2 }, () => start({ role: "calls", channel, address }));
    for (const { said } of workers) await said("done");
    server.worker.postMessage("stop");
    assert.equal(await server.exited, 0);
  });

  it("a client's thread terminated in the middle of calls: the server goes on", async () => {
    await using server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    await using client = await connect(address, { channel });
    for (let round = 0; round < 3; round++) {
      const { worker, said } = start({ role: "for ever", channel, address });
      await said("busy");
      await worker.terminate();
      await until(() => server.stats().connections === 1, "the end of its connection");
      assert.equal((await client.service(Streaming).echo({ seq: round })).seq, round + 1);
    }
  });

  it("a server's thread terminated in the middle of calls: they end as closed", async () => {
    const address = freePath();
    const { worker, said } = start({ role: "server", channel, address });
    await said("listening");
    const client = await connect(address, { channel });
    const chat = client.service(Peer).echo2();
    await chat.send({ seq: 1 });
    assert.equal((await chat.recv())?.seq, 2);
    const waiting = failure(chat.recv());
    await worker.terminate();
    assert.deepEqual(await waiting, [Code.Unavailable, "ttrpc: closed"]);
    await client.closed;
    assert.deepEqual(await failure(client.service(Streaming).echo({})), [Code.Unavailable, "ttrpc: closed"]);
  });
});
