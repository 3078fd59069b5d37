// How servers, handlers and interceptors are typed. Compiled, never run.
import {
  type HandlerContext, type Implementation, type Interceptor, type Listener, type Metadata, type Peer, type ReceiveStream, requireRoot, requireSameUser, requireUidGid, Server, type ServerStats,
} from "ttrpc";
import { is, same } from "./equal.js";
import { type Item, type ItemInit, type Order, Shop } from "./services.js";

type Shop = Implementation<typeof Shop>;

export function handlers(): Server {
  return new Server().service(Shop, {
    buy: (order, context) => {
      is<Order>()(order);
      is<HandlerContext>()(context);
      return { total: BigInt(order.items.length) };
    },
    async fill(items, { signal, shutdownSignal, metadata, peer }) {
      is<ReceiveStream<Item>>()(items);
      is<AbortSignal>()(signal);
      is<AbortSignal>()(shutdownSignal);
      is<Metadata>()(metadata);
      is<Peer>()(peer);
      const all: Item[] = [];
      for await (const item of items) all.push(item);
      return { items: all };
    },
    *list({ id }) {
      yield { sku: id };
    },
    async *haggle(items) {
      for await (const { price } of items) yield { total: price };
    },
  });
}

export function variants(server: Server): void {
  // Missing methods answer Unimplemented; a class instance serves, too.
  server.service(Shop, {});
  class Small implements Shop {
    async buy(): Promise<{ total: bigint }> {
      return { total: 1n };
    }
    list(): readonly ItemInit[] {
      return [{ sku: "a" }];
    }
  }
  is<Server>()(server.service(Shop, new Small(), { interceptors: [] }));

  // @ts-expect-error the wrong message
  server.service(Shop, { buy: () => ({ sku: "a" }) });
  // @ts-expect-error the wrong type of a field
  server.service(Shop, { buy: () => ({ total: 5 }) });
  // @ts-expect-error a promise of the wrong message
  server.service(Shop, { buy: async () => ({ total: "5" }) });
  // @ts-expect-error no message
  server.service(Shop, { buy: () => undefined });
  // @ts-expect-error one message where a stream of them is due
  server.service(Shop, { list: () => ({ sku: "a" }) });
  // @ts-expect-error a promise of a list is not iterable
  server.service(Shop, { list: async () => [{ sku: "a" }] });
  // @ts-expect-error a stream where one message is due
  server.service(Shop, { async *fill() { yield { id: "1" }; } });
  // @ts-expect-error a stream of the wrong message
  server.service(Shop, { async *haggle() { yield { sku: "a" }; } });
  // @ts-expect-error unknown method
  server.service(Shop, { steal: () => ({}) });
  // @ts-expect-error the request is what the .proto says
  server.service(Shop, { buy: (order: Item) => ({ note: order.sku }) });
  // @ts-expect-error unknown option
  server.service(Shop, {}, { interceptor: [] });
  // @ts-expect-error the implementation is needed
  server.service(Shop);
}

export async function running(): Promise<void> {
  await using server = new Server({ handshake: requireSameUser(), maxConnections: 5, handshakeTimeoutMs: undefined, logger: console });
  await using listener = await server.listen("/run/x.sock", { mode: 0o600 });
  same<typeof listener, Listener>();
  is<Promise<void>>()(server.serve(listener));
  is<ServerStats>()(server.stats());
  await server.shutdown({ timeoutMs: 5, signal: AbortSignal.timeout(5) });
  void new Server({ handshake: async ({ uid }) => { if (uid !== 0) throw new Error("no"); } });
  void [requireRoot(), requireUidGid(0, -1)];

  // @ts-expect-error unknown option
  void new Server({ maxConections: 5 });
  // @ts-expect-error an option of clients
  void new Server({ connectTimeoutMs: 5 });
  // @ts-expect-error a handshake is a function
  void new Server({ handshake: "root" });
  // @ts-expect-error both ids are needed
  requireUidGid(0);
  // @ts-expect-error a mode is a number
  await server.listen("/run/x.sock", { mode: "0600" });
  // @ts-expect-error unknown option
  await server.shutdown({ timeout: 5 });
}

export const watching: Interceptor = {
  async unary(call, next) {
    is<"client" | "server">()(call.side);
    is<string>()(call.path);
    is<object>()(call.request);
    is<Uint8Array | undefined>()(call.requestBytes);
    call.timeoutMs = 5;
    call.metadata.append("a", "b");
    // @ts-expect-error read-only
    call.path = "/x/y";
    return next(call);
  },
  async *stream(call, next) {
    is<AsyncIterable<object>>()(call.requests);
    yield* next(call);
  },
};

// @ts-expect-error a unary interceptor gives a message
export const silent: Interceptor = { unary: async () => {} };
// @ts-expect-error a stream interceptor gives an iterable
export const single: Interceptor = { stream: async (call, next) => next(call) };
// @ts-expect-error unknown kind
export const odd: Interceptor = { bidi: () => {} };

export function contexts(context: HandlerContext): void {
  is<number | undefined>()(context.timeoutMs());
  context.callOptions({ metadata: context.metadata });
  // @ts-expect-error read-only
  context.peer = { address: "x" };
  // @ts-expect-error a method, not a value
  context.timeoutMs + 5;
}
