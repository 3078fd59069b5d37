// Messages of another runtime as message types of ours: one adapter for each message that a service names.
import { posix } from "node:path";
import type { Message, ProtoFile } from "../ir.js";
import { nestedName, withoutExtension } from "../names.js";
import { isWellKnown, relativeModule } from "./modules.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

/** Writes the adapters that `file`'s services need, and gives the name of each. */
export function foreignMessages(file: ProtoFile, scope: Scope, out: Printer): Map<Message, string> {
  const names = new Map<Message, string>();
  const adapt = scope.options.messages === "protobuf-es" ? adaptProtobufEs : adaptProtobufjs;
  for (const { methods } of file.services) {
    for (const message of methods.flatMap(({ input, output }) => [input, output])) {
      if (names.has(message)) continue;
      const name = scope.declare(message, nestedName(message));
      names.set(message, name);
      out.line(`const ${name}: ${adapt(file, message, scope)};`);
    }
  }
  return names;
}

/** @bufbuild/protobuf: `StateRequestSchema` of shim_pb.js. */
function adaptProtobufEs(file: ProtoFile, message: Message, scope: Scope): string {
  const { path } = message.file;
  const isTheirs = isWellKnown(path) && path.startsWith("google/protobuf/");
  const schema = scope.import(
    isTheirs ? "@bufbuild/protobuf/wkt" : relativeModule(file.path, `${withoutExtension(path)}_pb`, scope.options),
    `${nestedName(message)}Schema`,
    "value",
  );
  const shape = `${scope.import("@bufbuild/protobuf", "MessageShape", "type")}<typeof ${schema}>`;
  const init = `${scope.import("@bufbuild/protobuf", "MessageInitShape", "type")}<typeof ${schema}>`;
  return `${scope.runtime("MessageType", "type")}<${shape}, ${init}> = ${scope.import("ttrpc/protobuf-es", "fromProtobufEs", "value")}(${schema})`;
}

/** A pbjs static module, one for all: `containerd.task.v2.StateRequest`, and its interface `IStateRequest`. */
function adaptProtobufjs(file: ProtoFile, message: Message, scope: Scope): string {
  const [first = "", ...rest] = message.typeName.split(".");
  const module = relativeModule(file.path, posix.normalize(scope.options.messagesModule), scope.options);
  const local = scope.import(module, first, "value");
  const path = [local, ...rest].join(".");
  const owner = [local, ...rest.slice(0, -1)].join(".");
  const init = rest.length === 0 ? scope.import(module, `I${first}`, "type") : `${owner}.I${message.name}`;
  const adapter = scope.import("ttrpc/protobufjs", "fromProtobufjs", "value");
  return `${scope.runtime("MessageType", "type")}<${path}, ${init}> = ${adapter}<${path}, ${init}>(${path}, ${JSON.stringify(message.typeName)})`;
}
