// Strings of every class of length and alphabet; strict UTF-8 on the way in.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { assertWireError, hex, INVALID_UTF8, unhex } from "./support.js";

/** Around what is done by hand (24), what surely has a length of one byte (43), and lengths of one, two and three bytes. */
const LENGTHS = [
  0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 41, 42, 43, 44, 63, 64, 127, 128, 129, 5_461, 5_462, 8_191, 8_192, 16_383, 16_384, 16_385,
];

const ALPHABETS: Readonly<Record<string, string>> = {
  ascii: "a~ Z\u007f\0",
  "two bytes": "éß\u0080\u07ff",
  "three bytes": "世€\u0800\uffff",
  surrogates: "😀𝄞\u{10ffff}\u{10000}",
  mixed: "aé世😀",
};

/** `length` UTF-16 units of an alphabet; a pair that does not fit is left out for a letter. */
function textOf(alphabet: string, length: number): string {
  let text = "";
  for (const letters = Array.from(alphabet); text.length < length; ) {
    const letter = letters[text.length % letters.length] as string;
    text += text.length + letter.length <= length ? letter : "x";
  }
  return text;
}

function* texts(): Generator<string> {
  for (const alphabet of Object.values(ALPHABETS)) for (const length of LENGTHS) yield textOf(alphabet, length);
  // One wide character in an otherwise plain string, wherever a loop over it may stand.
  for (const length of [8, 9, 24, 25, 42, 43, 44, 128]) {
    for (const wide of ["é", "世", "😀"])
      for (let at = 0; at <= length - wide.length; at++) yield `${"a".repeat(at)}${wide}${"a".repeat(length - wide.length - at)}`;
  }
}

/** Length and content, by Node. */
function expected(text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([new Writer().uint32(content.length).finish(), content]);
}

describe("writing", () => {
  it("gives Node's UTF-8, and protobufjs's", () => {
    for (const text of texts()) {
      const bytes = new Writer().string(text).finish();
      assert.equal(hex(bytes), hex(expected(text)), JSON.stringify(text.slice(0, 50)));
      assert.equal(hex(bytes), hex(protobuf.Writer.create().string(text).finish()));
    }
  });

  it("fits into a buffer that is just full, and leaves what is there alone", () => {
    for (const text of texts()) {
      const writer = new Writer(Buffer.alloc(3, 7));
      writer.pos = 3;
      assert.equal(hex(writer.string(text).finish()), `070707${hex(expected(text))}`);
    }
  });

  it("lone surrogates become U+FFFD, which every reader takes", () => {
    for (const lone of ["\ud800", "\udbff", "\udc00", "\udfff", "\ude00\ud83d", "\ud800\ud800\udc00", "a\ud800"]) {
      for (const around of ["", "a".repeat(24), "a".repeat(42), "é".repeat(60), "a".repeat(16_384)]) {
        for (const text of [lone + around, around + lone, around + lone + around]) {
          const bytes = new Writer().string(text).finish();
          assert.equal(hex(bytes), hex(expected(text)));
          assert.equal(new Reader(bytes).string(), Buffer.from(text).toString());
        }
      }
    }
  });
});

describe("reading", () => {
  it("gives back what was written, wherever it lies", () => {
    for (const text of texts()) {
      const bytes = expected(text);
      const slab = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0x80)]);
      for (const method of ["string", "stringVerify", "internedString"] as const) {
        const reader = new Reader(slab, 3, 3 + bytes.length);
        assert.equal(reader[method](), text);
        assert.equal(reader.pos, 3 + bytes.length);
      }
    }
  });

  it("reads from a Uint8Array that is no Buffer, and is a part of something larger", () => {
    const bytes = expected("grüße");
    const whole = new Uint8Array(bytes.length + 8).fill(0x80);
    whole.set(bytes, 4);
    assert.equal(new Reader(whole.subarray(4, 4 + bytes.length)).string(), "grüße");
  });

  it("keeps a byte order mark, NUL, and U+FFFD that was meant", () => {
    for (const text of ["\ufeffbom", "nul\0nul", "\ufffd", `\ufffd${"é".repeat(40)}`, "\ufffe\uffff"]) assert.equal(new Reader(expected(text)).string(), text);
  });
});

describe("invalid UTF-8 is refused", () => {
  const invalid: Readonly<Record<string, string>> = {
    "a continuation byte alone": "80",
    "the last continuation byte alone": "bf",
    "an over-long NUL": "c080",
    "an over-long slash in two bytes": "c0af",
    "an over-long slash in three bytes": "e080af",
    "an over-long slash in four bytes": "f08080af",
    "a high surrogate": "eda080",
    "a low surrogate": "edbfbf",
    "a pair of surrogates": "eda0bdedb880",
    "over U+10FFFF": "f4908080",
    "a lead byte that is none": "f8888080",
    "0xff": "ff",
    "a sequence of two that ends early": "c3",
    "a sequence of three that ends early": "e282",
    "a sequence of four that ends early": "f09f98",
    "a sequence broken by a letter": "e24182",
  };
  for (const [what, text] of Object.entries(invalid)) {
    it(what, () => {
      const bad = unhex(text);
      for (const around of ["", "a", "aaaaaaa", "aaaaaaaa", "a".repeat(30), "é".repeat(30), "\ufffd", "a".repeat(20_000)]) {
        const good = Buffer.from(around);
        for (const content of [Buffer.concat([good, bad]), Buffer.concat([bad, good]), Buffer.concat([good, bad, good])]) {
          const bytes = new Writer().bytes(content).finish();
          for (const method of ["string", "stringVerify", "internedString"] as const) assertWireError(() => new Reader(bytes)[method](), INVALID_UTF8);
        }
      }
    });
  }

  it("a sequence cut by the string's end is not completed by the bytes behind it", () => {
    // The string is "é"'s first byte; the second follows, outside.
    for (const method of ["string", "internedString"] as const) assertWireError(() => new Reader(unhex("01c3a9"))[method](), INVALID_UTF8);
    assertWireError(() => new Reader(Buffer.concat([unhex("1e"), Buffer.alloc(29, 0x61), unhex("c3a9")])).string(), INVALID_UTF8);
  });
});
