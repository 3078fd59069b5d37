// Plays a client case: a scripted server on one side, ours or Go's client on the other; what its caller is given is written down.
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Client, connect, TtrpcError } from "ttrpc";
import { memoryPair } from "ttrpc/testing";
import type { Link } from "../rpc/links.js";
import { freePath } from "../support/channels.js";
import { echo, FakeServer, frame, RawPeer, REQUEST, reply, RESPONSE } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import type { CallScript, ClientCase, Outcome } from "./cases.js";
import { Vectors } from "./results-service.js";
import { goProgram } from "../support/go.js";
import { type Faulty, startGoFaulty } from "./servers.js";

/** A read that takes longer has nothing to read. */
const WAITS_MS = 1_000;
/** A longer text is not printed. */
const LONG_TEXT = 1_000;
/** Only to give up. */
const GIVE_UP_MS = 20_000;
/** As Go quotes what protobuf-go writes behind "proto:" in some builds. */
const NO_BREAK_SPACE = "\\u00a0";

export interface ClientUnderTest {
  /** Makes the call; `dial` gives a connection. */
  run(script: CallScript, server: ScriptedServer): Promise<Outcome>;
}

/** Where a client connects. */
export interface ScriptedServer {
  readonly address: string;
  /** In place of the address, without a socket. */
  dial?(): ReturnType<typeof memoryPair>[0];
}

/** Go's client, a process. */
export const goClient: ClientUnderTest = {
  async run(script, { address }) {
    const flags = [
      ["address", address],
      ["kind", script.kind],
      ["method", methodOf(script)],
      ["seq", script.seq ?? 1],
      ["msg", script.msg ?? ""],
      ["send", script.sends ?? 0],
      ["end", script.end ?? false],
      ["wait-ms", script.waitMs ?? 0],
      ["pause-ms", script.pauseMs ?? 0],
      ["read", script.reads ?? 1],
      ["close-ms", script.closeMs ?? 0],
      ["next", script.next ?? false],
      ["repeat", script.repeat ?? 1],
    ].map(([name, value]) => `-${name}=${value}`);
    const { stdout } = await promisify(execFile)(goProgram("probe"), flags, { timeout: GIVE_UP_MS });
    return (JSON.parse(stdout) as string[]).map((line) => line.replaceAll(NO_BREAK_SPACE, " "));
  },
};

function methodOf({ kind, method }: CallScript): string {
  return (
    method ??
    {
      unary: "ttrpc.integration.streaming.Streaming/Echo",
      serverStream: "ttrpc.test.Peer/Count",
      clientStream: "ttrpc.test.Peer/Collect",
      bidi: "ttrpc.test.Peer/Echo2",
    }[kind]
  );
}

/** Ours, over a link. */
export function ourClient(link: Link): ClientUnderTest {
  return {
    async run(script, server) {
      const lines: string[] = [];
      for (let i = 0; i < (script.repeat ?? 1); i++) {
        const client = server.dial === undefined ? await connect(server.address, link === "memory" ? {} : { channel: link }) : await connect(server.dial());
        if (script.closeMs !== undefined) setTimeout(() => void client.close(), script.closeMs);
        await sleep(script.waitMs ?? 0);
        lines.push(...(await ourCall(client, script)));
        if (script.next === true) lines.push(`next call: ${await outcome(client.service(Streaming).echo({ seq: 41, msg: "next" }))}`);
        // What the server does not read is not waited for.
        void client.close();
      }
      return lines;
    },
  };
}

async function ourCall(client: Client, script: CallScript): Promise<string[]> {
  const message = { seq: script.seq ?? 1, msg: script.msg ?? "" };
  const peer = client.service(Peer);
  if (script.kind === "unary") return [await outcome((script.method === undefined ? client.service(Streaming) : client.service(Vectors)).echo(message))];
  const lines: string[] = [];
  const stream = script.kind === "clientStream" ? peer.collect() : script.kind === "bidi" ? peer.echo2() : peer.count(message);
  if ("send" in stream) {
    for (let i = 0; i < (script.sends ?? 0); i++) await stream.send(message).catch((error: unknown) => lines.push(`send: ${failure(error)}`));
    if (script.end === true) await stream.closeSend();
  }
  await sleep(script.pauseMs ?? 0);
  for (let i = 0; i < (script.reads ?? 1); i++) {
    const line = await outcome("recv" in stream ? stream.recv() : stream.closeAndRecv());
    lines.push(line);
    if (line.startsWith("nothing")) break;
  }
  return lines;
}

async function outcome(call: Promise<{ readonly seq: number; readonly msg: string } | undefined>): Promise<string> {
  const line = call.then((message) => (message === undefined ? "end" : `message ${message.seq} ${quoted(message.msg)}`), failure);
  return Promise.race([line, sleep(WAITS_MS, "nothing: the read waits", { ref: false })]);
}

function quoted(text: string): string {
  return text.length > LONG_TEXT ? `of ${text.length} letters` : JSON.stringify(text);
}

function failure(error: unknown): string {
  if (error instanceof TtrpcError) return `code ${error.code} ${JSON.stringify(error.message)}`;
  return `error ${JSON.stringify(String(error))}`;
}

export async function playClientCase(client: ClientUnderTest, link: Link | "go", one: ClientCase): Promise<Outcome> {
  if (one.server === "deaf") {
    await using deaf: Faulty = await startGoFaulty("deaf");
    return await client.run(one.call, deaf);
  }
  if (one.server === "unread") return playUnread(client, one);
  const seen: string[] = [];
  if (link === "memory") {
    const served: RawPeer[] = [];
    const dial = (): ReturnType<typeof memoryPair>[0] => {
      const [near, far] = memoryPair();
      const peer = new RawPeer(far);
      served.push(peer);
      void serve(peer, one, seen);
      return near;
    };
    const lines = await client.run(one.call, { address: "stream:", dial });
    for (const peer of served) peer.close();
    return [...seen, ...lines];
  }
  await using fake = await FakeServer.listen();
  const accepting = (async (): Promise<void> => {
    for (let i = 0; i < (one.call.repeat ?? 1); i++) void serve(await fake.accept(), one, seen);
  })();
  const lines = await client.run(one.call, fake);
  await accepting;
  return [...seen, ...lines];
}

/** The script of one connection; then each further Request is answered, which shows that the connection lives. */
async function serve(peer: RawPeer, one: ClientCase, seen: string[]): Promise<void> {
  try {
    for (let i = 0; i < (one.take ?? 1); i++) {
      const line = await peer.nextHex();
      if (one.shown === true) seen.push(`sends ${line}`);
    }
    if (one.send !== undefined) await peer.send(...one.send);
    if (one.hangsUp === true) return peer.halfClose();
    for (;;) {
      const { type, streamId } = await peer.next();
      if (type === REQUEST) await peer.send(frame(streamId, RESPONSE, 0, reply(echo(42, "next"))));
    }
  } catch {
    // The client has gone, or waits.
  }
}

/** A server that hangs up with the client's request unread: that is a reset, not an end. */
async function playUnread(client: ClientUnderTest, one: ClientCase): Promise<Outcome> {
  const path = freePath();
  const server = createServer({ pauseOnConnect: true }, (socket) => void sleep(200).then(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    return await client.run(one.call, { address: `unix://${path}` });
  } finally {
    server.close();
  }
}
