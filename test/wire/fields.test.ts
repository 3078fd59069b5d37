// What generated code calls: whole fields with their tags, refused when the field cannot hold the value, and the Reader's
// helpers around messages, groups, entries and unknown fields.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reader } from "#lib/wire/reader.js";
import { Writer } from "#lib/wire/writer.js";
import { FieldError, WireError } from "#lib/wire/wire-error.js";

type Put = keyof { [K in keyof Writer as K extends `put${string}` ? K : never]: true };

function bytesOf(write: (writer: Writer) => void, room = 64): string {
  const writer = new Writer(Buffer.allocUnsafeSlow(room));
  write(writer);
  return writer.buf.subarray(0, writer.pos).toString("hex");
}

function put(name: Put, value: unknown, tag = 8, room = 64): string {
  return bytesOf((writer) => (writer[name] as (this: Writer, tag: number, value: unknown) => void).call(writer, tag, value), room);
}

describe("one field", () => {
  const rows: [Put, unknown, string][] = [
    ["putString", "", "00"],
    ["putString", "héllo", "0668c3a96c6c6f"],
    ["putBytes", Uint8Array.of(1, 2), "020102"],
    ["putBool", true, "01"],
    ["putBool", false, "00"],
    ["putInt32", 0, "00"],
    ["putInt32", 2147483647, "ffffffff07"],
    ["putInt32", -1, "ffffffffffffffffff01"],
    ["putInt32", -2147483648, "80808080f8ffffffff01"],
    ["putUint32", 4294967295, "ffffffff0f"],
    ["putSint32", -2147483648, "ffffffff0f"],
    ["putSint32", 1, "02"],
    ["putFixed32", 4294967295, "ffffffff"],
    ["putSfixed32", -2, "feffffff"],
    ["putInt64", 9223372036854775807n, "ffffffffffffffff7f"],
    ["putInt64", -1, "ffffffffffffffffff01"],
    ["putInt64", "-9223372036854775808", "80808080808080808001"],
    ["putUint64", 18446744073709551615n, "ffffffffffffffffff01"],
    ["putUint64", 9007199254740991, "ffffffffffffff0f"],
    ["putSint64", -9223372036854775808n, "ffffffffffffffffff01"],
    ["putFixed64", 1n, "0100000000000000"],
    ["putSfixed64", -1n, "ffffffffffffffff"],
    ["putFloat", 1.5, "0000c03f"],
    ["putDouble", -0, "0000000000000080"],
    ["putDouble", Number.NaN, "000000000000f87f"],
  ];
  for (const [name, value, hex] of rows) {
    it(`${name}(${String(value)})`, () => assert.equal(put(name, value), `08${hex}`));

    it(`${name}(${String(value)}) grows the buffer, wherever it ends`, () => {
      for (let room = 1; room < 24; room++) assert.equal(put(name, value, 0xfffffff8, room), `f8ffffff0f${hex}`, `${room} bytes of room`);
    });
  }

  it("an entry of a map of strings, short and long, at every point of the buffer", () => {
    const entry = (key: string, value: string, room: number): string => bytesOf((writer) => writer.putStringEntry(0xfffffffa, key, value), room);
    const texts = ["", "k", "ü".repeat(20), "€".repeat(41), "x".repeat(41), "x".repeat(42), "y".repeat(200)];
    for (const key of texts) {
      for (const value of texts) {
        const wanted = bytesOf((writer) => {
          const at = writer.openField(0xfffffffa);
          writer.putString(10, key);
          writer.putString(18, value);
          writer.close(at);
        }, 2_000);
        for (const room of [1, 10, 60, 100, 130, 140, 160, 1_000])
          assert.equal(entry(key, value, room), wanted, `${key.length} and ${value.length} characters in ${room} bytes`);
      }
    }
    assert.throws(() => new Writer().putStringEntry(10, 5 as never, "v"), { message: "field 1: string expected, not number 5" });
    assert.throws(() => new Writer().putStringEntry(10, "k", undefined as never), { message: "field 1: string expected, not undefined" });
  });

  it("tags of every width", () => {
    for (const [number, hex] of [
      [15, "78"],
      [16, "8001"],
      [2047, "f87f"],
      [2048, "808001"],
      [536870911, "f8ffffff0f"],
    ] as const)
      assert.equal(put("putBool", true, number * 8), `${hex}01`);
  });

  it("a long string, and one whose length needs a second byte", () => {
    const long = "ü".repeat(100);
    assert.equal(put("putString", long, 10), `0ac801${Buffer.from(long).toString("hex")}`);
    assert.equal(put("putString", "x".repeat(42), 10), `0a2a${"78".repeat(42)}`);
    assert.equal(put("putString", "€".repeat(42), 10), `0a7e${"e282ac".repeat(42)}`);
    assert.equal(put("putString", "x".repeat(127), 10), `0a7f${"78".repeat(127)}`);
  });

  it("grows the buffer at every point", () => {
    for (let room = 1; room < 24; room++) {
      const hex = bytesOf((writer) => {
        writer.putString(0xfffffff8, "ab");
        writer.putInt32(8, -1);
        writer.putFixed64(9, 1n);
        writer.close(writer.openField(18));
      }, room);
      assert.equal(hex, "f8ffffff0f02616208ffffffffffffffffff010901000000000000001200");
    }
  });
});

describe("packed fields", () => {
  const rows: [Put, readonly unknown[], string][] = [
    ["putInt32s", [1, -1], "0b01ffffffffffffffffff01"],
    ["putUint32s", [300], "02ac02"],
    ["putSint32s", [-1, 1], "020102"],
    ["putFixed32s", [1], "0401000000"],
    ["putSfixed32s", [-1], "04ffffffff"],
    ["putInt64s", [1n, -1n], "0b01ffffffffffffffffff01"],
    ["putUint64s", [18446744073709551615n], "0affffffffffffffffff01"],
    ["putSint64s", [-1n], "0101"],
    ["putFixed64s", [1n], "080100000000000000"],
    ["putSfixed64s", [-1n], "08ffffffffffffffff"],
    ["putFloats", [1.5], "040000c03f"],
    ["putDoubles", [1], "08000000000000f03f"],
    ["putBools", [true, false], "020100"],
  ];
  for (const [name, values, hex] of rows) it(name, () => assert.equal(put(name, values, 10), `0a${hex}`));

  it("a length of two bytes", () => assert.equal(put("putUint32s", new Array(200).fill(1), 10), `0ac801${"01".repeat(200)}`));
});

describe("values that a field cannot hold are refused, with field and value", () => {
  const rows: [Put, unknown, string][] = [
    ["putString", 5, "field 1: string expected, not number 5"],
    ["putString", undefined, "field 1: string expected, not undefined"],
    ["putBytes", "abc", "field 1: Uint8Array expected, not string abc"],
    ["putBytes", [1], "field 1: Uint8Array expected, not object"],
    ["putInt32", 2147483648, "field 1: 32-bit integer expected, not number 2147483648"],
    ["putInt32", 1.5, "field 1: 32-bit integer expected, not number 1.5"],
    ["putInt32", Number.NaN, "field 1: 32-bit integer expected, not number NaN"],
    ["putInt32", "1", "field 1: 32-bit integer expected, not string 1"],
    ["putUint32", -1, "field 1: unsigned 32-bit integer expected, not number -1"],
    ["putUint32", 2 ** 40, "field 1: unsigned 32-bit integer expected, not number 1099511627776"],
    ["putSint32", 2147483648, "field 1: 32-bit integer expected, not number 2147483648"],
    ["putFixed32", -1, "field 1: unsigned 32-bit integer expected, not number -1"],
    ["putSfixed32", 4294967295, "field 1: 32-bit integer expected, not number 4294967295"],
    ["putInt64", 9223372036854775808n, "field 1: 64-bit integer expected, not bigint 9223372036854775808"],
    ["putInt64", 2 ** 53, "field 1: 64-bit integer expected, not number 9007199254740992"],
    ["putInt64", "twelve", "field 1: 64-bit integer expected, not string twelve"],
    ["putInt64", null, "field 1: 64-bit integer expected, not null"],
    ["putUint64", -1n, "field 1: unsigned 64-bit integer expected, not bigint -1"],
    ["putSint64", 9223372036854775808n, "field 1: 64-bit integer expected, not bigint 9223372036854775808"],
    ["putFixed64", 18446744073709551616n, "field 1: unsigned 64-bit integer expected, not bigint 18446744073709551616"],
    ["putSfixed64", {}, "field 1: 64-bit integer expected, not object"],
    ["putDouble", "1", "field 1: number expected, not string 1"],
    ["putFloat", 1n, "field 1: number expected, not bigint 1"],
    ["putInt32s", [1, 2.5], "field 1: 32-bit integer expected, not number 2.5"],
    ["putUint64s", [1n, -1n], "field 1: unsigned 64-bit integer expected, not bigint -1"],
    ["putDoubles", [1, "x"], "field 1: number expected, not string x"],
  ];
  for (const [name, value, message] of rows) {
    it(`${name}(${String(value)})`, () =>
      assert.throws(
        () => put(name, value),
        (error) => error instanceof FieldError && error.message === message,
      ));
  }
});

describe("reading around fields", () => {
  const reader = (hex: string): Reader => new Reader(Buffer.from(hex, "hex"));

  it("a message must end where its length says", () => {
    const one = reader("0801");
    one.tag();
    one.uint32();
    one.checkEnd(2);
    assert.throws(() => one.checkEnd(1), WireError);
    assert.throws(() => one.checkEnd(3), WireError);
  });

  it("messages nest 100 deep, and no deeper", () => {
    const one = reader("");
    for (let i = 0; i < 100; i++) one.enter();
    assert.throws(
      () => one.enter(),
      (error) => error instanceof WireError && error.cause instanceof RangeError && error.cause.message === "messages nested over 100 deep",
    );
    one.reset(Buffer.alloc(0), 0, 0, false).enter();
    one.leave();
  });

  it("the length of a group, nested ones of the same number in it", () => {
    // field 1: group { field 1: group {} field 2: 5 } end, then field 3.
    const one = reader("0b0c10050c1801");
    assert.equal(one.groupSize(1), 4);
    assert.equal(one.pos, 0);
    assert.throws(() => reader("1005").groupSize(1), WireError);
    assert.throws(() => reader("100514").groupSize(1), WireError);
  });

  it("keeps unknown fields as they came", () => {
    const one = reader("8201026869081d");
    const kept = one.keepField(one.tag());
    const both = one.keepField(one.tag(), kept);
    assert.deepEqual(
      both.map((field) => Buffer.from(field).toString("hex")),
      ["8201026869", "081d"],
    );
  });

  it("entries of a map of strings, and what is missing in them", () => {
    const map: Record<string, string> = {};
    for (const hex of ["060a0161120162", "030a0163", "00", "050a01611a00", "0612017a0a0163"]) reader(hex).stringEntry(map);
    assert.deepEqual(map, { a: "", c: "z", "": "" });
  });

  it("an entry called __proto__ is an entry", () => {
    const map: Record<string, string> = {};
    reader(`0f0a09${Buffer.from("__proto__").toString("hex")}120178`.replace(/^../, "0e")).stringEntry(map);
    assert.equal(Object.getPrototypeOf(map), Object.prototype);
    assert.deepEqual(Object.entries(map), [["__proto__", "x"]]);
  });

  it("an entry that ends inside a field is malformed", () => assert.throws(() => reader("030a05616263").stringEntry({}), WireError));
});
