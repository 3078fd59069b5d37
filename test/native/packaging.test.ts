// What is shipped: fresh prebuilt addons that need no more than Node itself, and an install script that never fails.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { folder, root } from "./harness.js";

interface Entry {
  readonly sha256: string;
  readonly bytes: number;
  readonly toolchain: string;
  readonly sourcesSha256: string;
}

interface Prebuild {
  sourcesSha256(): string;
  problems(file: string): string[];
}

const prebuilds = join(root, "prebuilds");
const script = (await import(pathToFileURL(join(root, "scripts/prebuild.mjs")).href)) as Prebuild;

/** Why the addons' symbols are not looked at, or false: readelf comes with compilers, which the suite must not need. In CI it must be there. */
function skipReadelf(): string | false {
  if (spawnSync("readelf", ["--version"]).status === 0) return false;
  if (process.env["CI"] === "true") throw new Error("readelf is not installed, and CI needs it: it checks what the prebuilt addons ask for");
  return "readelf is not installed: what the prebuilt addons ask for is not checked";
}

describe("prebuilt addons", () => {
  const manifest = JSON.parse(readFileSync(join(prebuilds, "MANIFEST.json"), "utf8")) as Record<string, Entry>;

  it("are all in the manifest", () => {
    const files = readdirSync(prebuilds, { recursive: true }).map(String);
    assert.deepEqual(files.filter((file) => file.endsWith(".node")).sort(), Object.keys(manifest).sort());
  });

  for (const [name, entry] of Object.entries(manifest)) {
    it(`${name} is what the manifest says, of today's sources`, () => {
      const data = readFileSync(join(prebuilds, name));
      assert.equal(data.length, entry.bytes);
      assert.equal(createHash("sha256").update(data).digest("hex"), entry.sha256);
      assert.equal(entry.sourcesSha256, script.sourcesSha256(), "stale: npm run prebuild");
    });

    it(`${name} asks for no more than allowed`, { skip: skipReadelf() }, () => {
      assert.deepEqual(script.problems(join(prebuilds, name)), []);
    });
  }
});

describe("the check of built addons", { skip: skipReadelf() }, () => {
  it("sees symbols that are too new and exports that are too many", () => {
    const found = script.problems(process.execPath.endsWith("node") ? "/bin/sh" : process.execPath);
    assert.ok(found.some((problem) => problem.startsWith("exports")));
  });
});

describe("the install script", () => {
  let packages = 0;

  /** An installed package without dependencies beside it, save for what is needed to load the addon. */
  function installed(withPrebuilds: boolean): string {
    const target = join(folder, `package-${++packages}`);
    mkdirSync(join(target, "node_modules"), { recursive: true });
    for (const name of ["scripts", "native", "binding.gyp", "package.json"]) {
      cpSync(join(root, name), join(target, name), { recursive: true });
    }
    if (withPrebuilds) cpSync(prebuilds, join(target, "prebuilds"), { recursive: true });
    symlinkSync(join(root, "node_modules/node-gyp-build"), join(target, "node_modules/node-gyp-build"));
    return target;
  }

  function install(target: string, env: Record<string, string> = {}): { output: string; status: number | null } {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(target, "scripts/install.mjs")], {
      cwd: target,
      encoding: "utf8",
      env: { PATH: "/nowhere", ...env },
    });
    return { output: stdout + stderr, status };
  }

  it("does nothing when a prebuilt addon loads", () => {
    const target = installed(true);
    assert.deepEqual(install(target), { output: "", status: 0 });
    assert.ok(!existsSync(join(target, "build")));
  });

  it("says one line and succeeds when there is neither prebuild nor compiler", () => {
    const target = installed(false);
    const line = `ttrpc: no prebuilt addon for ${process.platform}-${process.arch} and no working compiler; using the TypeScript channel\n`;
    assert.deepEqual(install(target), { output: line, status: 0 });
    assert.ok(!existsSync(join(target, "build")));
  });

  it("takes away a build that does not load, and then finds the prebuilt addon", () => {
    const target = installed(true);
    mkdirSync(join(target, "build/Release"), { recursive: true });
    writeFileSync(join(target, "build/Release/ttrpc.node"), "half a build");
    assert.deepEqual(install(target), { output: "", status: 0 });
    assert.ok(!existsSync(join(target, "build")));
  });

  it("keeps silent when no addon is wanted", () => {
    assert.deepEqual(install(installed(false), { TTRPC_NO_NATIVE: "1" }), { output: "", status: 0 });
  });
});
