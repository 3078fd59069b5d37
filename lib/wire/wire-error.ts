// What a Reader throws. The texts are protobuf-go's, because servers put them on the wire.

/** Bytes that are not the message they should be. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Truncated, over-long or otherwise malformed. protobuf-go: errDecode. */
export function malformed(detail: string): WireError {
  return new WireError("proto: cannot parse invalid wire-format data", { cause: new RangeError(detail) });
}

export function truncated(wanted: number, pos: number, end: number): WireError {
  return malformed(`${wanted} bytes wanted at ${pos}, the message ends at ${end}`);
}

/** protobuf-go: errInvalidUTF8, which comes without the prefix of the others. */
export function invalidUtf8(at: number): WireError {
  return new WireError("string field contains invalid UTF-8", { cause: new RangeError(`string at ${at}`) });
}

/** A value that its field cannot hold. */
export class FieldError extends TypeError {
  override readonly name = "FieldError";
}
