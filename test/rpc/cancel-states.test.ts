// A call given up in every state that it can be in, by cancel() and by its signal: what the peer gets, and what the caller.
import assert from "node:assert/strict";
import { it } from "node:test";
import { type BidiStream, type In, type Out, TtrpcError } from "ttrpc";
import { DATA, dataHex, echo, frame, hexOf, type RawPeer, reply, REQUEST, request, RESPONSE, status } from "../support/raw.js";
import { type EchoPayload, Peer, Streaming } from "../support/services.js";
import { onEachLink, rawServer, until } from "./links.js";

type Handle = BidiStream<In<typeof EchoPayload>, Out<typeof EchoPayload>>;

interface State {
  readonly name: string;
  /** Brings a stream there whose Request has gone out; what comes from the peer is the number of frames in `comes`. */
  readonly reach?: (stream: Handle, raw: RawPeer) => Promise<void>;
  readonly comes?: readonly Buffer[];
  /** What the peer gets when the stream is given up. */
  readonly sent: readonly string[];
  /** What each read gives then. */
  readonly afterCancel: readonly string[];
  readonly afterSignal: readonly string[];
}

const END = dataHex(1, 5);
const CANCELED = "code 1 context canceled because enough";

const states: readonly State[] = [
  { name: "open", sent: [END], afterCancel: [CANCELED, CANCELED], afterSignal: [CANCELED, CANCELED] },
  {
    name: "open, a message sent",
    reach: async (stream, raw) => {
      await stream.send({ seq: 1 });
      assert.equal(await raw.nextHex(), dataHex(1, 0, echo(1)));
    },
    sent: [END],
    afterCancel: [CANCELED],
    afterSignal: [CANCELED],
  },
  { name: "open, a message unread", comes: [frame(1, DATA, 0, echo(7))], sent: [END], afterCancel: [CANCELED], afterSignal: ["message 7", CANCELED] },
  {
    name: "closed for sending",
    reach: async (stream, raw) => {
      await stream.closeSend();
      assert.equal(await raw.nextHex(), END);
    },
    sent: [],
    afterCancel: [CANCELED],
    afterSignal: [CANCELED],
  },
  { name: "ended by the peer", comes: [frame(1, DATA, 5)], sent: [], afterCancel: ["end", "end"], afterSignal: ["end", "end"] },
  {
    name: "ended by the peer, a message unread",
    comes: [frame(1, DATA, 0, echo(7)), frame(1, DATA, 5)],
    sent: [],
    afterCancel: ["end"],
    afterSignal: ["message 7", "end"],
  },
  { name: "answered", comes: [frame(1, RESPONSE, 0, reply(echo(8)))], sent: [], afterCancel: ["end"], afterSignal: ["message 8", "end"] },
  { name: "failed", comes: [frame(1, RESPONSE, 0, status(9, "not now"))], sent: [], afterCancel: ["code 9 not now"], afterSignal: ["code 9 not now"] },
];

async function outcome(read: Promise<{ readonly seq: number } | undefined>): Promise<string> {
  try {
    const message = await read;
    return message === undefined ? "end" : `message ${message.seq}`;
  } catch (error) {
    assert.ok(error instanceof TtrpcError, String(error));
    return `code ${error.code} ${error.message}${error.cause instanceof Error ? ` because ${error.cause.message}` : ""}`;
  }
}

const nextCall = hexOf({ streamId: 3, type: REQUEST, flags: 0, payload: request(Streaming.typeName, "Echo", { payload: echo(1) }) });

for (const how of ["cancel()", "its signal"] as const) {
  onEachLink(`a stream given up by ${how}`, (link) => {
    for (const { name, reach, comes = [], sent, afterCancel, afterSignal } of states) {
      it(name, async () => {
        await using server = await rawServer(link);
        const { client, raw } = server;
        const controller = new AbortController();
        const stream = client.service(Peer).echo2({ signal: controller.signal });
        await raw.next();
        await reach?.(stream, raw);
        await raw.send(...comes);
        await until(() => client.stats().framesReceived === comes.length, "what comes");

        if (how === "cancel()") stream.cancel(new Error("enough"));
        else controller.abort(new Error("enough"));

        const next = client.service(Streaming).echo({ seq: 1 });
        assert.deepEqual(await raw.take(sent.length + 1), [...sent, nextCall]);
        await raw.send(frame(1, DATA, 0, echo(9)), frame(1, RESPONSE, 0, status(5, "late")), frame(3, RESPONSE, 0, reply(echo(2))));
        assert.equal((await next).seq, 2);
        for (const wanted of how === "cancel()" ? afterCancel : afterSignal) assert.equal(await outcome(stream.recv()), wanted);
        assert.deepEqual([client.stats().active, raw.unread], [0, []]);
      });
    }

    it("not opened yet: nothing is ever sent", async () => {
      await using server = await rawServer(link);
      const controller = new AbortController();
      const stream = server.client.newStream(Peer.typeName, Peer.methods.count, { signal: controller.signal });
      if (how === "cancel()") stream.cancel(new Error("enough"));
      else controller.abort(new Error("enough"));
      assert.equal(await outcome(stream.send({ seq: 1 }).then(() => undefined)), CANCELED);
      assert.equal(await outcome(stream.recv()), CANCELED);
      assert.deepEqual([server.client.stats().framesSent, server.client.stats().active], [0, 0]);
    });

    it("waiting for a peer that does not read: nothing of it is sent", async () => {
      await using server = await rawServer(link);
      const { client, raw } = server;
      raw.stopReading();
      void client
        .service(Peer)
        .fail({ msg: "x".repeat(3 << 20) })
        .catch(() => {});
      const controller = new AbortController();
      const stream = client.service(Peer).echo2({ signal: controller.signal });
      const sending = outcome(stream.send({ seq: 1 }).then(() => undefined));
      const closing = stream.closeSend().catch(() => {});
      if (how === "cancel()") stream.cancel(new Error("enough"));
      else controller.abort(new Error("enough"));
      assert.equal(await sending, CANCELED);
      assert.equal(await outcome(stream.recv()), CANCELED);
      await closing;
      raw.startReading();
      assert.equal((await raw.next()).streamId, 1);
      const next = client.service(Streaming).echo({ seq: 1 });
      assert.equal(await raw.nextHex(), nextCall);
      await raw.send(frame(3, RESPONSE, 0, reply(echo(2))));
      assert.equal((await next).seq, 2);
    });
  });
}

onEachLink("a unary call given up by its signal", (link) => {
  it("after its answer: nothing happens", async () => {
    await using server = await rawServer(link);
    const controller = new AbortController();
    const call = server.client.service(Streaming).echo({ seq: 1 }, { signal: controller.signal });
    await server.raw.next();
    await server.raw.send(frame(1, RESPONSE, 0, reply(echo(2))));
    await until(() => server.client.stats().framesReceived === 1, "the answer");
    controller.abort();
    assert.equal((await call).seq, 2);
    assert.deepEqual([server.client.stats().callsFailed, server.raw.unread], [0, []]);
  });
});
