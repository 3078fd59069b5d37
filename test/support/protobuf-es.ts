// @bufbuild/protobuf's own generator, from npm into .cache on first use: it brings a TypeScript of its own along.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { runProtoc, skipProtoc } from "./protoc.js";
import { ROOT } from "./root.js";

const VERSION = "2.17.0";
const FOLDER = join(ROOT, `.cache/protoc-gen-es-${VERSION}`);
const PLUGIN = join(FOLDER, "node_modules/.bin/protoc-gen-es");

/** Why tests that need it are skipped, or false. In CI it must be there. */
export function skipProtobufEs(): string | false {
  const protoc = skipProtoc();
  if (protoc !== false) return protoc;
  if (!existsSync(PLUGIN)) {
    mkdirSync(FOLDER, { recursive: true });
    spawnSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", FOLDER, `@bufbuild/protoc-gen-es@${VERSION}`]);
  }
  if (existsSync(PLUGIN)) return false;
  if (process.env["CI"] === "true") throw new Error("protoc-gen-es could not be installed from npm, and CI needs it");
  return "protoc-gen-es could not be installed from npm";
}

/** Writes `*_pb.ts` of `files` into `out`. */
export function makeProtobufEs(files: readonly string[], includePaths: readonly string[], out: string): void {
  const plugin = [`--plugin=protoc-gen-es=${PLUGIN}`, `--es_out=${out}`, "--es_opt=target=ts,import_extension=js"];
  runProtoc([...includePaths.map((path) => `-I${path}`), ...plugin, ...files], ROOT);
}
