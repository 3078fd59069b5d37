// What a connection runs over in these suites: the two socket channels, and memory where no socket is needed.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { type Client, type ClientOptions, connect, Server, type ServerOptions, TtrpcError } from "ttrpc";
import { connectTo, memoryPair } from "ttrpc/testing";
import { channels, freePath, type Pair, type SocketChannel, startPair } from "../support/channels.js";
import { FakeServer, RawPeer } from "../support/raw.js";

export type Link = SocketChannel | "memory";

/** Defines `suite` once for each link. */
export function onEachLink(name: string, suite: (link: Link) => void): void {
  for (const link of [...channels, "memory"] as const) describe(`${name} [${link}]`, () => suite(link));
}

/** A client and a server over `link`. */
export async function pairOver(
  link: Link,
  register: (server: Server) => void,
  serverOptions: ServerOptions = {},
  clientOptions: ClientOptions = {},
): Promise<Pair> {
  if (link !== "memory") return startPair(link, register, serverOptions, clientOptions);
  const server = new Server(serverOptions);
  register(server);
  const client = await connectTo(server, clientOptions);
  return {
    server,
    client,
    address: "stream:",
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

export interface RawClient extends AsyncDisposable {
  readonly server: Server;
  readonly raw: RawPeer;
  /** One more connection to the same server. */
  another(): Promise<RawPeer>;
}

/** A server of ours, and a client driven by hand. */
export async function rawClient(link: Link, register: (server: Server) => void, options: ServerOptions = {}): Promise<RawClient> {
  const server = new Server(link === "memory" ? options : { channel: link, ...options });
  register(server);
  const address = link === "memory" ? undefined : (await server.listen(`unix://${freePath()}`)).address;
  const peers: RawPeer[] = [];
  const another = async (): Promise<RawPeer> => {
    const peer = address === undefined ? accepted(server) : await RawPeer.connect(address);
    peers.push(peer);
    return peer;
  };
  return {
    server,
    raw: await another(),
    another,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.close();
      await server.close();
    },
  };
}

function accepted(server: Server): RawPeer {
  const [near, far] = memoryPair();
  server.accept(far);
  return new RawPeer(near);
}

export interface RawServer extends AsyncDisposable {
  readonly client: Client;
  readonly raw: RawPeer;
}

/** A client of ours, and a server driven by hand. */
export async function rawServer(link: Link, options: ClientOptions = {}): Promise<RawServer> {
  if (link === "memory") {
    const [near, far] = memoryPair();
    const raw = new RawPeer(far);
    const client = await connect(near, options);
    return {
      client,
      raw,
      async [Symbol.asyncDispose]() {
        raw.close();
        await client.close();
      },
    };
  }
  const fake = await FakeServer.listen();
  const client = await connect(fake.address, { channel: link, ...options });
  return {
    client,
    raw: await fake.accept(),
    async [Symbol.asyncDispose]() {
      // The fake server ends first: closing waits until what the client has queued is read.
      await fake[Symbol.asyncDispose]();
      await client.close();
    },
  };
}

/** The code and the exact text that a call fails with. */
export function failure(promise: Promise<unknown>): Promise<[number, string]> {
  return promise.then(
    (value) => assert.fail(`the call should have failed, and gave ${JSON.stringify(value)}`),
    (error: unknown) => {
      assert.ok(error instanceof TtrpcError, String(error));
      return [error.code, error.message];
    },
  );
}

/** The error that a promise rejects with, whatever it is. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail("should have been rejected"),
    (error: unknown) => error,
  );
}

/** All messages of a stream. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}

/** Waits until `ready`; gives up after a long time. */
export async function until(ready: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 4_000; tries++) {
    if (ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`it never came: ${what}`);
}

/** A promise and its ends. */
export interface Gate<T = void> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
  readonly fail: (error: Error) => void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}
