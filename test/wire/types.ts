// The types of kinds.proto and groups.proto: reflected, and as the static module that pbjs makes of them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type protobuf from "protobufjs";
import type { ProtobufjsType } from "ttrpc/protobufjs";
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

/**
 * Has pbjs make the static module and loads it. Made under build/, from where `protobufjs/minimal` can be found.
 */
export function makeStatic(...flags: string[]): StaticTypes {
  const folder = mkdtempSync(join(ROOT, "build", "pbjs-"));
  try {
    const require = createRequire(import.meta.url);
    const pbjs = join(ROOT, "node_modules/protobufjs-cli/bin/pbjs");
    const out = join(folder, "kinds.cjs");
    // A root of its own for each module: protobufjs keeps them by name, and the second would find the first's types.
    const args = ["-t", "static-module", "-w", "commonjs", "-r", out, "--keep-case", "--no-comments", "--no-beautify", ...flags, "-o", out];
    writeFileSync(join(folder, "package.json"), "{}");
    execFileSync(process.execPath, [pbjs, ...args, ...FILES.map((file) => join(ROOT, FOLDER, file))], { stdio: ["ignore", "inherit", "inherit"] });
    const made = require(out) as { ttrpc: { test: { wire: StaticTypes } } };
    return made.ttrpc.test.wire;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
