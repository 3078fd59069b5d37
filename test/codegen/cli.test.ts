// `ttrpc gen` as a user runs it: what it writes, what it says, and its exit codes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { outputPath } from "#lib/cli/output.js";
import { ROOT } from "../support/root.js";
import { folderWith, read, TTRPC, ttrpc, write } from "./programs.js";

const echo = `syntax = "proto3";
package demo.v1;
import "google/protobuf/timestamp.proto";
import "demo/types.proto";
// What is echoed.
message EchoRequest { string text = 1; int64 count = 2; map<string, string> labels = 3; Kind kind = 4; google.protobuf.Timestamp at = 5; }
message EchoResponse { string text = 1; }
service Echo { rpc Echo(EchoRequest) returns (EchoResponse); }
`;
const types = `syntax = "proto3";
package demo.v1;
enum Kind { KIND_UNSPECIFIED = 0; KIND_LOUD = 1; }
`;
const project = (): string => folderWith({ "proto/demo/echo.proto": echo, "proto/demo/types.proto": types });

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

describe("ttrpc", () => {
  const here = folderWith({});

  it("prints its version and its help", () => {
    for (const flag of ["--version", "-v"]) assert.deepEqual(ttrpc(here, flag), { code: 0, stdout: `ttrpc ${version}\n`, stderr: "" });
    for (const flag of ["--help", "-h", "help"]) {
      const { code, stdout, stderr } = ttrpc(here, flag);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^usage: ttrpc COMMAND/);
      assert.match(stdout, /\n {2}gen {9}/);
    }
    const { code, stdout, stderr } = ttrpc(here);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^usage: ttrpc COMMAND/);
  });

  it("ends where the system refuses a folder", () => {
    const at = folderWith({ "a.proto": types });
    const { code, stderr } = ttrpc(at, "gen", "--out", "/proc/ttrpc/nothing", "a.proto");
    assert.equal(code, 1);
    assert.match(stderr, /cannot write \/proc\/ttrpc\/nothing\/a_ttrpc\.ts: ENOENT/);
  });

  it("prints a command's help", () => {
    const asked = ttrpc(here, "help", "gen");
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /^usage: ttrpc gen /);
    for (const flags of [["--help"], ["-h"], ["--out", "x", "--help", "a.proto"]]) assert.deepEqual(ttrpc(here, "gen", ...flags), asked);
    for (const line of asked.stdout.split("\n")) assert.ok(line.length <= 120, line);
  });

  const wrong: [args: string[], message: string][] = [
    [["gne"], 'unknown command "gne" (did you mean "gen"?). "ttrpc --help" lists what there is'],
    [["frobnicate"], 'unknown command "frobnicate". "ttrpc --help" lists what there is'],
    [["--versoin"], 'unknown flag "--versoin" (did you mean "--version"?). "ttrpc --help" lists what there is'],
    [["help", "genn"], 'unknown command "genn" (did you mean "gen"?). "ttrpc --help" lists what there is'],
    [["gen", "--imprt-ext", ".ts", "a.proto"], 'unknown flag "--imprt-ext" (did you mean "--import-ext"?)'],
    [["gen", "-x", "a.proto"], 'unknown flag "-x"'],
    [["gen", "--int64", "long", "a.proto"], '--int64: "long" is none of bigint, number, string'],
    [["gen", "--int64=strin", "a.proto"], '--int64: "strin" is none of bigint, number, string (did you mean "string"?)'],
    [["gen", "--json=1", "a.proto"], '--json: "1" is neither true nor false'],
    [["gen", "--check=1", "a.proto"], '--check takes no value, and "1" is given'],
    [["gen", "a.proto", "--out"], "--out needs a value"],
    [["gen", "--out", "--check"], "--out needs a value; if it is --check, write --out=--check"],
    [["gen", "--check", "--watch", "a.proto"], "--check and --watch do not go together"],
    [["gen", "--messages-module", "m", "a.proto"], "a messages module is only used with messages protobufjs, and messages is ttrpc"],
    [["gen"], 'no files are named, and there is no ttrpc.config.json here. "ttrpc help gen" explains both'],
    [["gen", "--config", "none.json"], "cannot read none.json: ENOENT: no such file or directory, open '"],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: ttrpc ${args.join(" ")}`, () => {
      const { code, stdout, stderr } = ttrpc(here, ...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.equal(stderr.slice(0, message.length + 7), `ttrpc: ${message}`);
    });
  }
});

describe("ttrpc gen", () => {
  it("writes the files named and those they import, and only what changed", () => {
    const folder = project();
    const first = ttrpc(folder, "gen", "-I", "proto", "proto/demo/echo.proto");
    assert.deepEqual([first.code, first.stdout], [0, ""]);
    assert.match(first.stderr, /^generated 2 files \(\d+\.\d KB\) in \d+ ms, 2 changed\n$/);
    const generated = read(join(folder, "gen"));
    assert.deepEqual(Object.keys(generated), ["demo/echo_ttrpc.ts", "demo/types_ttrpc.ts"]);
    assert.match(generated["demo/echo_ttrpc.ts"] ?? "", /export interface EchoRequest \{/);

    const old = new Date(1_000_000_000_000);
    utimesSync(join(folder, "gen/demo/echo_ttrpc.ts"), old, old);
    write(folder, { "gen/demo/types_ttrpc.ts": "// stale", "gen/other.ts": "// not ours" });
    assert.match(ttrpc(folder, "gen", "-Iproto", "demo/echo.proto").stderr, / 1 changed\n$/);
    assert.deepEqual(read(join(folder, "gen")), { ...generated, "other.ts": "// not ours" });
    assert.equal(statSync(join(folder, "gen/demo/echo_ttrpc.ts")).mtimeMs, old.getTime());
  });

  it("writes only the files named with --no-imports, where --out says, quietly with --quiet", () => {
    const folder = project();
    assert.deepEqual(ttrpc(folder, "gen", "-I=proto", "--no-imports", "--out", "a/b", "--quiet", "proto/demo/echo.proto"), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(Object.keys(read(join(folder, "a"))), ["b/demo/echo_ttrpc.ts"]);
  });

  it("takes globs and folders", () => {
    const folder = project();
    for (const name of ["proto/**/*.proto", "proto", join(folder, "proto/demo/*.proto")]) {
      assert.equal(ttrpc(folder, "gen", "-I", "proto", "--check", name).stdout, "gen/demo/echo_ttrpc.ts: missing\ngen/demo/types_ttrpc.ts: missing\n");
    }
    assert.deepEqual(ttrpc(folder, "gen", "none/*.proto"), { code: 1, stdout: "", stderr: "ttrpc: no .proto file matches none/*.proto\n" });
  });

  it("checks without writing", () => {
    const folder = project();
    const args = ["gen", "--check", "-I", "proto", "proto/demo/echo.proto"];
    assert.deepEqual(ttrpc(folder, ...args), {
      code: 1,
      stdout: "gen/demo/echo_ttrpc.ts: missing\ngen/demo/types_ttrpc.ts: missing\n",
      stderr: "checked 2 files, 2 not up to date\n",
    });
    assert.deepEqual(read(join(folder, "gen")), {});
    ttrpc(folder, "gen", "-I", "proto", "proto/demo/echo.proto");
    assert.deepEqual(ttrpc(folder, ...args), { code: 0, stdout: "", stderr: "checked 2 files, all up to date\n" });
    write(folder, { "gen/demo/types_ttrpc.ts": "" });
    assert.deepEqual(ttrpc(folder, ...args, "--quiet"), { code: 1, stdout: "gen/demo/types_ttrpc.ts: differs\n", stderr: "" });
  });

  it("goes on when nobody reads its list", async () => {
    const folder = project();
    const child = spawn(process.execPath, [TTRPC, "gen", "--check", "-I", "proto", "proto"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    assert.equal(await new Promise((resolve) => child.once("close", resolve)), 1);
    assert.equal(stderr, "checked 2 files, 2 not up to date\n");
  });

  it("tells mistakes with their places, all of them, and then writes nothing", () => {
    const folder = project();
    write(folder, { "proto/demo/bad.proto": 'syntax = "proto3";\nmessage A {\n  Nowhere x = 1;\n  string y = 1;\n}\n' });
    const { code, stdout, stderr } = ttrpc(folder, "gen", "-I", "proto", "proto");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^proto\/demo\/bad\.proto:3:\d+: .*Nowhere/m);
    assert.match(stderr, /^proto\/demo\/bad\.proto:4:\d+: /m);
    assert.deepEqual(read(join(folder, "gen")), {});
    assert.match(ttrpc(folder, "gen", "none.proto").stderr, /none\.proto/);
    assert.equal(ttrpc(folder, "gen", "none.proto").code, 1);
  });

  it("warns once", () => {
    const file = (name: string): string =>
      `syntax = "proto3";\nimport "gogoproto/gogo.proto";\nmessage ${name} { string x = 1 [(gogoproto.customname) = "X"]; }\n`;
    const folder = folderWith({ "a.proto": file("A"), "b.proto": file("B") });
    const { code, stderr } = ttrpc(folder, "gen", "a.proto", "b.proto");
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/^warning: /gm)?.length, 1, stderr);
    assert.match(stderr, /^warning: .*gogoproto\/gogo\.proto/m);
  });

  it("leaves ignored imports out", () => {
    const folder = project();
    write(folder, {
      "proto/demo/echo.proto": 'syntax = "proto3";\nimport "opts/opts.proto";\nmessage A { string x = 1; }\n',
      "proto/opts/opts.proto": 'syntax = "proto3";\nmessage O {}\n',
    });
    ttrpc(folder, "gen", "-I", "proto", "--ignore-import", "opts/**", "demo/echo.proto");
    assert.deepEqual(Object.keys(read(join(folder, "gen"))), ["demo/echo_ttrpc.ts"]);
  });

  it("never writes outside its folder", () => {
    const folder = project();
    mkdirSync(join(folder, "elsewhere"));
    mkdirSync(join(folder, "gen"));
    symlinkSync("../elsewhere", join(folder, "gen/demo"));
    const { code, stderr } = ttrpc(folder, "gen", "-I", "proto", "proto");
    assert.equal(code, 1);
    assert.equal(stderr, "ttrpc: gen/demo is a link that leads out of gen: nothing is written there\n");
    assert.deepEqual(read(join(folder, "elsewhere")), {});
    for (const name of ["../a.ts", "/a.ts", "a/../../b.ts", "", "a\\b.ts"]) {
      assert.throws(() => outputPath({ out: "/x", name, content: "" }), { name: "FailureError" }, name);
    }
  });

  it("generates nothing for what comes with ttrpc, even if named, and all else below google/protobuf", () => {
    const folder = folderWith({
      "google/protobuf/any.proto": readFileSync(join(ROOT, "proto/google/protobuf/any.proto"), "utf8"),
      "google/rpc/status.proto": readFileSync(join(ROOT, "proto/google/rpc/status.proto"), "utf8"),
      "google/protobuf/test_messages.proto": 'syntax = "proto3"; package p; import "google/rpc/status.proto"; message M { google.rpc.Status s = 1; }',
      "user.proto": 'syntax = "proto3"; import "google/protobuf/test_messages.proto"; message U { p.M m = 1; }',
    });
    assert.equal(ttrpc(folder, "gen", "google", "user.proto").code, 0);
    const generated = read(join(folder, "gen"));
    assert.deepEqual(Object.keys(generated), ["google/protobuf/test_messages_ttrpc.ts", "user_ttrpc.ts"]);
    assert.match(generated["google/protobuf/test_messages_ttrpc.ts"] ?? "", /from "ttrpc\/wkt\/google\/rpc\/status";/);
    assert.match(generated["user_ttrpc.ts"] ?? "", /from "\.\/google\/protobuf\/test_messages_ttrpc\.js";/);
  });

  it("says what it cannot read, without a stack", { skip: process.platform === "linux" ? false : "needs /proc" }, () => {
    const folder = project();
    symlinkSync("round.proto", join(folder, "round.proto"));
    assert.deepEqual(ttrpc(folder, "gen", "round.proto"), {
      code: 1,
      stdout: "",
      stderr: "ttrpc: ELOOP: too many symbolic links encountered, stat 'round.proto'\n",
    });
    // A file that opens and cannot be read.
    symlinkSync("/proc/self/mem", join(folder, "proto/mem.proto"));
    assert.deepEqual(ttrpc(folder, "gen", "-I", "proto", "proto"), {
      code: 1,
      stdout: "",
      stderr: "ttrpc: proto/mem.proto: cannot be read: EIO: i/o error, read\n",
    });
  });

  it("says so where it cannot write", () => {
    const folder = project();
    write(folder, { gen: "a file" });
    const { code, stderr } = ttrpc(folder, "gen", "-I", "proto", "proto");
    assert.equal(code, 1);
    assert.match(stderr, /^ttrpc: cannot write gen\/demo\/echo_ttrpc\.ts: /);
  });
});

describe("ttrpc gen with a configuration", () => {
  it("reads ttrpc.config.json of the working folder, and paths relative to the configuration", () => {
    const folder = project();
    write(folder, {
      "ttrpc.config.json": JSON.stringify({ include: ["proto"], files: ["proto/**/*.proto"], out: "src/gen", importExt: ".ts" }),
      "sub/empty": "",
    });
    assert.equal(ttrpc(folder, "gen").code, 0);
    const generated = read(join(folder, "src/gen"));
    assert.deepEqual(Object.keys(generated), ["demo/echo_ttrpc.ts", "demo/types_ttrpc.ts"]);
    assert.match(generated["demo/echo_ttrpc.ts"] ?? "", /"\.\/types_ttrpc\.ts"/);
    assert.equal(ttrpc(join(folder, "sub"), "gen", "--check", "--config", "../ttrpc.config.json").code, 0);
  });

  it("lets flags go before it", () => {
    const folder = project();
    write(folder, { "ttrpc.config.json": JSON.stringify({ include: ["proto"], files: ["proto/demo/echo.proto"], int64: "string", json: true }) });
    const args = ["gen", "--int64", "number", "--json=false", "--no-imports", "--out", "b"];
    assert.equal(ttrpc(folder, ...args).code, 0);
    ttrpc(folder, "gen", "-I", "proto", "--int64", "number", "--no-imports", "--out", "c", "demo/echo.proto");
    assert.deepEqual(read(join(folder, "b")), read(join(folder, "c")));
    // Files named: the configuration is used only when named, too.
    assert.equal(ttrpc(folder, "gen", "--config", "ttrpc.config.json", "--out", "d", "demo/types.proto").code, 0);
    assert.deepEqual(Object.keys(read(join(folder, "d"))), ["demo/types_ttrpc.ts"]);
  });

  it("generates several targets", () => {
    const folder = project();
    const targets = [{ out: "a" }, { out: "b", int64: "string" }];
    write(folder, { "ttrpc.config.json": JSON.stringify({ include: ["proto"], files: ["proto/demo/*.proto"], targets }) });
    assert.match(ttrpc(folder, "gen").stderr, /^generated 4 files /);
    assert.notEqual(read(join(folder, "a"))["demo/echo_ttrpc.ts"], read(join(folder, "b"))["demo/echo_ttrpc.ts"]);
    const together = ttrpc(folder, "gen", "--out", "c");
    assert.equal(together.code, 1);
    assert.match(together.stderr, /^ttrpc: c\/demo\/echo_ttrpc\.ts is generated twice/);
    assert.equal(ttrpc(folder, "gen", "--config", "ttrpc.config.json", "x.proto").code, 2);
  });

  it("tells its mistakes with their places", () => {
    const folder = folderWith({ "ttrpc.config.json": '{\n  "files": ["a.proto"],\n  "int46": "string"\n}\n' });
    assert.deepEqual(ttrpc(folder, "gen"), { code: 2, stdout: "", stderr: 'ttrpc.config.json:3:3: unknown key "int46" (did you mean "int64"?)\n' });
    write(folder, { "ttrpc.config.json": "{}" });
    assert.deepEqual(ttrpc(folder, "gen"), { code: 2, stdout: "", stderr: "ttrpc: a target of ttrpc.config.json names no files\n" });
  });
});
