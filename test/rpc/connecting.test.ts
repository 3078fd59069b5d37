// Connecting that takes too long, or is given up.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, connect, TtrpcError } from "ttrpc";
import { onEachChannel } from "../support/channels.js";
import { failure, rejection } from "./links.js";
import { stuck } from "./stuck.js";

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
