// Our own texts of Google's .proto files say what Google's say: names, numbers, types, options. Comments are ours.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { create, type DescFile, toBinary as toBinaryEs } from "@bufbuild/protobuf";
import * as es from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import { camelCase } from "#lib/codegen/names.js";
import { readDescriptors } from "#lib/codegen/proto-reader.js";
import { fromBinary } from "#lib/runtime.js";
import { type DescriptorProto, type EnumDescriptorProto, FileDescriptorProto } from "#lib/wkt/google/protobuf/descriptor_ttrpc.js";
import { ROOT } from "../support/root.js";

const FOLDER = join(ROOT, "proto");
const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((path) => path.startsWith("google/") && path.endsWith(".proto"))
  .sort();
const { files: descriptors } = readDescriptors(files, { includePaths: [FOLDER] });
const ours = new Map(descriptors.map((file) => [file.name, FileDescriptorProto.create(file)]));

/** One root over texts. Not `load`: protobufjs takes its own for some of these paths. */
function parse(paths: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  for (const path of paths) protobuf.parse(readFileSync(path, "utf8"), root, { keepCase: true });
  root.resolveAll();
  return root;
}

/** Everything that is declared, as lines: "google.protobuf.Any.type_url = 1 string". */
function facts(root: protobuf.ReflectionObject): string[] {
  if (root instanceof protobuf.Enum) return Object.entries(root.values).map(([name, number]) => `${root.fullName}.${name} = ${number}`);
  if (root instanceof protobuf.Field) {
    const key = root instanceof protobuf.MapField ? `map of ${root.keyType} to ` : "";
    const type = root.resolvedType?.fullName ?? root.type;
    const more = `${root.repeated ? " repeated" : ""}${root.required ? " required" : ""}${root.partOf === null ? "" : ` in ${root.partOf.name}`}`;
    return [`${root.fullName} = ${root.id} ${key}${type}${more}`];
  }
  const inner = root instanceof protobuf.Namespace ? root.nestedArray : [];
  const fields = root instanceof protobuf.Type ? root.fieldsArray : [];
  return [root.fullName, ...[...fields, ...inner].flatMap(facts)];
}

describe("as protobufjs bundles them", () => {
  const known = new Set(facts(parse(files.map((file) => join(FOLDER, file)))));
  const check = (theirs: protobuf.Root): void => {
    // protobufjs names the members of its own Value in camel case.
    const lines = facts(theirs).map((line) => line.replace(/\.Value\.([a-z]+)Value =/, ".Value.$1_value ="));
    assert(lines.length > 40);
    assert.deepEqual(
      lines.filter((line) => !known.has(line)),
      [],
    );
  };

  it("those built in", () => {
    const root = new protobuf.Root();
    for (const name of ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"]) {
      root.addJSON((protobuf.common.get(`google/protobuf/${name}.proto`) as { nested: Record<string, protobuf.AnyNestedObject> }).nested);
    }
    root.resolveAll();
    check(root);
  });

  it("those that are texts", () => {
    const theirs = ["api", "descriptor", "source_context", "type", "compiler/plugin"].map((name) =>
      join(ROOT, `node_modules/protobufjs/google/protobuf/${name}.proto`),
    );
    check(parse([...theirs, join(FOLDER, "google/protobuf/any.proto")]));
  });
});

/** What of a descriptor matters, without what only one side has. */
function comparable(file: FileDescriptorProto): object {
  const sorted = <T extends { readonly name?: string }>(list: readonly T[]): readonly T[] =>
    [...list].sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
  const enums = (list: readonly EnumDescriptorProto[]): object[] =>
    sorted(list).map(({ name, value }) => ({ name, values: Object.fromEntries(value.map((each): [string, unknown] => [each.name ?? "", each.number])) }));
  const messages = (list: readonly DescriptorProto[]): object[] =>
    sorted(list).map(({ name, field, nestedType, enumType, oneofDecl, extensionRange }) => ({
      name,
      oneofs: oneofDecl.map((oneof) => oneof.name),
      extensions: extensionRange.map(({ start, end }) => [start, end]),
      fields: Object.fromEntries(
        field.map((each): [string, object] => [
          each.name ?? "",
          {
            number: each.number,
            label: each.label,
            type: each.type,
            typeName: each.typeName,
            json: each.jsonName ?? camelCase(each.name ?? ""),
            value: each.defaultValue,
            oneof: each.oneofIndex,
            optional: each.proto3Optional,
            deprecated: each.options?.deprecated,
            packed: each.options?.packed,
          },
        ]),
      ),
      messages: messages(nestedType),
      enums: enums(enumType),
    }));
  const { name, package: packageName, dependency, syntax = "proto2" } = file;
  return {
    name,
    packageName,
    dependency: [...dependency].sort(),
    syntax,

    messages: messages(file.messageType),
    enums: enums(file.enumType),
  };
}

describe("as protobuf-es has them", () => {
  const theirs = Object.entries(es)
    .filter(([name]) => name.startsWith("file_google_protobuf_") && !name.includes("features"))
    .map(([, file]) =>
      fromBinary(FileDescriptorProto, toBinaryEs(es.FileDescriptorProtoSchema, create(es.FileDescriptorProtoSchema, (file as DescFile).proto))),
    );

  it("has all of ours under google/protobuf", () => {
    assert.deepEqual(
      theirs.map(({ name }) => `${name}.proto`.replace(".proto.proto", ".proto")).sort(),
      files.filter((file) => file.startsWith("google/protobuf/")),
    );
  });

  for (const their of theirs) {
    const path = `${their.name}.proto`.replace(".proto.proto", ".proto");
    it(path, () => {
      const mine = ours.get(path);
      assert(mine !== undefined);
      const expected = comparable({ ...their, name: path });
      const actual = comparable(mine);
      // descriptor.proto may be ahead of the copy: what the copy has must be there.
      if (path === "google/protobuf/descriptor.proto") assert.deepEqual(contained(actual, expected), expected);
      else assert.deepEqual(actual, expected);
      const text = readFileSync(join(FOLDER, path), "utf8");
      const { goPackage, javaPackage, javaOuterClassname, objcClassPrefix, csharpNamespace } = their.options ?? {};
      for (const value of [goPackage, javaPackage, javaOuterClassname, objcClassPrefix, csharpNamespace]) {
        if (value !== undefined) assert(text.includes(` = "${value}";`), value);
      }
    });
  }
});

/** `actual` without what `expected` does not have. */
function contained(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const named = (list: readonly unknown[]): boolean => list.every((each) => typeof each === "object" && each !== null && "name" in each);
    if (!named(actual) || !named(expected)) return actual;
    return expected.map((each: { name: string }) =>
      contained(
        (actual as { name: string }[]).find(({ name }) => name === each.name),
        each,
      ),
    );
  }
  if (typeof actual !== "object" || actual === null || typeof expected !== "object" || expected === null) return actual;
  return Object.fromEntries(
    Object.entries(actual)
      .filter(([key]) => key in expected)
      .map(([key, value]) => [key, contained(value, (expected as Record<string, unknown>)[key])]),
  );
}

describe("google/rpc", () => {
  const fields = (file: string): string[] => {
    const lines = (messages: readonly DescriptorProto[], prefix: string): string[] =>
      messages
        .filter(({ options }) => options?.mapEntry !== true)
        .flatMap((message) => [
          ...message.field.map(({ name, number, proto3Optional }) => `${prefix}${message.name}.${name} ${number}${proto3Optional === true ? " optional" : ""}`),
          ...lines(message.nestedType, `${prefix}${message.name}.`),
        ]);
    return lines(ours.get(file)?.messageType ?? [], "");
  };

  it("code.proto", () => {
    const names =
      "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED";
    const more = "OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED";
    assert.deepEqual(
      ours.get("google/rpc/code.proto")?.enumType[0]?.value.map(({ name, number }) => [number, name]),
      `${names} ${more}`.split(" ").map((name, number) => [number, name]),
    );
  });

  it("status.proto", () => {
    assert.deepEqual(fields("google/rpc/status.proto"), ["Status.code 1", "Status.message 2", "Status.details 3"]);
  });

  it("error_details.proto", () => {
    const table: Readonly<Record<string, string>> = {
      ErrorInfo: "reason domain metadata",
      RetryInfo: "retry_delay",
      DebugInfo: "stack_entries detail",
      QuotaFailure: "violations",
      "QuotaFailure.Violation": "subject description api_service quota_metric quota_id quota_dimensions quota_value future_quota_value?",
      PreconditionFailure: "violations",
      "PreconditionFailure.Violation": "type subject description",
      BadRequest: "field_violations",
      "BadRequest.FieldViolation": "field description reason localized_message",
      RequestInfo: "request_id serving_data",
      ResourceInfo: "resource_type resource_name owner description",
      Help: "links",
      "Help.Link": "description url",
      LocalizedMessage: "locale message",
    };
    const expected = Object.entries(table).flatMap(([message, names]) =>
      names.split(" ").map((name, i) => `${message}.${name.replace("?", "")} ${i + 1}${name.endsWith("?") ? " optional" : ""}`),
    );
    assert.deepEqual(fields("google/rpc/error_details.proto").sort(), expected.sort());
  });
});
