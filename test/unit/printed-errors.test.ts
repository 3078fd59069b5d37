// What a user sees of an error that nobody caught: its name, and not the file it was thrown in.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { ROOT } from "../support/root.js";

/** Runs a program of one file, and returns what it printed as it died. */
function printed(source: string): string {
  const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", source], { cwd: ROOT, encoding: "utf8" });
  assert.notEqual(status, 0);
  return stderr;
}

describe("an uncaught error", () => {
  it("is printed by its class's name", () => {
    const text = printed(`import { connect } from "ttrpc"; await connect("/nobody.sock");`);
    assert.match(text, /^TtrpcError: cannot connect to \/nobody\.sock: ENOENT: no such file or directory$/m);
  });

  it("is printed without the whole of the library's file", () => {
    const text = printed(`import { connect } from "ttrpc"; await connect("/nobody.sock");`);
    const longest = Math.max(...text.split("\n").map((line) => line.length));
    assert.ok(longest < 600, `a line of ${longest} characters: ${text.slice(0, 200)}`);
  });
});

describe("a class of the package", () => {
  it("is printed by its own name", async () => {
    const { Metadata, TtrpcError } = await import("ttrpc");
    assert.equal(Metadata.name, "Metadata");
    assert.equal(TtrpcError.name, "TtrpcError");
  });
});
