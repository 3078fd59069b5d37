// The server's services: what is registered, and how a request finds it. Go: serviceSet in services.go.
import type { Source } from "./call.js";
import type { CallContext, HandlerContext } from "./call-context.js";
import { type Interceptor, intercepts } from "./interceptor.js";
import type { ReceiveStream } from "./receive-queue.js";
import { goMethodName, type In, type Method, type MethodKind, methodPath, type Out, type Service } from "./services.js";

/** A method as it is implemented. */
export type Handler<M extends Method> = {
  unary: (request: Out<M["input"]>, context: HandlerContext) => In<M["output"]> | Promise<In<M["output"]>>;
  serverStream: (request: Out<M["input"]>, context: HandlerContext) => Source<In<M["output"]>>;
  clientStream: (requests: ReceiveStream<Out<M["input"]>>, context: HandlerContext) => In<M["output"]> | Promise<In<M["output"]>>;
  bidi: (requests: ReceiveStream<Out<M["input"]>>, context: HandlerContext) => Source<In<M["output"]>>;
}[M["kind"]];

/** Missing methods answer Unimplemented. */
export type Implementation<S extends Service> = { readonly [K in keyof S["methods"]]?: Handler<S["methods"][K]> };

/** A handler, its type forgotten: takes a message or a stream, returns one or the other. */
export type AnyHandler = (input: object, context: CallContext) => unknown;

/** One registered method. */
export interface Registered {
  readonly serviceName: string;
  readonly method: Method;
  readonly path: string;
  readonly handler: AnyHandler;
  /** Those that have something to do with this kind of call. */
  readonly interceptors: readonly Interceptor[];
  /** Bytes that the length of the last reply took: the guess for the next. */
  lengthWidth: number;
}

export class Registry {
  readonly #services: Map<string, ReadonlyMap<string, Registered>> = new Map();

  add(service: Service, implementation: Readonly<Record<string, unknown>>, interceptors: readonly Interceptor[]): void {
    const name = service?.typeName;
    if (typeof name !== "string" || typeof service.methods !== "object")
      throw new TypeError("server.service() needs a service descriptor, as generated code exports");
    if (this.#services.has(name)) throw new Error(`duplicate service ${name} registered`);
    if (typeof implementation !== "object" || implementation === null)
      throw new TypeError(`the implementation of ${name} must be an object, not ${String(implementation)}`);
    for (const key of methodNames(implementation)) {
      if (!Object.hasOwn(service.methods, key)) throw new TypeError(`${name} has no method "${key}"; there are ${Object.keys(service.methods).join(", ")}`);
    }
    const methods = new Map<string, Registered>();
    for (const [key, method] of Object.entries(service.methods)) {
      const handler = implementation[key];
      if (handler === undefined) continue;
      if (typeof handler !== "function") throw new TypeError(`${name}.${key} must be a function, not ${typeof handler}`);
      methods.set(
        method.name,
        register(name, method, (input, context) => handler.call(implementation, input, context) as unknown, interceptors),
      );
    }
    // Go's generated clients call `rpc do_it` by its Go name in streams: both names lead to the handler.
    for (const [wireName, registered] of [...methods]) {
      const alias = goMethodName(wireName);
      if (!methods.has(alias)) methods.set(alias, registered);
    }
    this.#services.set(name, methods);
  }

  methods(serviceName: string): ReadonlyMap<string, Registered> | undefined {
    return this.#services.get(serviceName);
  }
}

function register(serviceName: string, method: Method, handler: AnyHandler, all: readonly Interceptor[]): Registered {
  const interceptors = intercepts(all, interceptedAs(method.kind)) ? all : [];
  return { serviceName, method, path: methodPath(serviceName, method), handler, interceptors, lengthWidth: 1 };
}

function interceptedAs(kind: MethodKind): "unary" | "stream" {
  return kind === "unary" ? "unary" : "stream";
}

/** Own keys, or the methods of the class that `implementation` is an instance of. */
function methodNames(implementation: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(implementation);
  return prototype === Object.prototype || prototype === null ? Object.keys(implementation) : [];
}
