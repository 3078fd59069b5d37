// Front end B against protoc and buf: the same intermediate form out of the same files, comments included. Then what protoc
// cannot be asked: include paths, missing imports, order.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import type { FileDescriptorProto } from "#lib/codegen/descriptor.js";
import { readProtos } from "#lib/codegen/from-files.js";
import { lower } from "#lib/codegen/lower.js";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { containerdApi, type Corpus, gogoContainerd, nri, skipCorpora, upstreamTtrpc } from "../support/corpus.js";
import { decodeDescriptorSet, runBuf, runProtoc, skipBuf, skipProtoc } from "../support/protoc.js";
import { ROOT } from "../support/root.js";
import { folderWith } from "./programs.js";
import { flat, readTexts, refusal } from "./reading.js";

const PROTOS = join(ROOT, "test/codegen/protos/reading");
/** Our own well-known types: protoc comes with its own, whose comments differ. */
const OWN = join(ROOT, "proto");

interface Sources {
  readonly includePaths: readonly string[];
  readonly files: readonly string[];
}

const reading: Sources = {
  includePaths: [PROTOS],
  files: readdirSync(PROTOS)
    .filter((name) => name.endsWith(".proto"))
    .sort(),
};

/** Files as protoc describes them. */
function byProtoc({ includePaths, files }: Sources): FileDescriptorProto[] {
  const out = join(folderWith({}), "set.bin");
  const includes = [...includePaths, OWN].map((path) => `-I${path}`);
  runProtoc([...includes, `--descriptor_set_out=${out}`, "--include_imports", "--include_source_info", ...files], ROOT);
  return decodeDescriptorSet(readFileSync(out)) as FileDescriptorProto[];
}

/** Both sides' files by path, `paths` of them. */
function assertSame(ours: readonly FileDescriptorProto[], theirs: readonly FileDescriptorProto[], skip: (path: string) => boolean): void {
  const expected = new Map(lower(theirs).map((file) => [file.path, flat(file)]));
  const actual = lower(ours);
  assert.ok(actual.length > 0);
  for (const file of actual) if (!skip(file.path)) assert.deepStrictEqual(flat(file), expected.get(file.path), file.path);
}

describe("reading .proto files as protoc does", { skip: skipProtoc() }, () => {
  const none = (): boolean => false;

  it("all kinds of declarations and comments", () => {
    const ours = readDescriptors(reading.files, reading).files;
    const theirs = byProtoc(reading);
    assertSame(ours, theirs, none);
    // protoc adds what options alone need.
    const paths = new Set(ours.map(({ name }) => name));
    const optional = new Set(ours.flatMap(({ optionDependency }) => optionDependency));
    assert.deepEqual(
      theirs.filter(({ name }) => !paths.has(name) && !optional.has(name as string)),
      [],
    );
  });

  it("in the same order", () => {
    const files = reading.files.filter((name) => name !== "edition2024.proto");
    const sources = { ...reading, files };
    assert.deepEqual(
      readDescriptors(files, sources).files.map(({ name }) => name),
      byProtoc(sources).map(({ name }) => name),
    );
  });

  it("with a byte order mark and lines that end as in DOS", () => {
    const texts = Object.fromEntries(
      reading.files
        .filter((name) => name.startsWith("comments"))
        .map((name) => [name, `\ufeff${readFileSync(join(PROTOS, name), "utf8").replaceAll("\n", "\r\n")}`]),
    );
    const sources = { includePaths: [folderWith(texts)], files: Object.keys(texts) };
    const ours = readDescriptors(sources.files, sources).files;
    assertSame(ours, byProtoc(sources), none);
    // The same as without.
    assertSame(ours, readDescriptors(sources.files, reading).files, none);
  });

  it("the files of the other tests, and our own well-known types", () => {
    const include = join(ROOT, "test/codegen/protos");
    const files = readdirSync(include).filter((name) => name.endsWith(".proto"));
    const own = readdirSync(OWN, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".proto"));
    const sources = { includePaths: [include, OWN], files: [...files, ...own.map((name) => name.replaceAll("\\", "/"))] };
    assertSame(readDescriptors(sources.files, sources).files, byProtoc(sources), none);
  });

  describe("of real projects", { skip: skipCorpora() }, () => {
    const corpora: readonly (() => Corpus)[] = [containerdApi, nri, upstreamTtrpc, () => gogoContainerd("with gogo.proto")];
    for (const corpus of skipCorpora() === false ? corpora.map((get) => get()) : []) {
      it(corpus.name, () => assertSame(readDescriptors(corpus.files, corpus).files, byProtoc(corpus), none));
    }
  });
});

describe("reading .proto files as buf does", { skip: skipBuf() }, () => {
  it("all kinds of declarations and comments, but for those that buf gives to others", () => {
    const out = join(folderWith({}), "set.bin");
    runBuf(["build", PROTOS, "--as-file-descriptor-set", "-o", out], ROOT);
    const skip = (path: string): boolean => path.startsWith("google/") || path === "comments_protoc.proto";
    assertSame(readDescriptors(reading.files, reading).files, decodeDescriptorSet(readFileSync(out)) as FileDescriptorProto[], skip);
  });
});

const empty = (imports: string): string => `syntax = "proto3"; ${imports} message M {}`;

describe("include paths", () => {
  const folder = folderWith({
    "one/a.proto": `syntax = "proto3"; package one; import "b.proto"; message A { two.B b = 1; }`,
    "two/b.proto": `syntax = "proto3"; package two; message B {}`,
    "two/a.proto": `syntax = "proto3"; package two; message A {}`,
    "three/c.proto": empty(""),
  });
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  const paths = ({ files, wanted }: ReturnType<typeof readProtos>): unknown => [files.map(({ path }) => path), [...wanted]];

  it("files are named by their paths on disk or as imports name them", () => {
    for (const name of ["a.proto", join(one, "a.proto"), relative(process.cwd(), join(one, "a.proto"))]) {
      assert.deepEqual(paths(readProtos([name], { includePaths: [one, two] })), [["b.proto", "a.proto"], ["a.proto"]]);
    }
  });

  it("the first that has a file counts", () => {
    assert.equal(readProtos(["a.proto"], { includePaths: [two, one] }).files[0]?.package, "two");
    assert.deepEqual(
      refuse([join(one, "a.proto")], [two, one]),
      `${join(one, "a.proto")}: is hidden by ${join(two, "a.proto")}, which comes first in the include paths: name that one, or change their order`,
    );
  });

  it("a file has to be in one of them, and to be there", () => {
    const file = join(folder, "three/c.proto");
    assert.equal(refuse([file], [one, two]), `${file}: is in none of the include paths (${one}, ${two}): give one that is around it with -I`);
    assert.equal(refuse(["d.proto"], [one]), "d.proto: there is no such file, neither from here nor in an include path");
  });

  it("the default is the working directory", () => {
    const name = "test/codegen/protos/reading/names.proto";
    const cwd = process.cwd();
    process.chdir(ROOT);
    try {
      assert.deepEqual([...readProtos([name]).wanted], [name]);
    } finally {
      process.chdir(cwd);
    }
  });

  it("well-known types come with us, unless an include path has them", () => {
    const texts = { "a.proto": `syntax = "proto3"; import "google/protobuf/any.proto"; message M { google.protobuf.Any any = 1; }` };
    assert.deepEqual(
      readTexts(texts).files.map(({ path }) => path),
      ["google/protobuf/any.proto", "a.proto"],
    );
    const own = { ...texts, "google/protobuf/any.proto": `syntax = "proto3"; package google.protobuf; message Any { int32 mine = 1; }` };
    assert.deepEqual(
      readTexts(own, { files: ["a.proto"] }).files[0]?.messages[0]?.fields.map(({ name }) => name),
      ["mine"],
    );
  });

  function refuse(files: readonly string[], includePaths: readonly string[]): string {
    try {
      readProtos(files, { includePaths });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }
});

describe("imports", () => {
  it("are told apart: wanted, imported, well known", () => {
    const { wanted, imported, files } = readTexts(
      {
        "a.proto": empty(`import "b.proto"; import "google/protobuf/empty.proto"; import "google/type/date.proto";`),
        "b.proto": `syntax = "proto3"; import "c.proto"; message B {}`,
        "c.proto": `syntax = "proto3"; message C {}`,
        "google/type/date.proto": `syntax = "proto3"; package google.type; message Date {}`,
      },
      { files: ["a.proto"] },
    );
    assert.deepEqual([...wanted], ["a.proto"]);
    assert.deepEqual([...imported], ["c.proto", "b.proto", "google/type/date.proto"]);
    assert.deepEqual(
      files.map(({ path }) => path),
      ["c.proto", "b.proto", "google/protobuf/empty.proto", "google/type/date.proto", "a.proto"],
    );
  });

  it("that are missing and needed for options alone: one warning for all", () => {
    const warnings: string[] = [];
    const { files } = readTexts(
      {
        "a.proto": `syntax = "proto3"; import "gogoproto/gogo.proto"; import weak "x.proto"; option (gogoproto.all) = true; message M { int32 a = 1 [(gogoproto.x) = "y"]; }`,
        "b.proto": empty(`import "gogoproto/gogo.proto"; import "y.proto";`).replace("M", "N"),
      },
      { warnings },
    );
    assert.equal(files.length, 2);
    assert.deepEqual(warnings, ["left out: imports that were not found, as nothing but options can need them: gogoproto/gogo.proto, x.proto, y.proto"]);
  });

  it("options that are not known: in the same warning", () => {
    const warnings: string[] = [];
    readTexts(
      { "a.proto": `syntax = "proto3"; option swift_prefix = "X"; option x.y = 1; message M { int32 a = 1 [depricated = true, lazy = true]; }` },
      { warnings },
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /^left out: options that are not known: x\.y \(\S+a\.proto:1:54\), depricated \(\S+a\.proto:1:88\)$/);
  });

  it("options that are extensions and of which there is none: in the same warning, unless an import is missing", () => {
    const options = 'string c = 1 [(X.z) = "a", (y) = "b", (a.b.y) = "c", (.a.b.X.z) = "d", (x.y).z = "e"]; option (nope) = { a: 1 };';
    const text = (more: string): string =>
      `syntax = "proto3"; package a.b; import "google/protobuf/descriptor.proto"; ${more} extend google.protobuf.FieldOptions { string y = 50000; }
message X { extend google.protobuf.FieldOptions { string z = 50001; } ${options} }`;
    const warnings: string[] = [];
    readTexts({ "a.proto": text("") }, { warnings });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /^left out: options that are not known: \(x\.y\)\.z \(\S+a\.proto:2:142\), \(nope\) \(\S+a\.proto:2:165\)$/);
    readTexts({ "a.proto": text('import "x.proto";') }, { warnings });
    assert.deepEqual(warnings.slice(1), ["left out: imports that were not found, as nothing but options can need them: x.proto"]);
  });

  it("that are ignored: no warning, there or not", () => {
    const warnings: string[] = [];
    const texts = { "a.proto": empty(`import "gogoproto/gogo.proto"; import "there.proto";`), "there.proto": "this is not read" };
    const { files } = readTexts(texts, { files: ["a.proto"], warnings, ignoreImports: ["gogoproto/**", "there.proto"] });
    assert.deepEqual([files.map(({ path }) => path), warnings], [["a.proto"], []]);
  });

  it("that are missing and needed: named where the type is", () => {
    assert.deepEqual(refusal(`syntax = "proto3"; import "x.proto"; import "y.proto"; message M { x.T t = 1; }`), [
      '1:68: "x.T" is not defined: it may be in "x.proto" or "y.proto", which was not found',
    ]);
  });

  it("that lead out of the include paths", () => {
    for (const path of ["../a.proto", "/a.proto", "a//b.proto", "./a.proto", "a/../b.proto", "a\\\\b.proto"]) {
      const [message] = refusal(empty(`import "${path}";`));
      assert.equal(message, `1:20: an import path has forward slashes, and no empty, "." or ".." segments: "${path.replace("\\\\", "\\")}"`);
    }
  });

  it("that go in a circle", () => {
    assert.deepEqual(refusal({ "a.proto": empty(`import "b.proto";`), "b.proto": empty(`\nimport "c.proto";`), "c.proto": empty(`import "a.proto";`) }), [
      "c.proto:1:20: the file imports itself: a.proto -> b.proto -> c.proto -> a.proto",
    ]);
    assert.deepEqual(refusal(empty(`import "a.proto";`)), ["1:20: the file imports itself: a.proto -> a.proto"]);
  });

  it("that are public pass on what they import publicly, and no more", () => {
    const texts = (kind: string): Record<string, string> => ({
      "a.proto": `syntax = "proto3"; import "b.proto"; message A { C c = 1; }`,
      "b.proto": `syntax = "proto3"; import ${kind} "c.proto";`,
      "c.proto": `syntax = "proto3"; message C {}`,
    });
    assert.deepEqual(refusal(texts("public")), []);
    assert.deepEqual(refusal(texts("")), ['1:50: "C" is not defined: it is in "c.proto", which "a.proto" does not import']);
  });
});
