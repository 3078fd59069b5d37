// ttrpc-rust's clients byte by byte: what they send, and what they make of what a server can answer.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { DATA, dataHex, echo, FakeServer, frame, hexOf, type RawFrame, type RawPeer, reply, REQUEST, request, RESPONSE, status } from "../support/raw.js";
import { runRustClient, type RustReport, skipRust } from "../support/rust.js";

const STREAMING = "ttrpc.integration.streaming.Streaming";
const PEER = "ttrpc.test.Peer";
const END = 0x05;

/** One case of a client against a server that is played by hand. */
async function played(program: "client" | "sync-client", name: string, flags: readonly string[], play: (peer: RawPeer) => Promise<void>): Promise<RustReport> {
  await using server = await FakeServer.listen();
  const running = runRustClient(program, server.address, name, ...flags);
  const [[report]] = await Promise.all([running, server.accept().then(play)]);
  assert.ok(report !== undefined);
  return report;
}

const requestHex = (flags: number, payload: Buffer, streamId = 1): string => hexOf({ streamId, type: REQUEST, flags, payload });

/** Answers the call that asks whether the connection lives. */
async function answerAlive(peer: RawPeer, wanted = 3): Promise<void> {
  const { streamId } = await peer.next();
  assert.equal(streamId, wanted);
  await peer.send(frame(wanted, RESPONSE, 0, reply(echo(8, "still there"))));
}

describe("what ttrpc-rust's client sends", { skip: skipRust() }, () => {
  it("a stream of requests opens with 0x06, metadata and deadline with it", async () => {
    const report = await played("client", "stream-context", ["-timeout-ms", "5000"], async (peer) => {
      const opening = request(PEER, "Echo2", { timeoutNanos: 5_000_000_000n, metadata: [["foo", "bar"]] });
      assert.equal(await peer.nextHex(), requestHex(0x06, opening));
      assert.equal(await peer.nextHex(), dataHex(1, END));
      await peer.send(frame(1, DATA, END));
    });
    assert.ok(report.ok, JSON.stringify(report));
  });

  it("one request of a server stream: 0x01, the message in it", async () => {
    const report = await played("client", "count-stream", ["-n", "1", "-size", "2"], async (peer) => {
      assert.equal(await peer.nextHex(), requestHex(0x01, request(PEER, "Count", { payload: echo(1, "zz") })));
      await peer.send(frame(1, DATA, 0, echo(0, "zz")), frame(1, DATA, END));
    });
    assert.ok(report.ok, JSON.stringify(report));
  });

  for (const program of ["client", "sync-client"] as const) {
    it(`${program}: a unary Request has no flags, and a reply without status is a success`, async () => {
      const report = await played(program, "echo", [], async (peer) => {
        assert.equal(await peer.nextHex(), requestHex(0, request(STREAMING, "Echo", { payload: echo(1, "one call") })));
        await peer.send(frame(1, RESPONSE, 0, reply(echo(2, "one call"))));
      });
      assert.ok(report.ok, JSON.stringify(report));
    });
  }
});

describe("what ttrpc-rust's client makes of answers", { skip: skipRust() }, () => {
  const rows: readonly { readonly name: string; readonly answer: readonly Buffer[]; readonly code: number; readonly text: RegExp }[] = [
    { name: "a status", answer: [frame(1, RESPONSE, 0, status(5, "gone"))], code: Code.NotFound, text: /^gone$/ },
    { name: "Data on a unary call is taken for the reply", answer: [frame(1, DATA, 0, status(5, "as data"))], code: Code.NotFound, text: /^as data$/ },
    { name: "an unknown type fails the call alone", answer: [frame(1, 9)], code: -1, text: /^ttrpc err: Receiver got malformed packet/ },
    {
      name: "an undecodable Response fails the call alone",
      answer: [frame(1, RESPONSE, 0, "00ff")],
      code: -1,
      text: /^ttrpc err: Unpack response error Incorrect tag$/,
    },
    { name: "a Response for nobody is dropped", answer: [frame(9, RESPONSE), frame(1, RESPONSE, 0, status(5, "gone"))], code: Code.NotFound, text: /^gone$/ },
  ];
  for (const { name, answer, code, text } of rows) {
    it(name, async () => {
      const report = await played("client", "plain-error", [], async (peer) => {
        const { streamId }: RawFrame = await peer.next();
        assert.equal(streamId, 1);
        await peer.send(...answer);
        await answerAlive(peer);
      });
      assert.equal(report.code, code, JSON.stringify(report));
      assert.match(report.text, text);
      assert.equal(report["alive"], true);
    });
  }

  it("a server that closes: an error without a code", async () => {
    const report = await played("client", "echo", [], async (peer) => {
      await peer.next();
      peer.close();
    });
    assert.equal(report.code, -1);
    assert.match(report.text, /^socket err: /);
  });
});

onEachChannel("ttrpc-rust's client on several threads, our server", (channel) => {
  describe("cases", { skip: skipRust() }, () => {
    let server: Server;
    let address: string;
    before(async () => {
      server = register(new Server({ channel }));
      ({ address } = await server.listen(`unix://${freePath()}`));
    });
    after(() => server.close());

    it("its ids may come out of order; what is refused for that is refused by its text, and the rest is answered", async () => {
      const [report] = await runRustClient("client", address, "many-unary", "-threads", "4", "-n", "4000", "-inflight", "64");
      assert.ok(report !== undefined);
      assert.equal(report["calls"], 4_000);
      const refused = report["refused"] as number;
      assert.ok(refused < 4_000, JSON.stringify(report));
      // `error` would name a second kind of failure before it counts them.
      if (refused > 0)
        assert.deepEqual([report.code, report.text, report.error], [3, "StreamID cannot be re-used and must increment", `${refused} calls failed`]);
      else assert.ok(report.ok, JSON.stringify(report));
    });

    it("a server that takes unused ids refuses none", async () => {
      await using tolerant = register(new Server({ channel, streamIds: "unused" }));
      const listener = await tolerant.listen(`unix://${freePath()}`);
      const [report] = await runRustClient("client", listener.address, "many-unary", "-threads", "4", "-n", "4000", "-inflight", "64");
      assert.deepEqual([report?.ok, report?.["calls"], report?.["refused"]], [true, 4_000, 0]);
    });

    it("on one thread none is refused", async () => {
      const [report] = await runRustClient("client", address, "many-unary", "-n", "4000", "-inflight", "64");
      assert.deepEqual([report?.ok, report?.["refused"]], [true, 0]);
    });
  });
});
