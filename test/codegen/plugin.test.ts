// `protoc-gen-ttrpc-ts` as protoc and buf run it: the protocol's rules, and the same bytes as `ttrpc gen`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import { CodeGeneratorRequest, type CodeGeneratorRequestInit, CodeGeneratorResponse } from "#lib/wkt/google/protobuf/compiler/plugin_ttrpc.js";
import { runBuf, runProtoc, skipBuf, skipProtoc } from "../support/protoc.js";
import { ROOT } from "../support/root.js";
import { folderWith, PLUGIN, plugin, read, ttrpc, write } from "./programs.js";

const PROTOS = join(ROOT, "test/codegen/protos");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

const sources = {
  "b.proto":
    'syntax = "proto3";\npackage p;\nimport "lib/c.proto";\n// Two.\nmessage B { optional int64 x = 1; C c = 2; }\nservice S { rpc Get(B) returns (B); }\n',
  "a.proto": 'edition = "2023";\npackage p;\nmessage A { string text = 1; }\n',
  "lib/c.proto": 'syntax = "proto2";\npackage p;\nmessage C { required string id = 1; }\n',
};

/** A request for files of `sources`, as protoc would make it. */
function request(files: readonly string[], more: CodeGeneratorRequestInit = {}): Uint8Array {
  const folder = folderWith(sources);
  const { files: protoFile } = readDescriptors(files, { includePaths: [folder] });
  return toBinary(CodeGeneratorRequest, { fileToGenerate: files, protoFile, ...more });
}

/** Runs the plugin and reads its response, which it has to give. */
function respond(input: Uint8Array): CodeGeneratorResponse {
  const { code, stdout, stderr } = plugin(input);
  assert.deepEqual([code, stderr], [0, ""]);
  return fromBinary(CodeGeneratorResponse, stdout);
}

/** The program as protoc wants it, one file that can be executed. */
function executable(): string {
  const folder = folderWith({ "protoc-gen-ttrpc-ts": `#!/bin/sh\nexec '${process.execPath}' '${PLUGIN}' "$@"\n` });
  const path = join(folder, "protoc-gen-ttrpc-ts");
  chmodSync(path, 0o755);
  return path;
}

describe("protoc-gen-ttrpc-ts", () => {
  it("prints its version and its help, and refuses other arguments", () => {
    for (const flag of ["--version", "-v"]) assert.equal(plugin(Buffer.of(), flag).stdout.toString(), `protoc-gen-ttrpc-ts ${version}\n`);
    for (const flag of ["--help", "-h"]) {
      const { code, stdout } = plugin(Buffer.of(), flag);
      assert.equal(code, 0);
      assert.match(stdout.toString(), /^protoc-gen-ttrpc-ts .*\n[^]*\n {2}ignore_import=GLOB/);
    }
    const refused = plugin(Buffer.of(), "echo.proto");
    assert.deepEqual([refused.code, refused.stdout.length], [1, 0]);
    assert.equal(refused.stderr, `protoc-gen-ttrpc-ts: unknown argument "echo.proto". Options go through protoc's --ttrpc-ts_opt or buf's opt; see --help\n`);
  });

  const noScript = spawnSync("script", ["--version"]).status === 0 ? false : "script(1) is not installed: no terminal to run it on";
  it("prints its help when run by hand", { skip: noScript }, () => {
    const { stdout } = spawnSync("script", ["-qec", `'${process.execPath}' '${PLUGIN}'`, "/dev/null"], { encoding: "utf8", timeout: 20_000 });
    assert.match(stdout, /a plugin, run by protoc or buf/);
  });

  it("says what it can, and gives files sorted and the same each time", () => {
    const input = request(["b.proto", "a.proto", "lib/c.proto"]);
    const response = respond(input);
    const { supportedFeatures, minimumEdition, maximumEdition, error, file } = response;
    assert.deepEqual(
      { supportedFeatures, minimumEdition, maximumEdition, error },
      { supportedFeatures: 3n, minimumEdition: 998, maximumEdition: 1001, error: undefined },
    );
    assert.deepEqual(
      file.map(({ name }) => name),
      ["a_ttrpc.ts", "b_ttrpc.ts", "lib/c_ttrpc.ts"],
    );
    assert.deepEqual(respond(input), response);
  });

  it("generates only what it is told to", () => {
    const names = (input: Uint8Array): (string | undefined)[] => respond(input).file.map(({ name }) => name);
    assert.deepEqual(names(request(["b.proto"])), ["b_ttrpc.ts"]);
    assert.deepEqual(names(request(["b.proto", "lib/c.proto"], { parameter: "ignore_import=lib/**" })), ["b_ttrpc.ts"]);
    assert.deepEqual(names(toBinary(CodeGeneratorRequest, {})), []);
  });

  it("tells mistakes of the user in the response", () => {
    const wrong = (more: CodeGeneratorRequestInit): string | undefined => {
      const { error, file, supportedFeatures } = respond(request(["a.proto"], more));
      assert.deepEqual([file, supportedFeatures], [[], 3n]);
      return error;
    };
    assert.equal(wrong({ parameter: "int64=strin" }), 'option int64: "strin" is none of bigint, number, string (did you mean "string"?)');
    assert.equal(wrong({ parameter: "json,maqs=map" }), 'unknown option "maqs" (did you mean "maps"?)');
  });

  it("gives no name that leads out of the output folder", () => {
    for (const name of ["../a.proto", "/a.proto", "x/../../a.proto"]) {
      const { error, file } = respond(
        toBinary(CodeGeneratorRequest, { fileToGenerate: [name], protoFile: [{ name, syntax: "proto3", messageType: [{ name: "A" }] }] }),
      );
      assert.equal(error, `${JSON.stringify(name.replace(".proto", "_ttrpc.ts"))} is no name inside the output folder`);
      assert.deepEqual(file, []);
    }
  });

  it("exits with 1 for what is no request", () => {
    for (const bytes of [Buffer.from("hello, world"), Buffer.of(0x0a, 0xff), toBinary(CodeGeneratorRequest, { fileToGenerate: ["a.proto"] })]) {
      const { code, stdout, stderr } = plugin(bytes);
      assert.deepEqual([code, stdout.length], [1, 0]);
      assert.match(stderr, /^protoc-gen-ttrpc-ts: /);
    }
  });

  it("takes a request of 10 MB, in pieces, and gives as much back", () => {
    const comment = `${"A long story. ".repeat(70)}\n`.repeat(11_000);
    const { files: protoFile } = readDescriptors(["a.proto"], { includePaths: [folderWith(sources)] });
    const [file] = protoFile;
    assert.ok(file);
    const location = [{ path: [4, 0], span: [2, 0, 5], leadingComments: comment }];
    const input = toBinary(CodeGeneratorRequest, { fileToGenerate: ["a.proto"], protoFile: [{ ...file, sourceCodeInfo: { location } }] });
    assert.ok(input.length > 10_000_000);
    assert.ok((respond(input).file[0]?.content ?? "").length > 10_000_000);
  });

  it("ends quietly when nobody reads its response", async () => {
    const child = spawn(process.execPath, [PLUGIN], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(request(["b.proto"]));
    assert.equal(await new Promise((resolve) => child.once("close", resolve)), 1);
    assert.equal(stderr, "");
  });
});

/** Every option once, and some together. */
const variants: [flags: string[], parameter: string][] = [
  [[], ""],
  [["--int64", "number"], "int64=number"],
  [["--int64", "string", "--maps", "map"], "int64=string,maps=map"],
  [["--import-ext", ".ts"], "import_ext=.ts"],
  [["--import-ext=none"], "import_ext=none"],
  [["--unknown-fields", "keep", "--json"], "unknown_fields=keep,json"],
  [["--services-only", "--service-prefix", "Ttrpc"], "services_only,service_prefix=Ttrpc"],
  [["--messages", "protobuf-es"], "messages=protobuf-es"],
  [["--messages", "protobufjs", "--messages-module", "pb/all"], "messages=protobufjs,messages_module=pb/all"],
];

/** Files for a comparison: `sources`, which have a service, and all of test/codegen/protos, whose folder `reading` is one to include. */
function comparison(): { readonly folder: string; readonly files: string[] } {
  const protos: Record<string, string> = { ...sources };
  for (const name of readdirSync(PROTOS, { recursive: true }).map(String)) {
    if (name.endsWith(".proto")) protos[name.replace(/^reading\//, "")] = readFileSync(join(PROTOS, name), "utf8");
  }
  return { folder: folderWith(protos), files: Object.keys(protos).sort() };
}

function assertSame(actual: Record<string, string>, expected: Record<string, string>): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  assert.ok(Object.keys(actual).length > 0);
  for (const [name, text] of Object.entries(expected)) assert.equal(actual[name], text, name);
}

describe("protoc with the plugin", { skip: skipProtoc() }, () => {
  const program = executable();
  const { folder, files } = comparison();

  for (const [flags, parameter] of variants) {
    it(`writes what ttrpc gen ${flags.join(" ")} writes`, () => {
      const out = basename(folderWith({}));
      mkdirSync(join(folder, out));
      const ran = ttrpc(folder, "gen", "--out", `${out}-cli`, ...flags, ...files);
      assert.equal(ran.code, 0, ran.stderr);
      runProtoc([`--plugin=protoc-gen-ttrpc-ts=${program}`, "-I.", `--ttrpc-ts_out=${parameter}:${out}`, ...files], folder);
      assertSame(read(join(folder, out)), read(join(folder, `${out}-cli`)));
    });
  }

  it("leaves out what ttrpc gen leaves out", () => {
    const options =
      'syntax = "proto2";\npackage opts;\nimport "google/protobuf/descriptor.proto";\nextend google.protobuf.FieldOptions { optional string alias = 50001; }\n';
    const used = 'syntax = "proto3";\npackage used;\nimport "opts/opts.proto";\nmessage A { string x = 1 [(opts.alias) = "y", deprecated = true]; }\n';
    const at = folderWith({ "opts/opts.proto": options, "used.proto": used, "out/empty": "", "cli/empty": "" });
    const ran = ttrpc(at, "gen", "--ignore-import", "opts/**", "--out", "cli", "used.proto");
    assert.deepEqual([ran.code, ran.stderr.includes("warning")], [0, false]);
    runProtoc([`--plugin=protoc-gen-ttrpc-ts=${program}`, "-I.", "--ttrpc-ts_out=ignore_import=opts/**:out", "used.proto", "opts/opts.proto"], at);
    assertSame(read(join(at, "out")), read(join(at, "cli")));
  });

  it("joins options, and prints our errors", () => {
    const args = [
      `--plugin=protoc-gen-ttrpc-ts=${program}`,
      "-I.",
      "--ttrpc-ts_out=int64=string:.",
      "--ttrpc-ts_opt=json",
      "--ttrpc-ts_opt=mops=map",
      "a.proto",
    ];
    assert.throws(() => runProtoc(args, folder), /--ttrpc-ts_out: unknown option "mops" \(did you mean "maps"\?\)/);
  });
});

describe("buf with the plugin", { skip: skipBuf() }, () => {
  const local = { "as a program": [executable()], "through node": [process.execPath, PLUGIN] };

  for (const [how, command] of Object.entries(local)) {
    it(`writes what ttrpc gen writes, run ${how}`, () => {
      const folder = folderWith(sources);
      const plugins = [{ local: command, out: "buf", opt: ["int64=string", "json"] }];
      write(folder, { "buf.yaml": "version: v2\n", "buf.gen.yaml": JSON.stringify({ version: "v2", inputs: [{ directory: "." }], plugins }) });
      runBuf(["generate"], folder);
      assert.equal(ttrpc(folder, "gen", "--int64", "string", "--json", ...Object.keys(sources)).code, 0);
      assertSame(read(join(folder, "buf")), read(join(folder, "gen")));
    });
  }
});
