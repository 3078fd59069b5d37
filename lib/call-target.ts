// What calls are made of, apart from messages: a method of a service, as requests name it.
import { type Method, methodPath } from "./services.js";
import { requestPrefix } from "./wire/envelope.js";
import { Writer } from "./wire/writer.js";

/** A method of a service, as requests name it. */
export class CallTarget {
  readonly serviceName: string;
  readonly method: Method;
  /** "/pkg.Service/Method". */
  readonly path: string;
  /** Encoded names. */
  readonly prefix: Uint8Array;
  /** Bytes that the length of the last payload took: the guess for the next. */
  lengthWidth = 1;

  constructor(serviceName: string, method: Method) {
    this.serviceName = serviceName;
    this.method = method;
    this.path = methodPath(serviceName, method);
    this.prefix = requestPrefix(serviceName, method.name, new Writer());
  }
}

/** Targets of calls without a stub, kept per method: they learn the size of its messages. */
export class CallTargets {
  readonly #targets: WeakMap<Method, Map<string, CallTarget>> = new WeakMap();

  of(serviceName: string, method: Method): CallTarget {
    let byName = this.#targets.get(method);
    if (byName === undefined) this.#targets.set(method, (byName = new Map<string, CallTarget>()));
    let target = byName.get(serviceName);
    if (target === undefined) byName.set(serviceName, (target = new CallTarget(serviceName, method)));
    return target;
  }
}
