// The services that the type tests are about, as generated code declares them. Nothing here is ever run.
import { bidi, clientStream, defineService, type MessageType, serverStream, unary } from "ttrpc";

export interface Item {
  sku: string;
  count: number;
  price: bigint;
  tags: Record<string, string>;
  photo: Uint8Array;
  state: { case: "reserved"; value: string } | { case: "sold"; value: bigint } | { case: undefined; value?: undefined };
}
export interface Order {
  id: string;
  items: Item[];
}
export interface Receipt {
  total: bigint;
  note?: string;
}
export type ItemInit = Readonly<Partial<Item>>;
export interface OrderInit {
  readonly id?: string;
  readonly items?: readonly ItemInit[];
}
export type ReceiptInit = Readonly<Partial<Receipt>>;

export declare const Item: MessageType<Item, ItemInit>;
export declare const Order: MessageType<Order, OrderInit>;
export declare const Receipt: MessageType<Receipt, ReceiptInit>;

export const Shop = defineService("shop.v1.Shop", {
  buy: unary("Buy", Order, Receipt),
  fill: clientStream("Fill", Item, Order),
  list: serverStream("List", Order, Item),
  haggle: bidi("Haggle", Item, Receipt),
});
