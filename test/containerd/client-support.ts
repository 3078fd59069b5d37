// What the tests of our client against containerd's server share: a server for each test, a blob, and short ways to the end of a stream.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach } from "node:test";
import { type Client, connect, TtrpcError } from "ttrpc";
import type { SocketChannel } from "../support/channels.js";
import { type ContainerdServer, startContainerdServer } from "../support/containerd.js";
import { sha256 } from "./content-store.js";

export const MIB: number = 1 << 20;
export const BLOB: Buffer = randomBytes(9 * MIB + 12_345);
export const DIGEST: string = sha256(BLOB);
export const NOWHERE: string = sha256(Buffer.from("nobody wrote this"));

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}

/** The rest of a stream that `recv` is used on. */
export async function drain<T>(stream: { recv(): Promise<T | undefined> }): Promise<T[]> {
  const rest: T[] = [];
  for (let message = await stream.recv(); message !== undefined; message = await stream.recv()) rest.push(message);
  return rest;
}

export function codeOf(promise: Promise<unknown>): Promise<[number, string]> {
  return promise.then(
    () => assert.fail("the call should have failed"),
    (error: unknown) => {
      assert.ok(error instanceof TtrpcError, String(error));
      return [error.code, error.message];
    },
  );
}

/** A server with an empty store for each test. */
export function eachWithServer(channel: SocketChannel): { readonly client: Client; readonly root: string } {
  const state: { client?: Client; server?: ContainerdServer } = {};
  beforeEach(async () => {
    state.server = await startContainerdServer();
    state.client = await connect(state.server.address, { channel });
    assert.equal(state.client.channel, channel);
  });
  afterEach(async () => {
    await state.client?.close();
    await state.server?.[Symbol.asyncDispose]();
  });
  return {
    get client() {
      return state.client as Client;
    },
    get root() {
      return (state.server as ContainerdServer).root;
    },
  };
}
