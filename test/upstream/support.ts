// What upstream's test files share, over our public API. A file here mirrors the Go file of its name, a test the Go function of its name.
import assert from "node:assert/strict";
import {
  bidi,
  type Client,
  type ClientOptions,
  clientStream,
  Code,
  connect,
  defineService,
  type Implementation,
  Server,
  type ServerOptions,
  unary,
} from "ttrpc";
import { connectTo } from "ttrpc/testing";
import { failure, type Link } from "../rpc/links.js";
import { freePath } from "../support/channels.js";
import { EchoPayload } from "../support/services.js";

/** Only to give up: a test that waits this long has failed. */
export const GIVE_UP_MS = 20_000;

/** A server that serves over `link`. */
export interface Serving extends AsyncDisposable {
  readonly server: Server;
  /** Undefined over memory, which needs no listener. */
  readonly address: string | undefined;
  /** What Go's Serve returns: resolves where that is ErrServerClosed. */
  readonly served: Promise<void> | undefined;
  /** One more client, on a connection of its own. Go: newTestClient. */
  connect(options?: ClientOptions): Promise<Client>;
}

export async function serve(link: Link, register: (server: Server) => void, options: ServerOptions = {}): Promise<Serving> {
  const server = new Server(link === "memory" ? options : { channel: link, ...options });
  register(server);
  const listener = link === "memory" ? undefined : await server.listen(`unix://${freePath()}`);
  const clients: Client[] = [];
  return {
    server,
    address: listener?.address,
    served: listener && server.serve(listener),
    async connect(options = {}) {
      const client = await (link === "memory" || listener === undefined
        ? connectTo(server, options)
        : connect(listener.address, { channel: link, ...options }));
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await server.close();
    },
  };
}

/** Nothing is left of a server that has ended. Go: checkServerShutdown. */
export async function checkServerShutdown({ server, address, served }: Serving): Promise<void> {
  if (served !== undefined) await inTime(served, "the end of serve()");
  const { connections, active, queuedBytes } = server.stats();
  assert.deepEqual({ connections, active, queuedBytes }, { connections: 0, active: 0, queuedBytes: 0 });
  if (address !== undefined) assert.equal((await failure(connect(address)))[0], Code.NotFound, "a listener is left");
}

/** Whether `promise` settles within `ms`, for better or worse. Go: select with time.After. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `promise` gives; fails, and does not hang, if that never comes. */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  assert.ok(await settlesWithin(promise, GIVE_UP_MS), `it never came: ${what}`);
  return promise;
}

/** The service that upstream's stream tests register by hand. Its `seq` is an int64 there: the same on the wire. */
export const StreamService = defineService("streamService", {
  echo: unary("Echo", EchoPayload, EchoPayload),
  echoStream: bidi("EchoStream", EchoPayload, EchoPayload),
  slowConsumer: clientStream("SlowConsumer", EchoPayload, EchoPayload),
});

export const echoes: Implementation<typeof StreamService> = {
  echo: ({ seq, msg }) => ({ seq: seq + 1, msg }),
  async *echoStream(requests) {
    for await (const { seq, msg } of requests) yield { seq: seq + 1, msg };
  },
};
