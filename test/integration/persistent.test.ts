// A persistent client of Go's server, which is killed and started again on the same socket.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ClosedError, type TtrpcError } from "ttrpc";
import { persistent } from "ttrpc/persistent";
import { freePath, onEachChannel } from "../support/channels.js";
import { type GoServer, skipGo, startGoServer } from "../support/go.js";
import { Peer, Streaming } from "../support/services.js";
import { collect, rejection, until } from "../rpc/links.js";

onEachChannel("a persistent client, Go's server", (channel) => {
  it("is killed with calls in flight, idle, and while calls wait; the stubs stay good", { skip: skipGo() }, async () => {
    const address = `unix://${freePath()}`;
    await using client = persistent(address, { channel, waitForReady: true, backoff: { initialMs: 10, maxMs: 50 } });
    const peer = client.service(Peer);
    const streaming = client.service(Streaming);
    let go: GoServer = await startGoServer(address);
    for (let round = 1; round <= 3; round++) {
      assert.equal((await streaming.echo({ seq: round })).seq, round + 1);
      assert.equal((await collect(peer.count({ seq: 5 }))).length, 5);
      const inFlight = rejection(peer.sleep({ seq: 60_000 }));
      const stream = streaming.echoStream();
      await stream.send({ seq: 1 });
      assert.equal((await stream.recv())?.seq, 2);
      const reading = rejection(stream.recv());
      await go.stop("SIGKILL");
      for (const error of await Promise.all([inFlight, reading])) assert.ok(error instanceof ClosedError && !error.unsent, String(error));
      await until(() => client.state === "idle", "the end of the connection");
      // Nobody listens on the file that the dead one left; these wait for the next.
      const waiting = [streaming.echo({ seq: 10 }), peer.collect([{ msg: "ab" }])] as const;
      const late = (await rejection(streaming.echo({}, { timeoutMs: 80 }))) as TtrpcError;
      assert.match(String(late.cause), /ECONNREFUSED/);
      go = await startGoServer(address);
      assert.deepEqual([(await waiting[0]).seq, (await waiting[1]).msg], [11, "2"]);
      assert.equal(client.stats().connections, round + 1);
    }
    await go.stop();
  });
});
