// The same .proto files through protobufjs: reflected types, to hold generated code against.
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import protobuf from "protobufjs";
import type { Message } from "#lib/codegen/ir.js";
import { ROOT } from "../support/root.js";
import type { Sources } from "./generated.js";

/** An import by its name: in the include paths, else among what protobufjs and this repository bring along. */
function find(name: string, includePaths: readonly string[]): string | undefined {
  if (isAbsolute(name)) return name;
  const folders = [...includePaths, join(ROOT, "proto"), join(ROOT, "node_modules/protobufjs")];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** protobufjs's root over the files; field names as in the .proto. Imports that nobody has are left out. */
export function reflect({ includePaths, files }: Sources): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => find(target, includePaths) ?? null;
  root.loadSync([...files], { keepCase: true });
  root.resolveAll();
  return root;
}

/** Looks types up by the intermediate form's messages. */
export function reflectedTypes(root: protobuf.Root): (type: Message) => protobuf.Type {
  const known = new Map<Message, protobuf.Type>();
  return (type) => {
    let found = known.get(type);
    if (found === undefined) known.set(type, (found = root.lookupType(`.${type.typeName}`)));
    return found;
  };
}
