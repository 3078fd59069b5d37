// Builds the addon into build/Release/ttrpc.node, offline: with cmake-js in development, else with node-gyp.
// Options: --clean (from scratch), --sanitize=address,undefined|thread
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

const { values: options } = parseArgs({
  options: { clean: { type: "boolean", default: false }, sanitize: { type: "string", default: "" } },
});

function resolveOrNull(id) {
  try {
    return require.resolve(id);
  } catch {
    return null;
  }
}

function cmakeJs() {
  const script = resolveOrNull("cmake-js/bin/cmake-js");
  if (script === null || spawnSync("cmake", ["--version"]).status !== 0) return null;
  const sanitize = `--CDTTRPC_SANITIZE=${options.sanitize}`;
  return [script, "compile", "-d", join(root, "native"), "-O", join(root, "build"), "-l", "warn", sanitize];
}

function nodeGyp() {
  // npm tells its install scripts where its own copy is.
  const script = resolveOrNull("node-gyp/bin/node-gyp.js") ?? process.env.npm_config_node_gyp;
  return script === undefined ? null : [script, "rebuild", "--loglevel=error"];
}

const command = cmakeJs() ?? nodeGyp();
if (command === null) {
  console.error("ttrpc: neither cmake-js nor node-gyp is installed");
  process.exit(1);
}

const env = { ...process.env, TTRPC_SANITIZE: options.sanitize };
// The headers beside the running node fit it exactly, and need no download.
const prefix = resolve(process.execPath, "../..");
if (existsSync(join(prefix, "include/node/node_api.h"))) env.npm_config_nodedir = prefix;

if (options.clean) rmSync(join(root, "build"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, command, { cwd: root, env, stdio: "inherit" });
process.exit(status ?? 1);
