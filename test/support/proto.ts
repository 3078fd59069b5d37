// .proto files as services, through protobufjs's reflection.
import { join } from "node:path";
import protobuf from "protobufjs";
import { type AnyMessageType, defineService, type Method, type MethodKind, type Service } from "ttrpc";
import { fromProtobufjs } from "ttrpc/protobufjs";
import { ROOT } from "./root.js";

export function loadProtos(folder: string, ...names: string[]): protobuf.Root {
  const root = new protobuf.Root();
  root
    .loadSync(
      names.map((name) => join(ROOT, folder, name)),
      { keepCase: true },
    )
    .resolveAll();
  return root;
}

function kindOf(method: protobuf.Method): MethodKind {
  if (method.requestStream === true) return method.responseStream === true ? "bidi" : "clientStream";
  return method.responseStream === true ? "serverStream" : "unary";
}

/** A reflected service as a descriptor; methods are keyed by their name with a small first letter. */
export function reflectService(root: protobuf.Root, name: string): Service {
  const methods: Record<string, Method> = {};
  for (const method of root.lookupService(name).methodsArray) {
    method.resolve();
    methods[method.name[0]?.toLowerCase() + method.name.slice(1)] = {
      kind: kindOf(method),
      name: method.name,
      input: fromProtobufjs(method.resolvedRequestType as protobuf.Type) as AnyMessageType,
      output: fromProtobufjs(method.resolvedResponseType as protobuf.Type) as AnyMessageType,
    };
  }
  return defineService(name, methods);
}
