// The public surface: names for applications first, then those that generated code and library authors use.
export { Client, connect } from "./client.js";
export { type Listener, Server, type ServerStats } from "./server.js";
export type { ClientOptions, Logger, ServerOptions } from "./config.js";
export type { BidiCall, BidiStream, Call, CallOptions, ClientStream, ClientStreamCall, SendStream, Source, Stub } from "./call.js";
export type { ReceiveStream } from "./receive-queue.js";
export type { HandlerContext } from "./call-context.js";
export type { Handler, Implementation } from "./registry.js";
export type { ConnectionStats } from "./connection.js";
export type { Address, Peer } from "./peer.js";
export { type Handshake, requireRoot, requireSameUser, requireUidGid } from "./handshake.js";
export type { InterceptedCall, Interceptor, StreamCall, UnaryCall } from "./interceptor.js";
export { Metadata, type MetadataInit } from "./metadata.js";
export { type ContextKey, contextKey, ContextValues } from "./context.js";
export {
  ClosedError,
  Code,
  type ErrorDetail,
  OversizedMessageError,
  ProtocolError,
  ServerClosedError,
  StreamClosedError,
  StreamFullError,
  TtrpcError,
  type TtrpcErrorOptions,
} from "./errors.js";

export {
  bidi,
  clientStream,
  defineService,
  type In,
  type Method,
  type MethodKind,
  type Methods,
  type Out,
  serverStream,
  type Service,
  unary,
} from "./services.js";
export type { AnyMessageType, MessageType } from "./codec.js";
export { Reader } from "./wire/reader.js";
export { Writer } from "./wire/writer.js";
