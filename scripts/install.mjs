// npm's install script: makes sure that an addon loads if this machine can have one. Never fails: without the addon the
// package works through its TypeScript channel.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");

// In a process of its own: an addon made for another machine may do worse than throw.
function loads() {
  const script = "require('node-gyp-build')(process.argv[1])";
  return spawnSync(process.execPath, ["-e", script, root], { cwd: root, stdio: "ignore" }).status === 0;
}

function compiles() {
  if (process.platform !== "linux") return false; // the sources are for Linux
  spawnSync(process.execPath, [join(here, "build-native.mjs")], { cwd: root, stdio: "ignore" });
  if (loads()) return true;
  // No half a build: it would hide a prebuilt addon from the loader.
  rmSync(join(root, "build"), { recursive: true, force: true });
  return loads();
}

const fromSource = process.env.npm_config_build_from_source === "true";
if (["", "0"].includes(process.env.TTRPC_NO_NATIVE ?? "") && (fromSource || !loads()) && !compiles()) {
  const platform = `${process.platform}-${process.arch}`;
  console.log(`ttrpc: no prebuilt addon for ${platform} and no working compiler; using the TypeScript channel`);
}
