// Every test of upstream's has its mirror here, by file and by name; and a mirror whose original is gone is found, too.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { before, describe, it } from "node:test";
import { skipGo } from "../support/go.js";
import { ROOT } from "../support/root.js";

const MIRRORS = join(ROOT, "test/upstream");

/** Upstream's sources: the version that the Go peers are built with, from Go's module cache. */
function upstreamFolder(): string {
  const out = execFileSync("go", ["mod", "download", "-json", "github.com/containerd/ttrpc"], { cwd: join(ROOT, "test/peers/go"), encoding: "utf8" });
  return (JSON.parse(out) as { Dir: string }).Dir;
}

function filesBelow(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(suffix))
    .map((path) => relative(folder, join(folder, path)).replaceAll("\\", "/"))
    .sort();
}

/** "stream_full_test.go" is mirrored by "stream-full.test.ts". */
function mirrorOf(goFile: string): string {
  return goFile.replace(/_test\.go$/, ".test.ts").replaceAll("_", "-");
}

function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] as string);
}

/** Tests, then the sub-tests that have a literal name. */
const goNames = (text: string): string[] => [...names(text, /^func (Test\w*)\(\w+ \*testing\.T\)/gm), ...names(text, /^\s*t\.Run\("([^"]+)"/gm)];
/** Calls at the start of a line: what is commented out, or skipped by `it.skip`, does not count. */
const ourNames = (text: string): string[] => names(text, /^\s*(?:it|describe)\("([^"]+)"/gm);

describe("upstream's tests", { skip: skipGo() }, () => {
  let folder: string;
  let goFiles: string[];
  const goText = (file: string): string => readFileSync(join(folder, file), "utf8");
  const ourText = (file: string): string => readFileSync(join(MIRRORS, file), "utf8");
  before(() => {
    folder = upstreamFolder();
    goFiles = filesBelow(folder, "_test.go");
  });

  it("are found", () => {
    const all = goFiles.flatMap((file) => goNames(goText(file)));
    // Less would mean that this file cannot read Go's any more.
    assert.ok(goFiles.length >= 10 && all.length >= 40, `${all.length} tests in ${goFiles.length} files`);
    for (const one of ["TestServer", "TestStreamingService", "EchoNullStream", "Test_MethodFullNameGeneration"]) assert.ok(all.includes(one), one);
  });

  it("each has a mirror of its name, in the file of its name", () => {
    const missing = goFiles.flatMap((file) => {
      const mirror = mirrorOf(file);
      const ours = existsSync(join(MIRRORS, mirror)) ? ourNames(ourText(mirror)) : [];
      return goNames(goText(file))
        .filter((name) => !ours.includes(name))
        .map((name) => `${file}: ${name}`);
    });
    assert.deepEqual(missing, []);
  });

  it("mirror nothing that is not there", () => {
    const known = new Set(goFiles.flatMap((file) => goNames(goText(file)).map((name) => `${mirrorOf(file)} ${name}`)));
    const stale = filesBelow(MIRRORS, ".test.ts")
      .filter((file) => file !== "coverage.test.ts")
      .flatMap((file) =>
        ourNames(ourText(file))
          // "TestX, and a case of ours" belongs to TestX.
          .map((name) => /^Test\w*/.exec(name)?.[0])
          .filter((name) => name !== undefined && !known.has(`${file} ${name}`))
          .map((name) => `${file}: ${name}`),
      );
    assert.deepEqual(stale, []);
  });

  it("run: no mirror is left out by a word", () => {
    for (const file of filesBelow(MIRRORS, ".test.ts")) {
      if (file !== "coverage.test.ts") assert.doesNotMatch(ourText(file), /\.(?:skip|todo|only)\(|\b(?:skip|todo|only): true/, file);
    }
  });
});
