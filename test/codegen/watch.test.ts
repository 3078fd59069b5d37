// `ttrpc gen --watch`: what makes it generate again, and how it ends.
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { folderWith, read, Running, TTRPC, write } from "./programs.js";

const proto = (body: string, imports = ""): string => `syntax = "proto3";\npackage w;\n${imports}${body}\n`;
const generated = /generated \d+ files? .*\n/;

/** Starts watching, waits for the first round, and ends it with the test. */
async function watching(t: TestContext, folder: string, ...args: string[]): Promise<Running> {
  const running = new Running(folder, TTRPC, "gen", "--watch", ...args);
  t.after(() => running.child.kill("SIGKILL"));
  await running.says(/watching for changes, Ctrl-C ends\n/);
  return running;
}

describe("ttrpc gen --watch", () => {
  it("follows a file that is written, replaced, removed and made again", async (t) => {
    const folder = folderWith({ "a.proto": proto("message A {}") });
    const running = await watching(t, folder, "a.proto");
    const text = (): string => read(join(folder, "gen"))["a_ttrpc.ts"] ?? "";
    assert.match(text(), /interface A /);

    write(folder, { "a.proto": proto("message B {}") });
    await running.says(generated);
    assert.match(text(), /interface B /);

    // As editors save: a new file beside it, renamed onto it. Twice, for the watcher must not stay with the first.
    for (const name of ["C", "D"]) {
      write(folder, { ".a.proto.swp": proto(`message ${name} {}`) });
      renameSync(join(folder, ".a.proto.swp"), join(folder, "a.proto"));
      await running.says(generated);
      assert.match(text(), new RegExp(`interface ${name} `));
    }

    rmSync(join(folder, "a.proto"));
    await running.says(/a\.proto.*\n/);
    write(folder, { "a.proto": proto("message E {}") });
    await running.says(generated);
    assert.match(text(), /interface E /);
  });

  it("survives mistakes, and says them", async (t) => {
    const folder = folderWith({ "a.proto": proto("message A {}") });
    const running = await watching(t, folder, "a.proto");
    write(folder, { "a.proto": proto("message A { Nowhere x = 1; }") });
    await running.says(/^a\.proto:3:\d+: .*Nowhere.*\n/m);
    assert.match(read(join(folder, "gen"))["a_ttrpc.ts"] ?? "", /interface A /);
    write(folder, { "a.proto": proto("message A { string x = 1; }") });
    await running.says(generated);
  });

  it("follows imports, also one that is missing until a folder with it comes", async (t) => {
    const folder = folderWith({ "p/a.proto": proto("message A { B b = 1; }", 'import "lib/b.proto";\n'), "p/lib/b.proto": proto("message B {}") });
    const running = await watching(t, folder, "-I", "p", "p/a.proto");
    write(folder, { "p/lib/b.proto": proto("message B { string changed = 1; }") });
    await running.says(generated);
    assert.match(read(join(folder, "gen"))["lib/b_ttrpc.ts"] ?? "", /changed/);

    write(folder, { "p/a.proto": proto("message A { C c = 1; }", 'import "other/deep/c.proto";\n') });
    await running.says(/other\/deep\/c\.proto.*\n/);
    write(folder, { "p/other/deep/c.proto": proto("message C {}") });
    await running.says(generated);
    assert.match(read(join(folder, "gen"))["other/deep/c_ttrpc.ts"] ?? "", /interface C /);

    // A whole folder goes, and comes back.
    renameSync(join(folder, "p/other"), join(folder, "away"));
    await running.says(/other\/deep\/c\.proto.*\n/);
    renameSync(join(folder, "away"), join(folder, "p/other"));
    await running.says(generated);
    write(folder, { "p/other/deep/c.proto": proto("message C { string back = 1; }") });
    await running.says(generated);
    assert.match(read(join(folder, "gen"))["other/deep/c_ttrpc.ts"] ?? "", /back/);
  });

  it("takes up new files that a glob names, in new folders as well", async (t) => {
    const folder = folderWith({ "p/a.proto": proto("message A {}") });
    const running = await watching(t, folder, "-I", "p", "p/**/*.proto");
    write(folder, { "p/b.proto": proto("message B {}") });
    await running.says(/generated 2 files .*\n/);
    mkdirSync(join(folder, "p/new"));
    write(folder, { "p/new/c.proto": proto("message C {}") });
    await running.says(/generated 3 files .*\n/);
    rmSync(join(folder, "p/new"), { recursive: true });
    await running.says(/generated 2 files .*\n/);
  });

  it("follows its configuration", async (t) => {
    const config = (int64: string): string => JSON.stringify({ files: ["a.proto"], int64 });
    const folder = folderWith({ "a.proto": proto("message A { int64 x = 1; }"), "ttrpc.config.json": config("string") });
    const running = await watching(t, folder);
    write(folder, { "ttrpc.config.json": config("long") });
    await running.says(/^ttrpc\.config\.json:1:\d+: "int64": "long" is none of .*\n/m);
    write(folder, { "ttrpc.config.json": config("number") });
    await running.says(generated);
    assert.match(read(join(folder, "gen"))["a_ttrpc.ts"] ?? "", /x: number/);
  });

  it("does not generate again for what it wrote or what is none of its business", async (t) => {
    const folder = folderWith({ "a.proto": proto("message A {}") });
    const running = await watching(t, folder, "--out", ".", "a.proto");
    write(folder, { "notes.txt": "", "b.ts": "", "a_ttrpc.ts": "" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(running.stderr, "");
    write(folder, { "a.proto": proto("message B {}") });
    await running.says(/, 1 changed\n/);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends on ${signal}`, async (t) => {
      const running = await watching(t, folderWith({ "a.proto": proto("message A {}") }), "a.proto");
      running.child.kill(signal);
      assert.equal(await running.exited, 0);
    });
  }
});
