// A worker thread of workers.test.ts: serves, calls, or both, until it is told to stop or is terminated.
import { parentPort, workerData } from "node:worker_threads";
import { type Client, connect, Server } from "ttrpc";
import type { SocketChannel } from "../support/channels.js";
import { Peer, Streaming } from "../support/services.js";

export interface Task {
  readonly role: "server" | "calls" | "for ever" | "both";
  readonly channel: SocketChannel;
  readonly address: string;
}

const { role, channel, address } = workerData as Task;
const CALLS = 300;
const IN_FLIGHT = 16;

function newServer(): Server {
  return new Server({ channel }).service(Streaming, { echo: async ({ seq, msg }) => ({ seq: seq + 1, msg }) }).service(Peer, {
    async *echo2(requests) {
      for await (const { seq } of requests) yield { seq: seq + 1 };
    },
  });
}

async function callMany(client: Client, forEver: boolean): Promise<void> {
  const { echo } = client.service(Streaming);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (forEver || next < CALLS) {
      const seq = next++;
      const msg = "w".repeat(seq % 300);
      const reply = await echo({ seq, msg });
      if (reply.seq !== seq + 1 || reply.msg !== msg) throw new Error(`${reply.seq} came for ${seq}`);
      if (seq === CALLS) parentPort?.postMessage("busy");
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  const chat = client.service(Peer).echo2();
  for (let seq = 0; seq < CALLS; seq++) {
    await chat.send({ seq });
    if ((await chat.recv())?.seq !== seq + 1) throw new Error("a stream lost its order");
  }
  await chat.closeSend();
  if ((await chat.recv()) !== undefined) throw new Error("a stream did not end");
}

async function serve(): Promise<void> {
  const server = newServer();
  await server.listen(address);
  parentPort?.postMessage("listening");
  parentPort?.once("message", () => void server.close().then(() => parentPort?.unref()));
}

async function run(): Promise<void> {
  if (role === "server") return serve();
  if (role === "both") {
    await using server = newServer();
    await server.listen(address);
    const client = await connect(address, { channel });
    await callMany(client, false);
    await client.close();
  } else {
    const client = await connect(address, { channel });
    await callMany(client, role === "for ever");
    await client.close();
  }
  parentPort?.postMessage("done");
}

await run();
