// Messages of protobufjs, reflected or static (pbjs), as message types of ours. An entry of its own: the runtime
// does not import protobufjs.
import protobuf from "protobufjs/minimal.js";
import type { MessageType } from "./codec.js";
import { int64Words, zigzagDecode } from "./wire/int64.js";
import { Reader } from "./wire/reader.js";
import { ScalarReader } from "./wire/scalar-reader.js";
import type { Writer } from "./wire/writer.js";

/** What a class made by pbjs has, and a reflected `protobuf.Type`, whose messages have no type of their own. */
export interface ProtobufjsType<T extends object = object> {
  encode(message: never, writer?: never): unknown;
  decode(reader: never, length?: number): T;
  create(properties?: never): T;
}

/** protobufjs's decoders insist on a Reader of their own class: this is one, with our methods. */
class ForeignReader extends protobuf.Reader {
  declare owned: boolean;
}
for (const from of [ScalarReader.prototype, Reader.prototype]) {
  for (const name of Object.getOwnPropertyNames(from)) {
    if (name !== "constructor") Object.defineProperty(ForeignReader.prototype, name, Object.getOwnPropertyDescriptor(from, name) as PropertyDescriptor);
  }
}

/** Our methods as the class above has them. */
interface Words {
  varint(): void;
  words(): void;
  packed<V>(into: V[], read: (this: unknown) => V): V[];
}

/** 64-bit values are Long objects where the application has `long`, as protobufjs gives them. */
function foreign64(unsigned: boolean): unknown {
  const low = (int64Words[0] as number) | 0;
  const high = (int64Words[1] as number) | 0;
  const Long = protobuf.util.Long as unknown as { fromBits(low: number, high: number, unsigned: boolean): object } | null;
  if (Long !== null) return Long.fromBits(low, high, unsigned);
  return (unsigned ? high >>> 0 : high) * 4_294_967_296 + (low >>> 0);
}

const longMethods: Readonly<Record<string, (this: Words) => unknown>> = {
  uint64() {
    this.varint();
    return foreign64(true);
  },
  int64() {
    this.varint();
    return foreign64(false);
  },
  sint64() {
    this.varint();
    zigzagDecode();
    return foreign64(false);
  },
  fixed64() {
    this.words();
    return foreign64(true);
  },
  sfixed64() {
    this.words();
    return foreign64(false);
  },
};
for (const [name, read] of Object.entries(longMethods)) {
  Object.defineProperty(ForeignReader.prototype, name, { value: read });
  Object.defineProperty(ForeignReader.prototype, `${name}s`, {
    value(this: Words, into: unknown[] = []) {
      return this.packed(into, read as (this: unknown) => unknown);
    },
  });
}

const shared = new ForeignReader(Buffer.alloc(0));

function nameOf(type: object): string | undefined {
  const { fullName, getTypeUrl } = type as { fullName?: unknown; getTypeUrl?: unknown };
  if (typeof fullName === "string") return fullName.replace(/^\./, "");
  if (typeof getTypeUrl !== "function") return undefined;
  const url: unknown = getTypeUrl.call(type);
  return typeof url === "string" ? url.slice(url.lastIndexOf("/") + 1) : undefined;
}

/**
 * A message type over `type`: a reflected `protobuf.Type`, or a class of a pbjs static module. `typeName` is needed
 * for classes made with `--no-typeurl`.
 *
 * ```ts
 * const root = await protobuf.load("echo.proto");
 * const Echo = fromProtobufjs<{ seq: number; msg: string }>(root.lookupType("demo.Echo"));
 * ```
 */
export function fromProtobufjs<T extends object, Init extends object = Partial<T>>(type: ProtobufjsType<T>, typeName?: string): MessageType<T, Init>;
export function fromProtobufjs<T extends object, Init extends object = Partial<T>>(type: ProtobufjsType, typeName?: string): MessageType<T, Init>;
export function fromProtobufjs(type: ProtobufjsType, name?: string): MessageType {
  if (typeof type?.encode !== "function" || typeof type.decode !== "function")
    throw new TypeError("fromProtobufjs() needs a protobufjs Type or a class made by pbjs");
  const typeName = name ?? nameOf(type);
  if (typeName === undefined) throw new TypeError("fromProtobufjs(): the class has no getTypeUrl(); give its full name as the second argument");
  return {
    typeName,
    create: (init) => type.create(init as never),
    encode(message, writer: Writer) {
      type.encode(message as never, writer as never);
      return writer;
    },
    decode(reader: Reader, length: number = reader.len - reader.pos) {
      const { pos } = reader;
      const own = Reader.prototype.reset.call(shared as never, reader.buf as Buffer, pos, pos + length, reader.owned);
      const message = type.decode(own as never, length);
      reader.pos = pos + length;
      return message;
    },
  };
}
