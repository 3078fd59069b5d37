// Service descriptors, and the server's registry of implementations. Go: services.go.
import type { AnyMessageType, MessageType } from "./codec.js";

export type MethodKind = "unary" | "clientStream" | "serverStream" | "bidi";

export interface Method<I extends AnyMessageType = AnyMessageType, O extends AnyMessageType = AnyMessageType, K extends MethodKind = MethodKind> {
  readonly kind: K;
  /** As in the .proto. */
  readonly name: string;
  readonly input: I;
  readonly output: O;
}

export type Methods = Readonly<Record<string, Method>>;

/** A service as data: what the code generator writes, or `defineService` makes by hand. */
export interface Service<M extends Methods = Methods> {
  /** Full protobuf name, as "containerd.task.v2.Task": what goes over the wire. */
  readonly typeName: string;
  readonly methods: M;
}

/** What a message type decodes to. */
export type Out<T> = T extends MessageType<infer M, infer _I> ? M : never;
/** What a message type can be made from. */
export type In<T> = T extends MessageType<infer _M, infer I> ? I : never;

export function defineService<const M extends Methods>(typeName: string, methods: M): Service<M> {
  if (typeof typeName !== "string" || typeName === "") throw new TypeError("a service needs its full protobuf name");
  const seen = new Set<string>();
  for (const [key, method] of Object.entries(methods)) {
    if (typeof method?.name !== "string" || typeof method.kind !== "string") throw new TypeError(`method "${key}" of ${typeName} is no method descriptor`);
    if (seen.has(method.name)) throw new TypeError(`${typeName} has two methods named "${method.name}"`);
    seen.add(method.name);
  }
  return { typeName, methods };
}

/** One request, one response. */
export function unary<I extends AnyMessageType, O extends AnyMessageType>(name: string, input: I, output: O): Method<I, O, "unary"> {
  return { kind: "unary", name, input, output };
}

/** Many requests, one response. */
export function clientStream<I extends AnyMessageType, O extends AnyMessageType>(name: string, input: I, output: O): Method<I, O, "clientStream"> {
  return { kind: "clientStream", name, input, output };
}

/** One request, many responses. */
export function serverStream<I extends AnyMessageType, O extends AnyMessageType>(name: string, input: I, output: O): Method<I, O, "serverStream"> {
  return { kind: "serverStream", name, input, output };
}

/** Many requests, many responses. */
export function bidi<I extends AnyMessageType, O extends AnyMessageType>(name: string, input: I, output: O): Method<I, O, "bidi"> {
  return { kind: "bidi", name, input, output };
}

/** Whether the client sends a stream of messages. Go: StreamDesc.StreamingClient. */
export function clientStreams(kind: MethodKind): boolean {
  return kind === "clientStream" || kind === "bidi";
}

/** Whether the server sends a stream of messages. Go: StreamDesc.StreamingServer. */
export function serverStreams(kind: MethodKind): boolean {
  return kind === "serverStream" || kind === "bidi";
}

/** "/pkg.Service/Method". Go: UnaryServerInfo.FullMethod. */
export function methodPath(serviceName: string, method: Method): string {
  return `/${serviceName}/${method.name}`;
}

/** The name that Go's generator registers `name` under: Go's own clients call some methods by it. protogen: GoCamelCase. */
export function goMethodName(name: string): string {
  return name
    .replace(/^_(?=[a-z])/, "X_")
    .replace(/^_/, "X")
    .replace(/(^|_|\d)([a-z])/g, (_, before: string, letter: string) => (before === "_" ? "" : before) + letter.toUpperCase());
}
