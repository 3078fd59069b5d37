// How message types and services are typed, those of protobufjs included. Compiled, never run.
import protobuf from "protobufjs";
import { type AnyMessageType, defineService, type In, type MessageType, type Method, type Methods, type Out, Reader, type Service, unary, Writer } from "ttrpc";
import { fromProtobufjs } from "ttrpc/protobufjs";
import { connectTo, memoryPair } from "ttrpc/testing";
import { is, same } from "./equal.js";
import { Item, type ItemInit, Order, type OrderInit, Receipt, Shop } from "./services.js";

same<Out<typeof Item>, Item>();
same<In<typeof Order>, OrderInit>();
same<(typeof Shop.methods.haggle)["kind"], "bidi">();
same<keyof typeof Shop.methods, "buy" | "fill" | "list" | "haggle">();
is<Method<typeof Order, typeof Receipt, "unary">>()(Shop.methods.buy);

/** What takes any of them. */
export const anyTypes: readonly AnyMessageType[] = [Item, Order, Receipt];
export const anyService: Service = Shop;
export const anyMethods: Methods = Shop.methods;
// @ts-expect-error a service of other methods
export const otherService: Service<{ readonly steal: Method }> = Shop;
// @ts-expect-error an order is not an item
export const otherType: MessageType<Item, ItemInit> = Order;

export function byHand(bytes: Uint8Array): void {
  is<Item>()(Item.decode(new Reader(bytes), 5));
  is<Uint8Array>()(Item.encode({ sku: "a" }, new Writer()).finish());
  is<bigint>()(new Reader(bytes).int64());
  is<number>()(new Reader(bytes).uint32());
  new Writer().int64(5n).int64(5).int64("5").int64({ low: 5, high: 0 });
  // @ts-expect-error unknown field
  Item.encode({ skuu: "a" }, new Writer());
  // @ts-expect-error a writer is needed
  Item.encode({});
  // @ts-expect-error bytes are no reader
  Item.decode(bytes);
  // @ts-expect-error a boolean is no integer
  new Writer().int64(true);
  // @ts-expect-error a method needs message types
  unary("Buy", Order, "shop.v1.Receipt");
  // @ts-expect-error a service needs method descriptors
  defineService("shop.v1.Shop", { buy: { name: "Buy", input: Order, output: Receipt } });
}

export function foreign(root: protobuf.Root): void {
  interface Echo {
    seq: number;
    msg: string;
  }
  const Echo = fromProtobufjs<Echo>(root.lookupType("demo.Echo"));
  same<typeof Echo, MessageType<Echo, Partial<Echo>>>();
  const Demo = defineService("demo.Demo", { echo: unary("Echo", Echo, Echo) });
  same<Out<(typeof Demo)["methods"]["echo"]["output"]>, Echo>();
  // @ts-expect-error unknown field
  Echo.create({ sec: 1 });
  // @ts-expect-error a name is no type
  fromProtobufjs<Echo>("demo.Echo");
}

export async function testing(): Promise<void> {
  const { Server } = await import("ttrpc");
  const client = await connectTo(new Server(), { defaultTimeoutMs: 5 });
  is<"native" | "node" | "memory">()(client.channel);
  const [near] = memoryPair();
  near.end();
  // @ts-expect-error unknown option
  await connectTo(new Server(), { maxConnections: 5 });
}
