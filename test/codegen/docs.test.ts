// docs/codegen.md is right: its files generate, compile and run; its excerpts are what is generated; its table is the table.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseConfig } from "#lib/cli/config.js";
import { parseGenRequest } from "#lib/cli/gen-request.js";
import { defaultOptions } from "#lib/codegen/options.js";
import { configKey, optionRows, parameterName, parseParameter } from "#lib/codegen/parameters.js";
import { runBuf, runProtoc, skipBuf, skipProtoc } from "../support/protoc.js";
import { ROOT } from "../support/root.js";
import { folderWith, read, Running, write } from "./programs.js";

const text = readFileSync(join(ROOT, "docs/codegen.md"), "utf8");

interface Block {
  /** The words behind the fence: ["ts", "excerpt"]. */
  readonly words: readonly string[];
  readonly body: string;
}

const blocks: Block[] = [...text.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, words = "", body = ""]) => ({ words: words.split(" "), body }));

/** The one block that is a file of this name. */
function file(name: string): string {
  const found = blocks.filter(({ words }) => words[1] === name);
  assert.equal(found.length, 1, name);
  return found[0]?.body ?? "";
}

/** A project folder whose node_modules has this package and what it is compiled with. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = folderWith({ "package.json": '{ "type": "module" }', ...files });
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/ttrpc"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  return folder;
}

/** `npx ttrpc ARGS`: the program that the package names. */
function npxTtrpc(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ["node_modules/ttrpc/dist/bundle/cli/main.js", ...args], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function compile(folder: string): void {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
}

describe("docs/codegen.md", () => {
  it("leads from a .proto to a call", async (t) => {
    const socket = join(folderWith({}), "echo.sock");
    const source = (name: string): string => file(name).replaceAll("unix:///tmp/echo.sock", `unix://${socket}`);
    const folder = project({
      "echo.proto": file("echo.proto"),
      "server.ts": source("server.ts"),
      "client.ts": source("client.ts"),
      "tsconfig.json": file("tsconfig.json"),
    });
    npxTtrpc(folder, "gen", "echo.proto");
    assert.deepEqual(Object.keys(read(join(folder, "gen"))), ["echo_ttrpc.ts"]);
    compile(folder);
    const server = new Running(folder, join(folder, "dist/server.js"));
    t.after(() => server.child.kill("SIGKILL"));
    await server.says(/listening on .*\n/, "stdout");
    const client = spawnSync(process.execPath, ["dist/client.js"], { cwd: folder, encoding: "utf8", timeout: 20_000 });
    assert.deepEqual([client.stderr, client.stdout], ["", "you said hello\n1\n2\n3\n"]);
    server.child.kill("SIGINT");
    assert.equal(await server.exited, 0);
  });

  const plugged = (): string => {
    const folder = project({ "echo.proto": file("echo.proto"), "buf.yaml": file("buf.yaml"), "buf.gen.yaml": file("buf.gen.yaml") });
    write(folder, {
      "node_modules/.bin/protoc-gen-ttrpc-ts": `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "dist/bundle/codegen/plugin.js")}' "$@"\n`,
      // What buf must not take up.
      "node_modules/other/echo.proto": file("echo.proto"),
    });
    chmodSync(join(folder, "node_modules/.bin/protoc-gen-ttrpc-ts"), 0o755);
    npxTtrpc(folder, "gen", "--int64", "string", "--json", "--out", "expected", "echo.proto");
    return folder;
  };

  it("leads there with protoc", { skip: skipProtoc() }, () => {
    const folder = plugged();
    const args = /^PATH=\S+ protoc (.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
    mkdirSync(join(folder, "gen"));
    runProtoc([`--plugin=${join(folder, "node_modules/.bin/protoc-gen-ttrpc-ts")}`, ...args], folder);
    assert.deepEqual(read(join(folder, "gen")), read(join(folder, "expected")));
  });

  it("leads there with buf", { skip: skipBuf() }, () => {
    const folder = plugged();
    const path = process.env["PATH"];
    process.env["PATH"] = `${join(folder, "node_modules/.bin")}:${path}`;
    try {
      runBuf(["generate"], folder);
    } finally {
      process.env["PATH"] = path;
    }
    assert.deepEqual(read(join(folder, "gen")), read(join(folder, "expected")));
  });

  it("leads there over pbjs's messages", () => {
    const server = file("server.ts").replace("echo_ttrpc", "echo_service_ttrpc");
    const folder = project({ "echo.proto": file("echo.proto"), "server.ts": server, "tsconfig.json": file("tsconfig.json") });
    symlinkSync(join(ROOT, "node_modules/protobufjs"), join(folder, "node_modules/protobufjs"));
    symlinkSync(join(ROOT, "node_modules/long"), join(folder, "node_modules/long"));
    const commands = file("pbjs").replace("npx ttrpc", "node node_modules/ttrpc/dist/bundle/cli/main.js").replaceAll("npx ", "");
    const env = { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}` };
    const { status, stderr } = spawnSync("sh", ["-ec", commands], { cwd: folder, env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(Object.keys(read(join(folder, "gen"))), ["echo_service_ttrpc.ts", "messages.d.ts", "messages.js"]);
    compile(folder);
  });

  it("shows what is generated, in code that compiles and runs", () => {
    const head =
      'package demo.v1;\nimport "google/protobuf/duration.proto";\nimport "google/protobuf/timestamp.proto";\nimport "google/protobuf/wrappers.proto";\n';
    const gathered = { proto: `syntax = "proto3";\n${head}`, proto2: 'syntax = "proto2";\npackage demo.v1;\n' };
    let uses =
      'import { Container, Event, type Files, Mount, Open, Sizes, Task, Usage, Volume } from "./gen/shown_ttrpc.js";\nimport { Retry } from "./gen/shown2_ttrpc.js";\nexport type All = [Container, typeof Files, Sizes, Usage, Volume];\n';
    for (const { words, body } of blocks) {
      if (words.at(-1) === "excerpt" && words[0] === "proto") gathered.proto += body;
      if (words.at(-1) === "excerpt" && words[0] === "proto2") gathered.proto2 += body;
      if (words[1] === "use") uses += `${body}\n`;
    }
    const folder = project({ "shown.proto": gathered.proto, "shown2.proto": gathered.proto2, "use.ts": uses, "tsconfig.json": file("tsconfig.json") });
    npxTtrpc(folder, "gen", "--json", "shown.proto", "shown2.proto");
    npxTtrpc(folder, "gen", "--out", "plain", "shown.proto", "shown2.proto");
    const plain = Object.values(read(join(folder, "plain"))).join("");
    const lines = plain.split("\n").map((line) => line.trim());
    for (const { words, body } of blocks.filter(({ words: [language, second] }) => language === "ts" && second === "excerpt")) {
      let at = -1;
      for (const line of body.split("\n").map((each) => each.trim())) {
        at = lines.indexOf(line, line.startsWith("export ") ? 0 : at + 1);
        assert.ok(line === "" || at >= 0, `${words.join(" ")}: ${line}`);
      }
    }
    compile(folder);
    const { stdout, stderr } = spawnSync(process.execPath, ["dist/use.js"], { cwd: folder, encoding: "utf8" });
    assert.equal(stderr, "");
    assert.match(stdout, /^\/mnt 0\n\{ topic: '\/tasks\/start', sequenceNumber: '7' \}\n\d{4}-/);
  });

  it("has a row for each option", () => {
    const rows = new Map([...text.matchAll(/^\| `--([\w-]+)` \| `(\w+)` \| `(\w+)` \| (.*?) \| (.*?) \|/gm)].map((cells) => [cells[1], cells.slice(2)]));
    assert.deepEqual(
      [...rows.keys()],
      optionRows.map(({ flag }) => flag),
    );
    for (const row of optionRows) {
      const [parameter, key, values, preset] = rows.get(row.flag) ?? [];
      assert.deepEqual([parameter, key], [parameterName(row), configKey(row)]);
      if (row.choices !== undefined) assert.equal(values, row.choices.map((choice) => `\`${choice}\``).join(", "));
      const value = String(defaultOptions[row.key]);
      assert.equal(preset, value === "" ? "none" : `\`${value}\``, row.flag);
    }
  });

  it("has only commands, parameters and configurations that are taken", () => {
    const folder = folderWith({ "ttrpc.config.json": "{}" });
    const commands = blocks.filter(({ words }) => words[0] === "sh").flatMap(({ body }) => body.split("\n"));
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const [, args = ""] of commands.flatMap((line) => [...line.matchAll(/npx ttrpc gen ?([^#]*)/g)]))
        parseGenRequest(args.trim().replaceAll("'", "").split(/\s+/).filter(Boolean));
    } finally {
      process.chdir(before);
    }
    for (const [, parameter = ""] of text.matchAll(/--ttrpc-ts_opt=(\S+?)[ `]/g)) parseParameter(parameter);
    for (const { words, body } of blocks.filter((block) => block.words[1] === "ttrpc.config.json")) parseConfig(body, words[1] ?? "");
  });

  it("names files that are there", () => {
    const { bin, files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { bin?: Record<string, string>; files: string[] };
    assert.deepEqual(bin, { ttrpc: "./dist/bundle/cli/main.js", "protoc-gen-ttrpc-ts": "./dist/bundle/codegen/plugin.js" });
    assert.ok(text.includes(bin["protoc-gen-ttrpc-ts"]?.replace("./", "node_modules/ttrpc/") ?? "?"));
    assert.ok(files.includes("lib") && read(join(ROOT, "lib/cli"))["ttrpc.config.schema.json"] !== undefined);
    assert.ok(text.includes("node_modules/ttrpc/lib/cli/ttrpc.config.schema.json"));
  });
});
