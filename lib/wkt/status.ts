// google.rpc.Status and TtrpcError: the same, as a message and as an exception.
import { Code, TtrpcError } from "../errors.js";
import type { Status, StatusInit } from "./google/rpc/status_ttrpc.js";

/** An error as a Status, with its details. What is no TtrpcError is mapped as when a handler throws it. */
export function statusFromError(error: unknown): Status {
  const { code, message, details } = TtrpcError.from(error);
  return { code, message, details: details.map(({ typeUrl, value }) => ({ typeUrl, value })) };
}

/** The error that a Status stands for, undefined for success. `findDetails` decodes its details. */
export function errorFromStatus(status: StatusInit): TtrpcError | undefined {
  const { code = 0, message = "", details = [] } = status;
  if (code === Code.Ok) return undefined;
  return new TtrpcError(code as Code, message, { details: details.map(({ typeUrl = "", value = new Uint8Array() }) => ({ typeUrl, value })) });
}
