// Joins the compiled modules into one file per entry and one for what entries share: loading 60 modules one by one costs a
// process 25 ms at its start, loading two costs 8 (docs/performance.md, "Start-up").
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.values(exports)
  .filter((entry) => typeof entry === "object")
  .map(({ types }) => join(root, types.replace(/\.d\.ts$/, ".js")));

rmSync(join(root, "dist/bundle"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  chunkNames: "shared-[hash]",
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
});
