// Turns a message into payload bytes and back, through its MessageType. Go: codec.go, protoMarshal, protoUnmarshal.
import { Code, TtrpcError } from "./errors.js";
import type { Reader } from "./wire/reader.js";
import type { Writer } from "./wire/writer.js";

/** Encodes and decodes one protobuf message type. `Init` is what callers may pass: every field optional. */
export interface MessageType<out T extends object = object, in Init extends object = T> {
  /** Full protobuf name, as "containerd.task.v2.StateRequest". */
  readonly typeName: string;
  create(init?: Init): T;
  encode(message: Init, writer: Writer): Writer;
  /** Reads up to `length` bytes from the reader's position, or to its end. */
  decode(reader: Reader, length?: number): T;
}

/** Any message type: what descriptors hold. */
export type AnyMessageType = MessageType<object, never>;

/** Encodes; what the type throws becomes Internal, with Go's text. */
export function encodeMessage(type: AnyMessageType, message: object, writer: Writer): void {
  try {
    type.encode(message as never, writer);
  } catch (cause) {
    throw new TtrpcError(Code.Internal, `ttrpc: error marshaling payload: ${textOf(cause)}`, { cause });
  }
}

/** Decodes the `length` bytes at the reader's position; what the type throws becomes Internal, with Go's text. */
export function decodeMessage(type: AnyMessageType, reader: Reader, length: number): object {
  try {
    return type.decode(reader, length);
  } catch (cause) {
    throw new TtrpcError(Code.Internal, `ttrpc: error unmarshalling payload: ${textOf(cause)}`, { cause });
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
