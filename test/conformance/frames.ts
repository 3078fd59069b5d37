// Short names for the frames that cases are made of.
import { bytes, type Bytes, DATA, dataHex, echo, frame, header, REQUEST, request, statusHex } from "../support/raw.js";
import type { ServerStep } from "./cases.js";

export const STREAMING = "ttrpc.integration.streaming.Streaming";
export const PEER = "ttrpc.test.Peer";
export const RESULTS = "ttrpc.test.Results";

export const CLOSED = 0x01;
export const OPEN = 0x02;
export const NO_DATA = 0x04;
export const END = CLOSED | NO_DATA;

export const INVALID = 3;
export const EXHAUSTED = 8;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;

export const MAX = 4 << 20;
export const OVER = MAX + 1;
/** Fields that no message has: tag 0. */
export const GARBAGE = "00ff00ff";
export const BROKEN = "proto: cannot parse invalid wire-format data";
export const NOT_UTF8 = "string field contains invalid UTF-8";

export const oversize = (length: number): string => `message length ${length} exceed maximum message size of ${MAX}`;

/** A Request of `path`, "SERVICE/METHOD", with these flags. */
export function open(id: number, path: string, flags: number, payload: Bytes = "", timeoutNanos = 0n): Buffer {
  const [service = "", method = ""] = path.split("/");
  return frame(id, REQUEST, flags, request(service, method, { payload, timeoutNanos }));
}

/** A unary call. */
export const call = (id: number, path: string, payload: Bytes = "", timeoutNanos = 0n): Buffer => open(id, path, 0, payload, timeoutNanos);

/** A unary echo of `seq`. */
export const echoCall = (id: number, seq = 1): Buffer => call(id, `${STREAMING}/Echo`, echo(seq, "m"));

export const data = (id: number, flags: number, payload: Bytes = ""): Buffer => frame(id, DATA, flags, payload);

/** A frame over the limit. */
export const tooLarge = (id: number, type: number, length = OVER): Buffer => Buffer.concat([header(length, id, type), Buffer.alloc(length)]);

export const send = (...parts: Bytes[]): ServerStep => ({
  send: Buffer.concat(parts.map(bytes)),
});
export const take = (count: number): ServerStep => ({ take: count });
/** Go sends an answer first and forgets the stream then, one after the other: once a later call is answered, it has. */
export const forgotten: ServerStep = { call: "another" };
export const wait = (ms: number): ServerStep => ({ waitMs: ms });

/** A refusal. */
export const refused = statusHex;
export const dataLine = dataHex;
