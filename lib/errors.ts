// Every error a user sees has a gRPC code. Go: errors.go, and convertCode in services.go.
import type { MessageType } from "./codec.js";
import { Reader } from "./wire/reader.js";

/** gRPC status codes, the numbers of google.rpc.Code. */
export const Code = {
  Ok: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;
/** One of `Code`'s numbers. A peer may send others: they are kept as they came. */
export type Code = (typeof Code)[keyof typeof Code];

/** A google.protobuf.Any beside an error: more about it, in a message of `typeUrl`'s type. */
export interface ErrorDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export interface TtrpcErrorOptions {
  readonly cause?: unknown;
  readonly details?: readonly ErrorDetail[];
}

/** Each class's mark on its prototype: `instanceof` then works across two copies of this package in one process. */
const brand = Symbol.for("ttrpc.error");

function ownBrand(prototype: object): unknown {
  return Object.hasOwn(prototype, brand) ? (prototype as Record<symbol, unknown>)[brand] : undefined;
}

const noDetails: readonly ErrorDetail[] = [];

/**
 * A failed call. Throw one in a handler to choose what the caller sees; anything else that is thrown is mapped by
 * `TtrpcError.from`. Go: status.Error(code, message).
 */
export class TtrpcError extends Error {
  readonly code: Code;
  /** Details of google.rpc.Status, undecoded; `findDetails` decodes those of one type. */
  readonly details: readonly ErrorDetail[];

  constructor(code: Code, message: string, options?: TtrpcErrorOptions) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options?.details ?? noDetails;
  }

  /** The details that are messages of `type`, with or without a `type.googleapis.com/` before the name. */
  findDetails<T extends object>(type: MessageType<T, never>): T[] {
    return this.details
      .filter(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf("/") + 1) === type.typeName)
      .map(({ value }) => type.decode(new Reader(value), value.length));
  }

  /**
   * The error as a call ends with it. Go's mapping: a status stays, an error caused by one takes its code, system
   * errors take the code of their meaning (ENOENT: NotFound), cancellation is Canceled, the rest is `fallback`.
   */
  static from(reason: unknown, fallback: Code = Code.Unknown): TtrpcError {
    try {
      if (reason instanceof TtrpcError) return reason;
      if (!(reason instanceof Error)) return new TtrpcError(fallback, describe(reason), { cause: reason });
      for (let cause: unknown = reason.cause, depth = 0; cause instanceof Error && depth < 16; cause = cause.cause, depth++) {
        if (cause instanceof TtrpcError) return new TtrpcError(cause.code, describe(reason.message), { cause: reason, details: cause.details });
      }
      return new TtrpcError(codeOf(reason) ?? fallback, describe(reason.message), { cause: reason });
    } catch {
      // What is thrown may be anything, even something that throws when it is looked at.
      return new TtrpcError(fallback, "an error that cannot be read", { cause: reason });
    }
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const own = ownBrand(this.prototype);
    // A class that an application derives has no mark of its own: the ordinary rule holds for it.
    if (own === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    for (let at: unknown = value; typeof at === "object" && at !== null; at = Object.getPrototypeOf(at)) {
      if (ownBrand(at) === own) return true;
    }
    return false;
  }
}

/** The connection is closed, by either side, or has no stream ids left. Go: ErrClosed. */
export class ClosedError extends TtrpcError {
  /** Whether the request surely never left this process: such a call can be made again elsewhere without being made twice. */
  readonly unsent: boolean;

  constructor(message = "ttrpc: closed", options?: TtrpcErrorOptions & { readonly unsent?: boolean }) {
    super(Code.Unavailable, message, options);
    this.unsent = options?.unsent ?? false;
  }
}

/** The server is closed or shutting down. Go: ErrServerClosed. */
export class ServerClosedError extends TtrpcError {
  constructor(message = "ttrpc: server closed", options?: TtrpcErrorOptions) {
    super(Code.Unavailable, message, options);
  }
}

/** The stream is closed for what was tried: sending after `closeSend` or after its end. Go: ErrStreamClosed. */
export class StreamClosedError extends TtrpcError {
  constructor(message = "ttrpc: stream closed", options?: TtrpcErrorOptions) {
    super(Code.FailedPrecondition, message, options);
  }
}

/** Nobody read the stream: its buffer stayed full for `streamStallMs`. Go: ErrStreamFull. */
export class StreamFullError extends TtrpcError {
  constructor(message = "ttrpc: stream buffer full", options?: TtrpcErrorOptions) {
    super(Code.ResourceExhausted, message, options);
  }
}

/** The peer broke the protocol on this call. Go: ErrProtocol. */
export class ProtocolError extends TtrpcError {
  constructor(message = "protocol error", options?: TtrpcErrorOptions) {
    super(Code.Internal, message, options);
  }
}

/** A message over the limit. Refused before anything is written, or discarded on arrival. Go: OversizedMessageErr. */
export class OversizedMessageError extends TtrpcError {
  readonly rejectedBytes: number;
  readonly maximumBytes: number;

  constructor(rejectedBytes: number, maximumBytes: number, options?: TtrpcErrorOptions & { readonly message?: string }) {
    super(Code.ResourceExhausted, options?.message ?? `message of ${rejectedBytes} bytes exceeds the ${maximumBytes} byte limit`, options);
    this.rejectedBytes = rejectedBytes;
    this.maximumBytes = maximumBytes;
  }
}

// Named here, not by `type.name`: bundlers rename classes.
const classes = { TtrpcError, ClosedError, ServerClosedError, StreamClosedError, StreamFullError, ProtocolError, OversizedMessageError };
for (const [name, type] of Object.entries(classes)) {
  Object.defineProperty(type.prototype, brand, { value: name });
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}

/** What a peer is told of a message that is too large. Go: OversizedMessageError's text. */
export function oversizeText(rejectedBytes: number, maximumBytes: number): string {
  return `message length ${rejectedBytes} exceed maximum message size of ${maximumBytes}`;
}

/**
 * The code that a peer is told. An application can put anything into an error; what is no int32 would arrive as 0, and 0 is success
 * with an empty message.
 */
export function codeForPeer({ code }: TtrpcError): number {
  return typeof code === "number" && code === (code | 0) && code !== Code.Ok ? code : Code.Unknown;
}

/** The text that a peer is told, whatever has become of `message`. */
export function textForPeer(error: TtrpcError): string {
  try {
    return describe(error.message);
  } catch {
    return "an error that cannot be read";
  }
}

/** Go: context.DeadlineExceeded. `cause`: what the time went by with. */
export function deadlineExceeded(cause?: unknown): TtrpcError {
  return new TtrpcError(Code.DeadlineExceeded, "context deadline exceeded", { cause });
}

/** Go: context.Canceled. The caller's reason is kept as `cause`. */
export function canceled(reason?: unknown): TtrpcError {
  return new TtrpcError(Code.Canceled, "context canceled", reason === undefined ? undefined : { cause: reason });
}

const systemCodes: Readonly<Record<string, Code>> = {
  EEXIST: Code.AlreadyExists,
  ENOTEMPTY: Code.AlreadyExists,
  ENOENT: Code.NotFound,
  EACCES: Code.PermissionDenied,
  EPERM: Code.PermissionDenied,
};

/** Go: convertCode, with Node's errors for Go's. */
function codeOf(error: Error): Code | undefined {
  if (error.name === "AbortError") return Code.Canceled;
  if (error.name === "TimeoutError") return Code.DeadlineExceeded;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && Object.hasOwn(systemCodes, code) ? systemCodes[code] : undefined;
}

function describe(reason: unknown): string {
  try {
    return String(reason);
  } catch {
    return Object.prototype.toString.call(reason);
  }
}
