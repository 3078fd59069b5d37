// The main job as a user starts it: every kind of call over each channel, and a table at the end.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { channels, freePath } from "../support/channels.js";
import { ROOT } from "../support/root.js";

const run = promisify(execFile);
const example = (name: string): string => join(ROOT, "dist-test/example", name);
const columns = 5;

/** The table's row of that name, as numbers; a dash is undefined. */
function rowOf(output: string, name: string): (number | undefined)[] {
  const line = output.split("\n").find((text) => text.startsWith(`${name} `)) ?? assert.fail(`no row "${name}" in:\n${output}`);
  return line
    .slice(name.length)
    .trim()
    .split(/\s+/)
    .map((cell) => (cell === "-" ? undefined : Number(cell.replaceAll(",", ""))));
}

describe("the example", () => {
  it("runs all kinds of call over each channel and ends with a table", async () => {
    const { stdout } = await run(process.execPath, [example("main.js"), "--seconds", "0.05"], { cwd: ROOT });
    for (const channel of channels) {
      const row = rowOf(stdout, channel === "native" ? "addon" : "fallback");
      assert.equal(row.length, columns);
      for (const value of row) assert.ok(value !== undefined && value > 0, stdout);
    }
  });

  it("--connect runs the client against another server", async () => {
    const address = `unix://${freePath()}`;
    const server: ChildProcess = spawn(process.execPath, [example("server.js"), address, "node"], { stdio: ["pipe", "pipe", "inherit"] });
    await new Promise((resolve) => createInterface({ input: server.stdout as NodeJS.ReadableStream }).once("line", resolve));
    const { stdout } = await run(process.execPath, [example("main.js"), "--seconds", "0.05", "--connect", address], { cwd: ROOT });
    assert.equal(rowOf(stdout, address).length, columns);
    server.stdin?.end();
    assert.equal(await new Promise((resolve) => server.once("exit", resolve)), 0);
  });

  it("--connect to nobody is a clear error", async () => {
    const path = freePath();
    const failure = (await run(process.execPath, [example("main.js"), "--connect", path], { cwd: ROOT }).catch((error: unknown) => error)) as {
      code: number;
      stderr: string;
    };
    assert.equal(failure.code, 1);
    assert.match(failure.stderr, new RegExp(`cannot connect to ${path}: ENOENT: no such file or directory`));
  });
});
