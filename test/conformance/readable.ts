// Frames as a reader of the table wants them, out of the hex that tests compare. Knows protobuf's wire format and no more.
import { DATA, type RawFrame, RESPONSE, bytes, status } from "../support/raw.js";

type Field = readonly [number: number, value: bigint | Buffer];

/** The fields of a message; undefined if these bytes are none. */
function fieldsOf(message: Buffer): Field[] | undefined {
  const found: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  try {
    while (at < message.length) {
      const tag = Number(varint());
      if (tag >> 3 === 0 || ![0, 2].includes(tag & 7)) return undefined;
      const value = varint();
      if ((tag & 7) === 0) found.push([tag >> 3, value]);
      else {
        if (at + Number(value) > message.length) return undefined;
        found.push([tag >> 3, message.subarray(at, (at += Number(value)))]);
      }
    }
  } catch {
    return undefined;
  }
  return found;
}

interface Status {
  readonly code: number;
  readonly text: string;
  readonly details: number;
}

function statusOf(payload: Buffer): Status | undefined {
  const part = fieldsOf(payload)?.find(([number]) => number === 1)?.[1];
  const fields = Buffer.isBuffer(part) ? fieldsOf(part) : undefined;
  if (fields === undefined) return undefined;
  const value = (wanted: number): bigint | Buffer | undefined => fields.find(([number]) => number === wanted)?.[1];
  return { code: Number(value(1) ?? 0n), text: (value(2) ?? "").toString(), details: fields.filter(([number]) => number === 3).length };
}

const NO_BREAK_SPACE = "\u00a0";

/** protobuf-go writes "proto:" and a no-break space in some builds, chosen by a hash of the program: a plain one here. */
export function plainSpaces(frame: RawFrame): RawFrame {
  const told = frame.type === RESPONSE && frame.payload.includes(NO_BREAK_SPACE) ? statusOf(frame.payload) : undefined;
  return told === undefined ? frame : { ...frame, payload: status(told.code, told.text.replaceAll(NO_BREAK_SPACE, " ")) };
}

function messageText(message: Buffer): string {
  if (message.length === 0) return "an empty message";
  const fields = fieldsOf(message);
  if (fields === undefined) return message.toString("hex");
  const parts = fields.map(([, value]) => (Buffer.isBuffer(value) ? `"${value.toString()}"` : String(value)));
  return `message ${parts.join(" ")}`;
}

function responseText(payload: Buffer): string {
  const told = statusOf(payload);
  if (told !== undefined && told.code !== 0) return `code ${told.code} "${told.text}"${told.details === 0 ? "" : ", with details"}`;
  const part = fieldsOf(payload)?.find(([number]) => number === 2)?.[1];
  return `${told === undefined ? "" : "an empty status, "}${messageText(Buffer.isBuffer(part) ? part : Buffer.alloc(0))}`;
}

/** A line of an outcome as the table shows it. */
export function readable(line: string): string {
  const match = /^(sends )?[0-9a-f]{8} ([0-9a-f]{8}) ([0-9a-f]{2}) ([0-9a-f]{2}) ?([0-9a-f]*)$/.exec(line);
  if (match === null) return line;
  const [, sent = "", id = "", type = "", flags = "", hex = ""] = match;
  if (sent !== "") return line;
  const payload = bytes(hex);
  const about = `${parseInt(id, 16)}:`;
  if (parseInt(type, 16) === RESPONSE) return `${about} ${responseText(payload)}`;
  if (parseInt(type, 16) === DATA) return `${about} Data ${flags}${(parseInt(flags, 16) & 4) === 0 ? `, ${messageText(payload)}` : ""}`;
  return line;
}
