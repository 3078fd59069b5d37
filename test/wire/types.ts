// The types of kinds.proto and groups.proto: reflected, and as the static module that pbjs makes of them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type protobuf from "protobufjs";
import type { ProtobufjsType } from "#lib/protobufjs.js";
import { loadProtos } from "../support/proto.js";
import { ROOT } from "../support/root.js";

const FOLDER = "test/wire";
const FILES = ["kinds.proto", "groups.proto"];
export const PACKAGE = "ttrpc.test.wire";
export type TypeName = "Kinds" | "Packed" | "Unpacked" | "Maps" | "Groups";

const root = loadProtos(FOLDER, ...FILES);

export function reflected(name: TypeName): protobuf.Type {
  return root.lookupType(`${PACKAGE}.${name}`);
}

/** A class of the static module. */
export interface StaticType extends ProtobufjsType {
  encode(message: object, writer?: object): { finish(): Uint8Array };
  decode(reader: object, length?: number): object;
  create(properties?: object): object;
}
export type StaticTypes = Readonly<Record<TypeName, StaticType>>;

/** Has pbjs make the static module, and loads it. */
export function makeStatic(...flags: string[]): StaticTypes {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-pbjs-"));
  try {
    const require = createRequire(import.meta.url);
    const pbjs = join(ROOT, "node_modules/protobufjs-cli/bin/pbjs");
    const out = join(folder, "kinds.cjs");
    // From a temporary folder only a full path finds protobufjs. A root of its own: modules of one name share their types.
    const args = [
      "-t",
      "static-module",
      "-w",
      "commonjs",
      "-r",
      out,
      "--dependency",
      require.resolve("protobufjs/minimal.js"),
      "--keep-case",
      "--no-comments",
      "--no-beautify",
      ...flags,
    ];
    execFileSync(process.execPath, [pbjs, ...args, "-o", out, ...FILES.map((file) => join(ROOT, FOLDER, file))], { stdio: ["ignore", "inherit", "inherit"] });
    return (require(out) as { ttrpc: { test: { wire: StaticTypes } } }).ttrpc.test.wire;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
