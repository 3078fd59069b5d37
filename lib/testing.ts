// For tests of code that uses ttrpc: the real protocol without a socket.
import { type Client, connect } from "./client.js";
import { MemoryDuplex } from "./channel/memory.js";
import type { ClientOptions } from "./config.js";
import type { Server } from "./server.js";
import type { Duplex } from "node:stream";

/** Two ends of a connection inside this process: `connect` one, `server.accept` the other. */
export function memoryPair(): [Duplex, Duplex] {
  return MemoryDuplex.pair();
}

/** A client of `server` over a memory pair. */
export async function connectTo(server: Server, options?: ClientOptions): Promise<Client> {
  const [near, far] = MemoryDuplex.pair();
  server.accept(far);
  return connect(near, options);
}
