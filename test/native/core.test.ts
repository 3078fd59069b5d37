// What shows nowhere in JavaScript: programs of native/test, built with the system's compiler.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ROOT } from "../support/root.js";

const folder = mkdtempSync(join(tmpdir(), "ttrpc-core-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Why there is no compiler, or false. */
function skipCompiler(): string | false {
  if (spawnSync("c++", ["--version"]).status === 0) return false;
  if (process.env["CI"] === "true") throw new Error("c++ is not installed, and CI needs it: native/test is part of the suite");
  return "c++ is not installed: the tests in C++ are left out";
}

const programs: readonly (readonly [what: string, name: string, ...sources: string[]])[] = [
  ["polls after as many wake-ups as it should", "poll_policy_test"],
  ["makes vsock addresses of the right bytes", "address_test", "native/io/address.cc"],
];

describe("native code", { skip: skipCompiler() }, () => {
  for (const [what, name, ...sources] of programs) {
    it(what, () => {
      const program = join(folder, name);
      const files = [`native/test/${name}.cc`, ...sources].map((source) => join(ROOT, source));
      const build = spawnSync("c++", ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", join(ROOT, "native"), "-o", program, ...files], { encoding: "utf8" });
      assert.equal(build.status, 0, build.stderr);
      const run = spawnSync(program, { encoding: "utf8" });
      assert.deepEqual([run.status, run.stderr], [0, ""]);
    });
  }
});
