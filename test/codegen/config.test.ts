// ttrpc.config.json, the table of options, and globs: read right, and mistakes told with their place.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { configSchema, parseConfig, readConfig } from "#lib/cli/config.js";
import { lineAndColumn, parseJsonText } from "#lib/cli/json-text.js";
import { expandFiles } from "#lib/cli/paths.js";
import { globToRegExp } from "#lib/codegen/glob.js";
import { nearest } from "#lib/codegen/nearest.js";
import { defaultOptions } from "#lib/codegen/options.js";
import { configKey, optionRows, parameterName, parseParameter } from "#lib/codegen/parameters.js";
import { ROOT } from "../support/root.js";
import { folderWith } from "./programs.js";

describe("the table of options", () => {
  it("has a row per option a user can set", () => {
    const keys = optionRows.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    for (const { key, choices } of optionRows) assert.equal(defaultOptions[key], choices?.[0] ?? defaultOptions[key], key);
    assert.deepEqual(optionRows.map(parameterName), [
      "int64",
      "maps",
      "import_ext",
      "unknown_fields",
      "json",
      "services_only",
      "messages",
      "messages_module",
      "service_prefix",
      "ignore_import",
    ]);
    assert.deepEqual(optionRows.map(configKey), [
      "int64",
      "maps",
      "importExt",
      "unknownFields",
      "json",
      "servicesOnly",
      "messages",
      "messagesModule",
      "servicePrefix",
      "ignoreImports",
    ]);
  });
});

describe("a plugin's parameter", () => {
  it("is read", () => {
    assert.deepEqual(parseParameter(""), defaultOptions);
    assert.deepEqual(
      parseParameter(
        " int64=string, import_ext=.ts,services_only,unknown_fields=keep,maps=map,json=true,messages=protobufjs,messages_module=./m.js,service_prefix=TTRPC,",
      ),
      {
        ...defaultOptions,
        int64: "string",
        importExtension: ".ts",
        servicesOnly: true,
        unknownFields: "keep",
        maps: "map",
        json: true,
        messages: "protobufjs",
        messagesModule: "./m.js",
        servicePrefix: "TTRPC",
      },
    );
    assert.deepEqual(parseParameter("ignore_import=gogoproto/**,ignore_import=a/*.proto").ignoreImports, ["gogoproto/**", "a/*.proto"]);
    assert.equal(parseParameter("json,json=false").json, false);
    assert.equal(parseParameter("int64=string,int64=number").int64, "number");
  });

  const wrong: Record<string, string> = {
    "int46=string": 'unknown option "int46" (did you mean "int64"?)',
    "import-ext=.js": 'unknown option "import-ext" (did you mean "import_ext"?)',
    colour: 'unknown option "colour"',
    "int64=strin": 'option int64: "strin" is none of bigint, number, string (did you mean "string"?)',
    int64: "option int64 needs a value: bigint|number|string",
    "import_ext=js": 'option import_ext: "js" is none of .js, .ts, none (did you mean ".js"?)',
    "json=yes": 'option json: "yes" is neither true nor false',
    "service_prefix=a b": 'option service_prefix: "a b" is not the start of a TypeScript name',
    "ignore_import=a{b": 'option ignore_import: "a{b" is not a glob: glob "a{b": Missing closing: "}" - use "\\\\}" to match literal characters',
    "messages_module=./m.js": "a messages module is only used with messages protobufjs, and messages is ttrpc",
  };
  for (const [parameter, message] of Object.entries(wrong)) {
    it(`refuses ${parameter}`, () => assert.throws(() => parseParameter(parameter), { name: "OptionError", message }));
  }
});

describe("the configuration", () => {
  const path = join(process.cwd(), "conf/ttrpc.config.json");
  const inConf = (name: string): string => join(process.cwd(), "conf", name);

  it("is one target, or several that share what stands beside them", () => {
    assert.deepEqual(parseConfig('{ "$schema": "x", "files": ["a.proto"] }', path), {
      path,
      folder: inConf("."),
      targets: [{ files: ["a.proto"], options: {} }],
    });
    const text = `{
      "include": ["proto", "../third"], "int64": "string", "json": true, "ignoreImports": ["gogoproto/**"],
      "targets": [
        { "files": ["proto/**/*.proto"], "out": "src/gen" },
        { "files": ["x.proto"], "out": "y", "include": ["."], "imports": false, "json": false, "importExt": ".ts" }
      ]
    }`;
    const include = [inConf("proto"), join(process.cwd(), "third")];
    assert.deepEqual(parseConfig(text, path).targets, [
      { include, files: ["proto/**/*.proto"], out: inConf("src/gen"), options: { int64: "string", json: true, ignoreImports: ["gogoproto/**"] } },
      {
        include: [inConf(".")],
        files: ["x.proto"],
        out: inConf("y"),
        imports: false,
        options: { int64: "string", json: false, ignoreImports: ["gogoproto/**"], importExtension: ".ts" },
      },
    ]);
  });

  const wrong: Record<string, string> = {
    "": "1:1: value expected",
    "[]": "1:1: the configuration is to be an object",
    '{\n  "fiels": []\n}': '2:3: unknown key "fiels" (did you mean "files"?)',
    '{ "importExtension": ".js" }': '1:3: unknown key "importExtension"',
    '{ "int64": "long" }': '1:12: "int64": "long" is none of bigint, number, string',
    '{ "json": "true" }': '1:11: "json" is to be true or false',
    '{ "files": "a.proto" }': '1:12: "files" is to be a list of strings',
    '{ "files": ["a.proto", 1] }': '1:24: "files" is to be a list of strings',
    '{ "out": null }': '1:10: "out" is to be a string',
    '{ "out": "a", "out": "b" }': '1:15: "out" is there twice',
    '{ "targets": [] }': '1:14: "targets" is to be a list of objects, at least one',
    '{ "targets": [{ "targets": [] }] }': '1:17: unknown key "targets"',
    '{ "out": "a",\n}': "2:1: property name expected",
    '{ "out" "a" }': "1:9: colon expected",
    '{ "out": "a" "b" }': "1:14: comma expected",
    "{ } x": "1:5: invalid symbol",
    "{ // no comments\n}": "1:3: invalid comment token",
    '{ "out": tru }': "1:10: invalid symbol",
  };
  for (const [text, message] of Object.entries(wrong)) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseConfig(text, path), { name: "UsageError", message: `conf/ttrpc.config.json:${message}` }));
  }

  it("may begin with a byte order mark", () => {
    const folder = folderWith({ "ttrpc.config.json": '\uFEFF{ "files": ["a.proto"] }' });
    assert.deepEqual(readConfig(join(folder, "ttrpc.config.json")).targets, [{ files: ["a.proto"], options: {} }]);
  });

  it("has all its mistakes told at once", () => {
    assert.throws(() => parseConfig('{ "a1": 1,\n "b1": 2,\n "json": 3 }', path), {
      message:
        'conf/ttrpc.config.json:1:3: unknown key "a1"\nconf/ttrpc.config.json:2:2: unknown key "b1"\nconf/ttrpc.config.json:3:10: "json" is to be true or false',
    });
  });

  it("has a JSON schema that says the same", () => {
    const shipped: unknown = JSON.parse(readFileSync(join(ROOT, "lib/cli/ttrpc.config.schema.json"), "utf8"));
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(configSchema())));
  });
});

describe("JSON with places", () => {
  it("reads what JSON.parse reads", () => {
    const text = ' { "a" : [1, -2.5e3, true, false, null, "\\u0041\\n\\""], "b": {}, "": [] }\n';
    const plain = (node: ReturnType<typeof parseJsonText>): unknown => {
      if (node.kind === "scalar") return node.value;
      return node.kind === "array" ? node.items.map(plain) : Object.fromEntries(node.entries.map(({ key, node: value }) => [key, plain(value)]));
    };
    assert.deepEqual(plain(parseJsonText(text)), JSON.parse(text));
    for (const bad of ["{", "[1,]", '"a', '"\\x"', "01", "1.", "nul", "[".repeat(100), '"a\nb"', "{a: 1}", "1 2"]) {
      assert.throws(() => parseJsonText(bad), { name: "JsonTextError" }, bad);
    }
  });

  it("counts lines and columns from 1", () => {
    assert.equal(lineAndColumn("ab\ncd", 0), "1:1");
    assert.equal(lineAndColumn("ab\ncd", 4), "2:2");
  });
});

describe("globs", () => {
  const cases: [glob: string, yes: string[], no: string[]][] = [
    ["*.proto", ["a.proto"], ["a/b.proto", "a.prot", ".a.proto"]],
    ["gogoproto/**", ["gogoproto/gogo.proto", "gogoproto/a/b.proto"], ["x/gogoproto/a.proto", "gogoprotos/a.proto"]],
    ["**/*.proto", ["a.proto", "a/b/c.proto"], [".git/a.proto", "a/.b/c.proto"]],
    ["a/**/b.proto", ["a/b.proto", "a/x/y/b.proto"], ["ab.proto", "b.proto"]],
    ["v[12]/?.proto", ["v1/a.proto", "v2/b.proto"], ["v3/a.proto", "v1/ab.proto"]],
    ["v[!1]/a", ["v2/a"], ["v1/a"]],
    ["{a,b/c}.proto", ["a.proto", "b/c.proto"], ["b.proto", "a,b/c.proto"]],
    ["a+b.proto", ["a+b.proto"], ["aab.proto"]],
  ];
  for (const [glob, yes, no] of cases) {
    it(glob, () => {
      const expression = globToRegExp(glob);
      for (const path of yes) assert.match(path, expression);
      for (const path of no) assert.doesNotMatch(path, expression);
    });
  }

  it("are looked up from their plain first folders", () => {
    const folder = folderWith({ "p/a.proto": "", "p/x/b.proto": "", "p/x/c.txt": "", "p/node_modules/d.proto": "", "p/.e/f.proto": "", "g.proto": "" });
    const found = (...names: string[]): string[] => expandFiles(names, folder, [join(folder, "p")]).map((path) => path.slice(folder.length + 1));
    assert.deepEqual(found("p/**/*.proto"), ["p/a.proto", "p/x/b.proto"]);
    assert.deepEqual(found("**"), ["g.proto", "p/a.proto", "p/x/b.proto"]);
    assert.deepEqual(found("./*.proto"), ["g.proto"]);
    assert.deepEqual(found(join(folder, "p/*.proto")), ["p/a.proto"]);
    assert.deepEqual(found("p"), ["p/a.proto", "p/x/b.proto"]);
    assert.deepEqual(found("x/b.proto", "p/a.proto", "p/*"), ["p/x/b.proto", "p/a.proto"]);
    assert.deepEqual(found("none.proto"), ["none.proto"]);
    assert.throws(() => found("q/*.proto"), { name: "FailureError", message: "no .proto file matches q/*.proto" });
    assert.throws(() => found("g.proto/*.proto"), { name: "FailureError", message: /g\.proto cannot be read: ENOTDIR/ });
    assert.throws(() => found("p/{a.proto"), {
      name: "FailureError",
      message: 'glob "{a.proto": Missing closing: "}" - use "\\\\}" to match literal characters',
    });
  });
});

describe("the nearest name", () => {
  const known = ["int64", "import-ext", "ignore-import", "services-only"];
  for (const [word, want] of Object.entries({
    int46: "int64",
    import_ext: "import-ext",
    importext: "import-ext",
    serv: "services-only",
    ignoreimports: "ignore-import",
    xyz: undefined,
  })) {
    it(`of ${word} is ${want}`, () => assert.equal(nearest(word, known), want));
  }
});
