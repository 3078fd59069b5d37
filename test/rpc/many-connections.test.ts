// Many connections to one server: each works, and afterwards nothing is left of them.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { it } from "node:test";
import { type Client, connect, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { until } from "./links.js";

const CONNECTIONS = 500;
const DESCRIPTORS = "/proc/self/fd";

/** Open sockets of this process. */
function openSockets(): number {
  let count = 0;
  for (const name of readdirSync(DESCRIPTORS)) {
    try {
      if (readlinkSync(`${DESCRIPTORS}/${name}`).startsWith("socket:")) count++;
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return count;
}

onEachChannel("500 connections", (channel) => {
  it("each with calls and a stream; descriptors and counts return", async (t) => {
    if (process.platform !== "linux") return t.skip("descriptors are counted in /proc");
    const before = openSockets();
    const server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(address, { channel })));
    const use = async (client: Client, seq: number): Promise<void> => {
      assert.equal((await client.service(Streaming).echo({ seq })).seq, seq + 1);
      const chat = client.service(Peer).echo2();
      await chat.send({ seq });
      assert.equal((await chat.recv())?.seq, seq + 1);
      await chat.closeSend();
      assert.equal(await chat.recv(), undefined);
    };
    await Promise.all(clients.map(use));
    assert.equal(server.stats().connections, CONNECTIONS);
    assert.ok(openSockets() >= before + 2 * CONNECTIONS);
    const { callsStarted, callsFailed, active } = server.stats();
    assert.deepEqual([callsStarted, callsFailed, active], [2 * CONNECTIONS, 0, 0]);
    // Half of them leave by themselves, the others are left.
    await Promise.all(clients.slice(0, CONNECTIONS / 2).map((client) => client.close()));
    await until(() => server.stats().connections === CONNECTIONS / 2, "half the connections");
    await server.close();
    await Promise.all(clients.map(({ closed }) => closed));
    await until(() => openSockets() <= before, "the end of all sockets");
    assert.equal(server.stats().callsStarted, 2 * CONNECTIONS);
  });

  it("made and closed one after another leave nothing", async (t) => {
    if (process.platform !== "linux") return t.skip("descriptors are counted in /proc");
    await using server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    const before = openSockets();
    for (let seq = 0; seq < CONNECTIONS; seq++) {
      const client = await connect(address, { channel });
      assert.equal((await client.service(Streaming).echo({ seq })).seq, seq + 1);
      await client.close();
    }
    await until(() => server.stats().connections === 0 && openSockets() <= before, "the end of all connections");
  });
});
