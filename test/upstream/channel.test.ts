// Mirrors channel_test.go: frames through a channel, below connections; and the one that is too large to send.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, OversizedMessageError } from "ttrpc";
import type { Channel, ChannelReceiver } from "#lib/channel/channel.js";
import { dial } from "#lib/channel/dial.js";
import { listen } from "#lib/channel/listen.js";
import { MemoryDuplex } from "#lib/channel/memory.js";
import { NodeChannel } from "#lib/channel/node.js";
import { clientConfig } from "#lib/config.js";
import { IN_ROW_WORDS } from "#lib/wire/frame.js";
import { gate, type Link, onEachLink, rawServer, rejection, until } from "../rpc/links.js";
import { freePath } from "../support/channels.js";
import { echo, frame, replyHex, REQUEST, request } from "../support/raw.js";
import { Streaming } from "../support/services.js";

const MAX_MESSAGE_BYTES = 4 << 20;

interface Pipe {
  readonly near: Channel;
  readonly far: Channel;
  readonly close: () => void;
}

/** Go: net.Pipe, with a channel on each end. */
async function pipe(link: Link): Promise<Pipe> {
  if (link === "memory") {
    const [near, far] = MemoryDuplex.pair();
    const over = (end: MemoryDuplex): Channel => new NodeChannel(end, { address: "stream:" }, 0);
    return { near: over(near), far: over(far), close: () => {} };
  }
  const accepted = gate<Channel>();
  const options = { channel: link, busyPollMicros: "auto", mode: 0o600, onError: accepted.fail, onChoice: () => {} } as const;
  const listening = await listen(`unix://${freePath()}`, { ...options, onChannel: accepted.open });
  const near = await dial(listening.address, clientConfig({ channel: link }));
  return { near, far: await accepted.promise, close: () => listening.close() };
}

onEachLink("channel_test.go", (link) => {
  it("TestReadWriteMessage", async () => {
    const messages = ["hello", "this is a test", "of message framing"];
    const { near, far, close } = await pipe(link);
    try {
      const received: unknown[] = [];
      const ended = gate<Error | undefined>();
      const receiver: ChannelReceiver = {
        onFrames(slab, table, count) {
          for (let at = 0; at < count * IN_ROW_WORDS; at += IN_ROW_WORDS) {
            const [streamId, kind, offset, length] = table.subarray(at, at + IN_ROW_WORDS) as unknown as [number, number, number, number];
            received.push([streamId, kind, slab.toString("latin1", offset, offset + length)]);
          }
        },
        onDrain: () => {},
        // The sender is gone altogether: the end, not this, is what must come.
        onHalfClose: () => received.push("half-close"),
        onEnd: ended.open,
      };
      far.open(receiver, MAX_MESSAGE_BYTES);
      for (const [streamId, message] of messages.entries()) {
        near.outbox.begin().raw(Buffer.from(message));
        assert.equal(near.outbox.end(near.handle, streamId, REQUEST, 0), message.length);
      }
      near.outbox.flush();
      await until(() => near.queuedBytes === 0, "the write");
      near.close();
      assert.equal(await ended.promise, undefined, "io.EOF, not an error");
      assert.deepEqual(
        received,
        messages.map((message, streamId) => [streamId, REQUEST, message]),
      );
    } finally {
      near.close();
      far.close();
      close();
    }
  });

  // Connections, not channels, know the limit here: upstream's 13.5 MiB through a call.
  it("TestMessageOversize", async () => {
    await using fake = await rawServer(link);
    const service = fake.client.service(Streaming);
    const text = "a message of massive length".repeat(512 << 10);
    const error = await rejection(service.echo({ msg: text }));
    assert.ok(error instanceof OversizedMessageError, String(error));
    assert.equal(error.code, Code.ResourceExhausted);
    assert.equal(error.maximumBytes, MAX_MESSAGE_BYTES);
    assert.ok(error.rejectedBytes > text.length && error.rejectedBytes < text.length + 100, String(error.rejectedBytes));

    // Not a byte of it was written, and its stream id is free.
    const next = service.echo({ seq: 7 });
    const wanted = frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(7) }));
    assert.equal((await fake.raw.nextHex()).replaceAll(" ", ""), wanted.toString("hex"));
    await fake.raw.send(replyHex(1, echo(8)));
    assert.equal((await next).seq, 8);
    assert.deepEqual(fake.raw.unread, []);
  });
});
