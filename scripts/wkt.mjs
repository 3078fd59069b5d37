// Generates lib/wkt/google from proto/google with the compiled generator. They are what it reads descriptors with, so they
// are in git; a test compares them.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readProtos } from "../dist/codegen/from-files.js";
import { generate } from "../dist/codegen/generate.js";
import { wellKnownOptions } from "../dist/codegen/options.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const include = join(root, "proto");
const files = readdirSync(join(include, "google"), { recursive: true })
  .filter((name) => name.endsWith(".proto"))
  .map((name) => join(include, "google", name));
const { files: protos, wanted } = readProtos(files, { includePaths: [include] });
for (const { name, content } of generate(protos, wanted, wellKnownOptions)) {
  const path = join(root, "lib/wkt", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
