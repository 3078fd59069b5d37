// A server of ours that can be killed and started again on the same path.
import { Server } from "ttrpc";
import { freePath, type SocketChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";

export interface Restartable extends AsyncDisposable {
  readonly address: string;
  /** The one that runs now, or ran last. */
  readonly server: Server;
  start(): Promise<void>;
  /** Cuts everything, as the end of its process does. */
  stop(): Promise<void>;
}

export async function restartable(channel: SocketChannel): Promise<Restartable> {
  const address = `unix://${freePath()}`;
  let server = new Server({ channel });
  const start = async (): Promise<void> => {
    server = register(new Server({ channel }));
    await server.listen(address);
  };
  await start();
  return {
    address,
    get server() {
      return server;
    },
    start,
    stop: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
