// Runs a suite once per channel. One source: what only one channel can do is no feature.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { type Client, type ClientOptions, connect, Server, type ServerOptions } from "ttrpc";

export type SocketChannel = "native" | "node";

const disabled = !["", "0"].includes(process.env["TTRPC_NO_NATIVE"] ?? "");

/** The channels of this run: both, or the fallback alone where the addon is switched off. */
export const channels: readonly SocketChannel[] = disabled ? ["node"] : ["native", "node"];

/** Defines `suite` once for each channel. */
export function onEachChannel(name: string, suite: (channel: SocketChannel) => void): void {
  for (const channel of channels) describe(`${name} [${channel}]`, () => suite(channel));
}

const folder = mkdtempSync(join(tmpdir(), "ttrpc-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A socket path that nobody uses. */
export function freePath(): string {
  return join(folder, `${++count}.sock`);
}

/** A server on a socket of its own, and a client of it, both over `channel`; closed by `await using`-like `close`. */
export interface Pair extends AsyncDisposable {
  readonly server: Server;
  readonly client: Client;
  readonly address: string;
}

export async function startPair(
  channel: SocketChannel,
  register: (server: Server) => void,
  serverOptions: ServerOptions = {},
  clientOptions: ClientOptions = {},
): Promise<Pair> {
  const server = new Server({ channel, ...serverOptions });
  register(server);
  const { address } = await server.listen(`unix://${freePath()}`);
  const client = await connect(address, { channel, ...clientOptions });
  return {
    server,
    client,
    address,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}
