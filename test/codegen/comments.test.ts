// Which comment belongs to which declaration, and what is left of it. Whether that is what protoc does is in reader.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commentOf } from "#lib/codegen/comments.js";
import { SourceCodeInfo_Location } from "#lib/codegen/descriptor.js";
import { readText } from "./reading.js";

describe("the text of a comment", () => {
  const cases: readonly (readonly [what: string, leading: string, expected: string])[] = [
    ["one line", " one\n", "one"],
    ["no space", "one\n", "one"],
    ["one space of several", "   three\n", "  three"],
    ["spaces at the end", " one  \n two\t\n", "one\ntwo"],
    ["lines that end as in DOS", " one\r\n two\r\n", "one\ntwo"],
    ["blank lines around", "\n\n one\n\n two\n \n", "one\n\ntwo"],
    ["Javadoc", "*\n Text.\n\n   - item\n ", "Text.\n\n  - item"],
    ["Javadoc on one line", "* Text. ", "Text."],
    ["a list in line comments", " * one\n * two\n", "* one\n* two"],
    ["three slashes", "/ one\n/\n/ two\n", "one\n\ntwo"],
    ["a slash in the text", " /dev/null\n", "/dev/null"],
    ["nothing", "\n", ""],
  ];
  for (const [what, leading, expected] of cases) {
    it(what, () => assert.equal(commentOf({ ...SourceCodeInfo_Location.create(), leadingComments: leading }), expected));
  }

  it("the comment behind is a further paragraph", () => {
    const location = SourceCodeInfo_Location.create();
    location.trailingComments = " behind\n";
    assert.equal(commentOf(location), "behind");
    location.leadingComments = " before\n";
    assert.equal(commentOf(location), "before\n\nbehind");
    assert.equal(commentOf(undefined), "");
  });
});

describe("where a comment belongs", () => {
  /** Comments of fields a and b of a message with this body. */
  const cases: readonly (readonly [what: string, body: string, a: string, b: string])[] = [
    ["before and behind", "// before a\nint32 a = 1; // behind a\n// before b\nint32 b = 2;", "before a\n\nbehind a", "before b"],
    ["behind, on the next line, with a blank line after it", "int32 a = 1;\n// behind a\n\nint32 b = 2;", "behind a", ""],
    ["between, without a blank line: before the next", "int32 a = 1;\n// before b\nint32 b = 2;", "", "before b"],
    ["between, with blank lines on both sides: nobody's", "int32 a = 1;\n\n// nobody's\n\nint32 b = 2;", "", ""],
    ["two blocks before: the last", "int32 a = 1;\n\n// nobody's\n\n// before b\nint32 b = 2;", "", "before b"],
    ["on one line between two fields: nobody's", "int32 a = 1; /* ? */ int32 b = 2;", "", ""],
    ["over several lines of a field", "// before a\nint32 /* lost */\n// lost\na = 1 /* lost */; int32 b = 2;", "before a", ""],
    ["at the end of the scope", "int32 a = 1;\nint32 b = 2;\n// behind b\n", "", "behind b"],
    ["at the end of the scope, with a blank line: nobody's", "int32 a = 1;\nint32 b = 2;\n\n// nobody's\n", "", ""],
    ["line comments join", "// one\n// two\nint32 a = 1; int32 b = 2;", "one\ntwo", ""],
    ["blocks do not join", "/* one */\n/* two */\nint32 a = 1; int32 b = 2;", "two", ""],
    ["before an option list", "// a\nint32 a = 1 [deprecated = true]; // behind a\nint32 b = 2;", "a\n\nbehind a", ""],
    ["before a statement that is no declaration", "int32 a = 1;\n// reserved\nreserved 9;\nint32 b = 2;", "", ""],
  ];
  for (const [what, body, a, b] of cases) {
    it(what, () => {
      const fields = readText(`syntax = "proto3";\nmessage M {\n${body}\n}`).messages[0]?.fields;
      assert.deepEqual(
        fields?.map(({ name, comment }) => [name, comment]),
        [
          ["a", a],
          ["b", b],
        ],
      );
    });
  }

  it("of every kind of declaration", () => {
    const file = readText(`syntax = "proto2"; // not the file's
// message
message M { // behind message
  // map
  map<string, M> map = 1;
  // oneof
  oneof choice { // behind oneof
    // member
    string member = 2;
    // group in oneof
    group Chosen = 3 { // behind group
      // field in group
      optional int32 x = 1;
    }
  }
  // group
  optional group Group = 4 {}
  // nested enum
  enum Kind {
    // value
    A = 0; // behind value
  }
  // nested
  message Nested { // behind nested
    // field of nested
    optional int32 y = 1;
  }
  // extended
  extend M { optional int32 e = 100; }
  extensions 100 to 200;
}
// service
service S {
  // rpc
  rpc Call(M) returns (M); // behind rpc
  // rpc with options
  rpc Other(M) returns (M) { // behind its brace
    // option
    option deprecated = true;
  }
}
// enum
enum E { B = 0; }
`);
    const [message] = file.messages;
    assert.equal(message?.comment, "message\n\nbehind message");
    assert.deepEqual(
      message?.fields.map(({ comment }) => comment),
      ["map", "member", "", ""],
    );
    assert.deepEqual(
      message?.oneofs.map(({ comment }) => comment),
      ["oneof\n\nbehind oneof"],
    );
    // The map's entry is the first nested message of the descriptor: comments of others must not shift.
    assert.deepEqual(
      message?.messages.map(({ name, comment }) => [name, comment]),
      [
        ["Chosen", "group in oneof\n\nbehind group"],
        ["Group", "group"],
        ["Nested", "nested\n\nbehind nested"],
      ],
    );
    assert.deepEqual(
      message?.messages.map(({ fields }) => fields[0]?.comment),
      ["field in group", undefined, "field of nested"],
    );
    assert.equal(message?.enums[0]?.comment, "nested enum");
    assert.equal(message?.enums[0]?.values[0]?.comment, "value\n\nbehind value");
    assert.equal(file.services[0]?.comment, "service");
    assert.deepEqual(
      file.services[0]?.methods.map(({ comment }) => comment),
      ["rpc\n\nbehind rpc", "rpc with options\n\nbehind its brace"],
    );
    assert.equal(file.enums[0]?.comment, "enum");
  });
});
