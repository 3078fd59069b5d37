// The frame of the multiplexer: what goes before every stretch of a connection's bytes. PROTOCOL.md, "Multiplexer".
import { HEADER_BYTES, MAX_MESSAGE_BYTES } from "../wire/frame.js";

/** Bytes before a payload: connection id u32, length u32; big-endian. */
export const MUX_HEADER_BYTES = 8;

/** The longest payload that Go's multiplexer writes and takes: one ttrpc frame of the largest size. Go: maxPayloadSize. */
export const MAX_MUX_PAYLOAD_BYTES: number = HEADER_BYTES + MAX_MESSAGE_BYTES;

/** The buffer that Go's ttrpc reads through: what arrives while it is empty must fit into it. Go: bufio's defaultBufSize. */
export const READ_BUFFER_BYTES = 4_096;

export const MAX_CONNECTION_ID = 0xffffffff;

export function muxHeader(id: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(MUX_HEADER_BYTES);
  header.writeUInt32BE(id, 0);
  header.writeUInt32BE(length, 4);
  return header;
}
