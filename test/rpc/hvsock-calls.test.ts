// hvsock: every kind of call through a monitor that pipes to a real server.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, Code, connect, Server, TtrpcError } from "ttrpc";
import { freePath, onEachChannel, type SocketChannel } from "../support/channels.js";
import { type GoServer, skipGo, startGoServer } from "../support/go.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { collect, rejection } from "./links.js";
import { startVmm, type Vmm } from "./vmm.js";

const MAX = 4 << 20;
const OK = "OK 1073741824\n";

onEachChannel("hvsock, our server in the guest", (channel) => {
  let server: Server;
  callsThrough(channel, async () => {
    server = register(new Server({ channel }));
    const { address } = await server.listen(`unix://${freePath()}`);
    return { address, stop: () => server.close() };
  });
});

onEachChannel("hvsock, Go's server in the guest", (channel) => {
  describe("calls", { skip: skipGo() }, () => callsThrough(channel, (): Promise<GoServer> => startGoServer(`unix://${freePath()}`)));
});

interface Guest {
  readonly address: string;
  stop(): Promise<void>;
}

function callsThrough(channel: SocketChannel, start: () => Promise<Guest>): void {
  let guest: Guest;
  let vmm: Vmm;
  let client: Client;
  before(async () => {
    guest = await start();
    vmm = await startVmm(async ({ write, pipe }) => {
      await write(OK);
      pipe(guest.address);
    });
    client = await connect(vmm.address, { channel });
    assert.equal(client.channel, channel);
  });
  after(async () => {
    await client.close();
    await vmm[Symbol.asyncDispose]();
    await guest.stop();
  });

  it("unary, 1,000 of them, 64 in flight", async () => {
    const { echo } = client.service(Streaming);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 1_000) {
        const seq = next++;
        assert.equal((await echo({ seq, msg: `m${seq}` })).seq, seq + 1);
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
  });

  it("client stream, server stream, both ways", async () => {
    const { sumStream, divideStream, echoStream } = client.service(Streaming);
    const { sum, num } = await sumStream(Array.from({ length: 100 }, (_, i) => ({ add: i + 1 })));
    assert.deepEqual([sum, num], [5050, 100]);
    const parts = (await collect(divideStream({ sum: 10, num: 3 }))).map(({ add }) => add);
    assert.deepEqual([parts.length, parts.reduce((total, add) => total + add, 0)], [3, 10]);
    const seqs = (await collect(echoStream(Array.from({ length: 50 }, (_, seq) => ({ seq }))))).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  it("an error and its details", async () => {
    const error = await rejection(client.service(Peer).fail({ seq: Code.NotFound, msg: "nothing here" }));
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message, error.details.length], [Code.NotFound, "nothing here", 1]);
  });

  it("a message of 4 MiB, there and back", async () => {
    // Envelope: service 2+39, method 2+4, payload 5; payload: seq 2, text 5.
    const text = "x".repeat(MAX - (2 + Streaming.typeName.length + 2 + 4 + 5 + 2 + 5));
    assert.equal((await client.service(Streaming).echo({ seq: 1, msg: text })).msg, text);
  });
}
