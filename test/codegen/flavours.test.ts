// Services over messages of other runtimes: pbjs static modules and @bufbuild/protobuf's generated code. Both made by
// their own generators from the example's .proto, compiled under the strict flags, and called over a real connection.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { Server, type Service, type Stub } from "ttrpc";
import { connectTo } from "ttrpc/testing";
import { Notes as OurNotes } from "../../example/example_ttrpc.js";
import { ROOT } from "../support/root.js";
import { makeProtobufEs, skipProtobufEs } from "../support/protobuf-es.js";
import { readProtos } from "#lib/codegen/from-files.js";
import { generate } from "#lib/codegen/generate.js";
import { defaultOptions, type GenerateOptions } from "#lib/codegen/options.js";

const EXAMPLE = join(ROOT, "example");
const bin = (name: string): string => join(ROOT, "node_modules/.bin", name);
const flavours = ["protobufjs", "protobuf-es"] as const;

/** Writes the services of the example over `messages`, and the messages; compiles both, and returns the folder of the result. */
function prepare(messages: GenerateOptions["messages"]): string {
  const folder = join(ROOT, "build/codegen", `flavour-${messages}`);
  const source = join(folder, "src");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  const { files, wanted } = readProtos([join(EXAMPLE, "example.proto")], { includePaths: [EXAMPLE] });
  const outputs = generate(files, wanted, { ...defaultOptions, messages });
  assert.deepEqual(
    outputs.map(({ name }) => name),
    ["example_service_ttrpc.ts"],
  );
  for (const { name, content } of outputs) writeFileSync(join(source, name), content);
  if (messages === "protobuf-es") makeProtobufEs([join(EXAMPLE, "example.proto")], [EXAMPLE], source);
  else {
    const script = join(source, "messages.js");
    execFileSync(bin("pbjs"), ["-t", "static-module", "-w", "es6", "--dependency", "protobufjs/minimal.js", "-o", script, join(EXAMPLE, "example.proto")]);
    execFileSync(bin("pbts"), ["-o", join(source, "messages.d.ts"), script]);
  }
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/ttrpc"));
  for (const name of ["protobufjs", "long", "@bufbuild", "@types"]) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const compilerOptions = {
    ...{ target: "es2022", module: "nodenext", rootDir: "src", outDir: "js", types: ["node"], allowJs: false },
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      isolatedDeclarations: messages === "protobufjs",
    },
    ...{ declaration: messages === "protobufjs", skipLibCheck: true },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], { stdio: ["ignore", "inherit", "inherit"] });
  if (messages === "protobufjs") writeFileSync(join(folder, "js/messages.js"), readFileSync(join(source, "messages.js")));
  return join(folder, "js");
}

type NotesService = typeof OurNotes;

for (const flavour of flavours) {
  describe(`messages=${flavour}`, { timeout: 120_000, skip: flavour === "protobuf-es" && skipProtobufEs() }, () => {
    let Notes: NotesService;
    let Example: Service;

    before(async () => {
      const file = join(prepare(flavour), "example_service_ttrpc.js");
      ({ Notes, Example } = (await import(pathToFileURL(file).href)) as { Notes: NotesService; Example: Service });
    });

    it("has the methods of the .proto", () => {
      assert.deepEqual(Object.keys(Example.methods), ["method1", "method2"]);
      assert.deepEqual(Object.keys(Notes.methods), ["echo", "total", "watch", "chat"]);
    });

    // A server over one runtime, a client over the other: they meet on the wire.
    for (const [from, to] of [
      ["theirs", "ours"],
      ["ours", "theirs"],
      ["theirs", "theirs"],
    ] as const) {
      it(`all four kinds of call: client ${from}, server ${to}`, async () => {
        const server = new Server().service(to === "ours" ? OurNotes : Notes, {
          echo: ({ seq, msg }) => ({ seq: seq + 1, msg }),
          async total(notes) {
            let seq = 0;
            for await (const _ of notes) seq++;
            return { seq, msg: "total" };
          },
          *watch({ seq, msg }) {
            for (let i = 0; i < seq; i++) yield { seq: i, msg };
          },
          async *chat(notes) {
            for await (const { seq, msg } of notes) yield { seq: seq + 1, msg };
          },
        });
        const client = await connectTo(server);
        const stub: Stub<NotesService> = client.service(from === "ours" ? OurNotes : Notes);
        const plain = ({ seq, msg }: { seq: number; msg: string }): [number, string] => [seq, msg];
        assert.deepEqual(plain(await stub.echo({ seq: 41, msg: "ünïcödé" })), [42, "ünïcödé"]);
        assert.deepEqual(plain(await stub.total([{ seq: 1 }, { seq: 2 }])), [2, "total"]);
        const seen: [number, string][] = [];
        for await (const note of stub.watch({ seq: 2, msg: "w" })) seen.push(plain(note));
        for await (const note of stub.chat([{ seq: 6, msg: "c" }])) seen.push(plain(note));
        assert.deepEqual(seen, [
          [0, "w"],
          [1, "w"],
          [7, "c"],
        ]);
        await client.close();
        await server.close();
      });
    }
  });
}
