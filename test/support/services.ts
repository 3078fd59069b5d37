// The services that all test peers have, typed: upstream's integration and unary test services, and one of ours.
import { bidi, clientStream, defineService, type MessageType, serverStream, unary } from "ttrpc";
import { fromProtobufjs, type ProtobufjsType } from "ttrpc/protobufjs";
import { loadProtos } from "./proto.js";

export interface EchoPayload {
  seq: number;
  msg: string;
}
export interface Part {
  add: number;
}
export interface Sum {
  sum: number;
  num: number;
}
export type Empty = Record<never, never>;
export interface TestPayload {
  foo: string;
  /** protobufjs gives a Long. */
  deadline: { toNumber(): number } | bigint | number;
  metadata: string;
}

const root = loadProtos("test/proto", "streaming.proto", "peer.proto", "test.proto", "../../example/example.proto");

function type<T extends object>(name: string): MessageType<T, Partial<T>> {
  return fromProtobufjs<T>(root.lookupType(name) as ProtobufjsType, name);
}

export const EchoPayload = type<EchoPayload>("ttrpc.integration.streaming.EchoPayload");
export const Part = type<Part>("ttrpc.integration.streaming.Part");
export const Sum = type<Sum>("ttrpc.integration.streaming.Sum");
export const Empty = type<Empty>("google.protobuf.Empty");
export const TestPayload = type<TestPayload>("TestPayload");

/** Upstream's integration service. */
export const Streaming = defineService("ttrpc.integration.streaming.Streaming", {
  echo: unary("Echo", EchoPayload, EchoPayload),
  echoStream: bidi("EchoStream", EchoPayload, EchoPayload),
  sumStream: clientStream("SumStream", Part, Sum),
  divideStream: serverStream("DivideStream", Sum, Part),
  echoNull: clientStream("EchoNull", EchoPayload, Empty),
  echoNullStream: bidi("EchoNullStream", EchoPayload, Empty),
  emptyPayloadStream: serverStream("EmptyPayloadStream", Empty, EchoPayload),
});

/** Upstream's unary test service. */
export const Test = defineService("testService", { test: unary("Test", TestPayload, TestPayload) });

/** Upstream's example service. */
const Method1Request = type<{ foo: string; bar: string }>("ttrpc.example.v1.Method1Request");
const Method1Response = type<{ foo: string; bar: string }>("ttrpc.example.v1.Method1Response");
export const Example = defineService("ttrpc.example.v1.Example", {
  method1: unary("Method1", Method1Request, Method1Response),
  method2: unary("Method2", Method1Request, Empty),
});

/** Ours. */
export const Peer = defineService("ttrpc.test.Peer", {
  fail: unary("Fail", EchoPayload, EchoPayload),
  sleep: unary("Sleep", EchoPayload, EchoPayload),
  metadata: unary("Metadata", EchoPayload, EchoPayload),
  blob: unary("Blob", EchoPayload, EchoPayload),
  nil: unary("Nil", EchoPayload, EchoPayload),
  plainError: unary("PlainError", EchoPayload, EchoPayload),
  die: unary("Die", EchoPayload, EchoPayload),
  deadline: unary("Deadline", EchoPayload, EchoPayload),
  count: serverStream("Count", EchoPayload, EchoPayload),
  failAfter: serverStream("FailAfter", EchoPayload, EchoPayload),
  collect: clientStream("Collect", EchoPayload, EchoPayload),
  echo2: bidi("Echo2", EchoPayload, EchoPayload),
  hold: bidi("Hold", EchoPayload, EchoPayload),
});
