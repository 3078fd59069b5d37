// System errors, as a user sees them: what was tried, on what, and why it failed.
import { util } from "../builtin.js";
import { Code, TtrpcError } from "../errors.js";

/** A Node-like system error from a negative errno. */
export function errnoError(syscall: string, errno: number): NodeJS.ErrnoException {
  const [code, text] = util().getSystemErrorMap().get(errno) ?? [`errno ${-errno}`, "unknown error"];
  return Object.assign(new Error(`${syscall} ${code}: ${text}`), { code, errno, syscall });
}

/** The error of a `connect` or `listen` that failed: NotFound, PermissionDenied and the like by cause, else Unavailable. */
export function addressError(what: "connect" | "listen", address: string, cause: Error): TtrpcError {
  const { code, errno } = cause as NodeJS.ErrnoException;
  const text = errno === undefined ? undefined : util().getSystemErrorMap().get(errno)?.[1];
  const why = code === undefined ? cause.message : text === undefined ? `${code}: ${cause.message}` : `${code}: ${text}`;
  return new TtrpcError(TtrpcError.from(cause, Code.Unavailable).code, `cannot ${what} ${what === "listen" ? "on" : "to"} ${address}: ${why}`, { cause });
}
