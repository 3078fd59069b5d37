// A message whose getter does what it should not while it is encoded: other calls must not notice.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, TtrpcError } from "ttrpc";
import { onEachChannel, startPair } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { type EchoPayload, Streaming } from "../support/services.js";

/** A message that runs `action` when its text is read. */
function mined(action: () => void): EchoPayload {
  return Object.defineProperty({ seq: 1 } as EchoPayload, "msg", {
    enumerable: true,
    get() {
      action();
      return "text";
    },
  });
}

onEachChannel("a getter of a message", (channel) => {
  it("that makes a call: that call fails, this one goes on", async () => {
    await using pair = await startPair(channel, register);
    const { echo } = pair.client.service(Streaming);
    let inner: Promise<unknown> = Promise.resolve();
    const outer = echo(
      mined(() => {
        inner = echo({ seq: 5 }).catch((error: unknown) => error);
      }),
    );
    assert.equal((await outer).msg, "text");
    assert.match(String(await inner), /a message is being encoded/);
    assert.equal((await echo({ seq: 6 })).seq, 7);
  });

  it("that closes its client, while calls of others wait to be sent: it fails, they do not", async () => {
    await using pair = await startPair(channel, register);
    await using other = await startPair(channel, register);
    const waiting = other.client.service(Streaming).echo({ seq: 1 });
    const failed: unknown = await pair.client
      .service(Streaming)
      .echo(mined(() => void pair.client.close()))
      .catch((error: unknown) => error);
    assert.ok(failed instanceof TtrpcError);
    assert.deepEqual([failed.code, failed.message], [Code.Unavailable, "ttrpc: closed"]);
    assert.equal((await waiting).seq, 2);
    assert.equal((await other.client.service(Streaming).echo({ seq: 3 })).seq, 4);
  });
});
