// Makes the prebuilt addon of this platform, checks what it needs and exports, and writes prebuilds/MANIFEST.json.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

// Not above what Node's own binaries need: then the addon loads wherever Node does.
const LIMITS = { GLIBC: "2.28", GLIBCXX: "3.4.21", CXXABI: "1.3.11" };
const EXPORTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** A hash over everything a prebuilt addon is made of: a different one in the manifest means a stale prebuild. */
export function sourcesSha256(directory = root) {
  const parts = readdirSync(join(directory, "native"), { recursive: true })
    .map(String)
    .filter((name) => /\.(cc|h)$|^sources\.txt$|^exports\.map$/.test(name) && !name.startsWith("test/"))
    .map((name) => join("native", name));
  const hash = createHash("sha256");
  for (const name of [...parts, "binding.gyp"].sort()) {
    hash.update(`${name}\0${sha256(readFileSync(join(directory, name)))}\n`);
  }
  return hash.digest("hex");
}

function newer(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const at = left.findIndex((part, index) => part !== (right[index] ?? 0));
  return at >= 0 && left[at] > (right[at] ?? 0);
}

/** What is wrong with a built addon, as sentences. */
export function problems(file) {
  const symbols = execFileSync("readelf", ["-W", "--dyn-syms", file], { encoding: "utf8" });
  const found = [];
  for (const [, library, version] of symbols.matchAll(/@(GLIBC|GLIBCXX|CXXABI)_([0-9.]+)/g)) {
    if (newer(version, LIMITS[library])) found.push(`needs ${library} ${version}, allowed is ${LIMITS[library]}`);
  }
  const exported = symbols
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => ["GLOBAL", "WEAK"].includes(columns[4]) && columns[6] !== "UND")
    .map((columns) => columns[7])
    .sort();
  if (exported.join() !== EXPORTS.join()) found.push(`exports ${exported.join(", ") || "nothing"}`);
  return [...new Set(found)];
}

function build() {
  const prefix = resolve(process.execPath, "../..");
  const env = { ...process.env, TTRPC_SANITIZE: "" };
  if (existsSync(join(prefix, "include/node/node_api.h"))) env.npm_config_nodedir = prefix;
  const prebuildify = join(dirname(require.resolve("prebuildify/package.json")), "bin.js");
  // prebuildify asks the PATH for node-gyp.
  env.PATH = `${join(root, "node_modules/.bin")}:${env.PATH}`;
  const options = ["--napi", "--strip", "--tag-libc"];
  const { status } = spawnSync(process.execPath, [prebuildify, ...options], { cwd: root, env, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

function main() {
  build();
  const folder = join(root, "prebuilds", `${process.platform}-${process.arch}`);
  const manifestFile = join(root, "prebuilds", "MANIFEST.json");
  const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, "utf8")) : {};
  const toolchain = execFileSync(process.env.CXX ?? "c++", ["--version"], { encoding: "utf8" }).split("\n", 1)[0];
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".node"))) {
    const file = join(folder, name);
    const found = problems(file);
    if (found.length > 0) {
      console.error(`${relative(root, file)}: ${found.join("; ")}`);
      process.exit(1);
    }
    const data = readFileSync(file);
    manifest[relative(join(root, "prebuilds"), file)] = {
      sha256: sha256(data),
      bytes: data.length,
      toolchain,
      sourcesSha256: sourcesSha256(),
    };
    console.log(`${relative(root, file)}: ${data.length} bytes`);
  }
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
