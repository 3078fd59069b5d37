// Messages of @bufbuild/protobuf, as protoc-gen-es generates them, as message types of ours. An entry of its own:
// @bufbuild/protobuf is an optional peer dependency, and nothing else imports it.
import { create, type DescMessage, fromBinary, isMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { MessageType } from "./codec.js";

/** One type per schema, however many services name it. */
const adapted: WeakMap<DescMessage, object> = new WeakMap();

/**
 * A message type over a schema of protoc-gen-es, or one from a registry. What is passed to calls may be a message, made by
 * `create`, or what one can be made from; what comes back is a message.
 *
 * ```ts
 * const StateRequest = fromProtobufEs(StateRequestSchema);
 * ```
 */
export function fromProtobufEs<Desc extends DescMessage>(schema: Desc): MessageType<MessageShape<Desc>, MessageInitShape<Desc>> {
  if (schema?.kind !== "message") throw new TypeError("fromProtobufEs() needs the schema of a message, as protoc-gen-es exports it");
  let type = adapted.get(schema) as MessageType<MessageShape<Desc>, MessageInitShape<Desc>> | undefined;
  if (type === undefined) adapted.set(schema, (type = adapt(schema)));
  return type;
}

function adapt<Desc extends DescMessage>(schema: Desc): MessageType<MessageShape<Desc>, MessageInitShape<Desc>> {
  return {
    typeName: schema.typeName,
    create: (init) => create(schema, init),
    encode(message, writer) {
      return writer.raw(toBinary(schema, isMessage(message, schema) ? message : create(schema, message)));
    },
    decode(reader, length = reader.len - reader.pos) {
      const { pos } = reader;
      reader.pos = pos + length;
      // Its `bytes` fields are views of what it reads: the reader copies unless the bytes belong to the message.
      return fromBinary(schema, reader.raw(pos, reader.pos));
    },
  };
}
