// The benchmark's messages, in the shape that the code generator is to write: plain objects, fields read and written
// straight on our Reader and Writer.
import { defineService, type MessageType, serverStream, unary } from "ttrpc";

export interface EchoPayload {
  seq: number;
  msg: string;
}

export const EchoPayload: MessageType<EchoPayload, Partial<EchoPayload>> = {
  typeName: "ttrpc.integration.streaming.EchoPayload",
  create: (init) => ({ seq: init?.seq ?? 0, msg: init?.msg ?? "" }),
  encode(message, writer) {
    if (message.seq) writer.uint32(8).uint32(message.seq);
    if (message.msg) writer.uint32(18).string(message.msg);
    return writer;
  },
  decode(reader, length = reader.len - reader.pos) {
    const end = reader.pos + length;
    const message = { seq: 0, msg: "" };
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === 8) message.seq = reader.uint32();
      else if (tag === 18) message.msg = reader.string();
      else reader.skipField(tag);
    }
    return message;
  },
};

export const Streaming = defineService("ttrpc.integration.streaming.Streaming", { echo: unary("Echo", EchoPayload, EchoPayload) });
export const Peer = defineService("ttrpc.test.Peer", { count: serverStream("Count", EchoPayload, EchoPayload) });
