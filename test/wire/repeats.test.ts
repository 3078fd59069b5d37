// Strings that come again: the same texts as without the table, whatever became of the bytes in between.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReadStrings, WrittenStrings } from "#lib/wire/repeats.js";
import { Reader } from "#lib/wire/reader.js";
import { WireError } from "#lib/wire/wire-error.js";
import { Writer } from "#lib/wire/writer.js";

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/** Strings one behind the other, as in a slab. */
function slabOf(texts: readonly string[]): { readonly slab: Buffer; readonly places: readonly (readonly [start: number, length: number])[] } {
  let end = 3;
  const places = texts.map((text) => {
    const place = [end, Buffer.byteLength(text)] as const;
    end += place[1] + 1;
    return place;
  });
  const slab = Buffer.alloc(end + 8);
  places.forEach(([start], i) => slab.write(texts[i] ?? "", start));
  return { slab, places };
}

function readAll(strings: ReadStrings, texts: readonly string[]): void {
  const { slab, places } = slabOf(texts);
  assert.deepEqual(
    places.map(([start, length]) => strings.read(slab, start, length)),
    texts,
  );
}

describe("strings read from a slab", () => {
  it("are what their bytes say, repeated or not, of every length", () => {
    const strings = new ReadStrings();
    for (let length = 0; length <= 80; length++) {
      const text = id.repeat(2).slice(0, length);
      // The last byte differs, or the first, or one in the middle.
      const others = [`${text.slice(0, -1)}!`, `!${text.slice(1)}`, `${text.slice(0, length >> 1)}!${text.slice((length >> 1) + 1)}`].map((one) =>
        one.slice(0, length),
      );
      readAll(strings, [text, text, ...others, text, text]);
    }
  });

  it("are what their bytes say where two fields share a length, or a slot", () => {
    const strings = new ReadStrings();
    const writer = new Writer(Buffer.alloc(16));
    const wanted: string[] = [];
    for (let i = 0; i < 200; i++) {
      const texts = [`container-${String(i).padStart(6, "0")}`, "docker.io/alpine", i % 3 === 0 ? "docker.io/debian" : "docker.io/alpine"];
      for (const [j, tag] of [10, 18, 0x8a].entries()) writer.putString(tag, texts[j] ?? "");
      wanted.push(...texts);
    }
    const slab = Buffer.from(writer.finish());
    let at = 0;
    for (const text of wanted) {
      at += slab[at] === 0x8a ? 3 : 2;
      assert.equal(strings.read(slab, at, 16), text);
      at += 16;
    }
  });

  it("are compared in bytes, not characters", () => {
    readAll(new ReadStrings(), ["grüße und küsse", "grüße und küsse", "gruesse und kuß", "gr\u{1f600}üsse und k", "grüße und küsse"]);
  });

  it("are read anew when the slab holds something else", () => {
    const strings = new ReadStrings();
    const slab = Buffer.from(`  ${id}`);
    assert.equal(strings.read(slab, 2, 32), id.slice(0, 32));
    slab.write("another text of just as many let", 2);
    assert.equal(strings.read(slab, 2, 32), "another text of just as many let");
  });

  it("are found again where texts have begun to repeat after many that did not", () => {
    const strings = new ReadStrings();
    const different = Array.from({ length: 400 }, (_, i) => `container ${String(i).padStart(6, "0")}`);
    readAll(strings, [...different, ...different.map(() => different[0] ?? "")]);
  });

  it("refuse bad UTF-8 every time", () => {
    const strings = new ReadStrings();
    const slab = Buffer.from([...Buffer.from("0123456789"), 0xff, ...Buffer.from("0123456789"), 0xff]);
    for (const start of [0, 11, 0]) assert.throws(() => strings.read(slab, start, 11), /UTF-8/);
  });
});

describe("entries of maps read from a slab", () => {
  const keys = Array.from({ length: 50 }, (_, i) => `label-${i * 7}`);
  const maps: Record<string, string>[] = [];
  for (const value of ["one", "two", "", "grün", "x".repeat(200)]) {
    for (const order of [keys, keys, keys.toReversed(), keys.slice(0, 3), keys.slice(1, 4), [], ["", "__proto__", "a"]]) {
      maps.push(Object.fromEntries(order.map((key) => [key, value])));
    }
  }

  /** The maps one behind the other, each entry as a field of its own. */
  function slabOfMaps(): Buffer {
    const writer = new Writer(Buffer.alloc(16));
    for (const map of maps) for (const [key, value] of Object.entries(map)) writer.putStringEntry(10, key, value);
    return Buffer.from(writer.finish());
  }

  function readMaps(reader: Reader): Record<string, string>[] {
    return maps.map((map) => {
      const into: Record<string, string> = {};
      for (let i = 0; i < Object.keys(map).length; i++) {
        assert.equal(reader.tag(), 10);
        reader.stringEntry(into);
      }
      return into;
    });
  }

  it("are what their bytes say, repeated or not, in any order, in one batch after the other", () => {
    const slab = slabOfMaps();
    const reader = new Reader(slab);
    reader.repeats = new ReadStrings();
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(readMaps(reader.reset(slab, 0, slab.length, true)), maps);
    }
  });

  it("are read anew when the slab holds something else", () => {
    const slab = Buffer.from([8, 10, 1, 97, 18, 3, 98, 98, 98]);
    const reader = new Reader(slab);
    reader.repeats = new ReadStrings();
    const into: Record<string, string> = {};
    reader.stringEntry(into);
    assert.equal(reader.repeats.entryAgain(slab, 0, slab.length)?.value, "bbb");
    slab[8] = 99;
    reader.reset(slab, 0, slab.length, true).stringEntry(into);
    assert.deepEqual(into, { a: "bbc" });
  });

  it("that end behind their message are refused, although their bytes were read before", () => {
    const entry = [8, 10, 1, 97, 18, 3, 98, 98, 98];
    const slab = Buffer.from([...entry, ...entry]);
    const reader = new Reader(slab);
    reader.repeats = new ReadStrings();
    reader.stringEntry({});
    assert.notEqual(reader.repeats.entryAgain(slab, 9, 18), undefined);
    reader.len = 17;
    assert.throws(() => reader.stringEntry({}), WireError);
  });

  it("that are malformed are refused every time", () => {
    const entry = [8, 10, 1, 0xff, 18, 3, 98, 98, 98];
    const slab = Buffer.from([...entry, ...entry]);
    const reader = new Reader(slab);
    reader.repeats = new ReadStrings();
    for (const start of [0, 9]) assert.throws(() => reader.reset(slab, start, 18, true).stringEntry({}), /UTF-8/);
  });

  it("with more in them than a key and a value are not kept: their bytes may be a NaN", () => {
    // Field 2031 of the entry, a text: its tag is f2 7f.
    const slab = Buffer.from([17, 10, 1, 97, 0xf2, 0x7f, 5, 1, 2, 3, 4, 0xf2, 18, 4, 98, 98, 98, 98]);
    const reader = new Reader(slab);
    reader.repeats = new ReadStrings();
    const into: Record<string, string> = {};
    for (let i = 0; i < 3; i++) reader.reset(slab, 0, slab.length, true).stringEntry(into);
    assert.deepEqual(into, { a: "bbbb" });
    assert.equal(reader.repeats.entryAgain(slab, 0, slab.length), undefined);
  });
});

/** What a writer with the table and one without make of the same. */
function bothWriters(write: (writer: Writer) => void): void {
  const plain = new Writer(Buffer.alloc(16));
  const repeating = new Writer(Buffer.alloc(16));
  repeating.repeats = new WrittenStrings();
  write(plain);
  write(repeating);
  assert.deepEqual(repeating.finish(), plain.finish());
}

describe("strings written to an arena", () => {
  it("are found again after a rewind, in another place", () => {
    const strings = new WrittenStrings();
    const buf = Buffer.alloc(128);
    const slot = strings.slot(buf, 2, 20);
    assert.equal(strings.again(slot, buf, 2, id.slice(0, 20)), false);
    strings.wrote(slot, buf, 2, id.slice(0, 20), buf.write(id.slice(0, 20), 2));
    buf.fill(0);
    assert.equal(strings.again(strings.slot(buf, 66, 20), buf, 66, id.slice(0, 20)), true);
    assert.equal(buf.toString("latin1", 66, 86), id.slice(0, 20));
  });

  it("are the same bytes, repeated or not, of every length", () => {
    bothWriters((writer) => {
      for (let length = 0; length <= 80; length++) {
        const text = id.repeat(2).slice(0, length);
        for (const one of [text, text, `${text.slice(1)}!`, text, Array.from(text).join("")]) writer.putString(10, one);
      }
    });
  });

  it("are the same bytes where fields have texts of one length, and where they share a slot", () => {
    bothWriters((writer) => {
      for (let i = 0; i < 200; i++) {
        writer.putString(10, `container-${String(i).padStart(6, "0")}`);
        writer.putString(18, "docker.io/alpine");
        writer.putString(0x8a, i % 3 === 0 ? "docker.io/debian" : "docker.io/alpine");
      }
    });
  });

  it("are the same bytes where they are not ASCII", () => {
    bothWriters((writer) => {
      for (const text of ["grüße und küsse", "gruesse", "grüße und küsse", "\u{1f600}\u{1f600}\u{1f600}\u{1f600}", "\ud800 alone in here"]) {
        writer.putString(10, text);
        writer.putString(10, text);
      }
    });
  });

  it("are the same bytes in entries of maps, whatever differs", () => {
    bothWriters((writer) => {
      for (const tag of [18, 18, 26, 0x8a, 18]) {
        for (const [key, value] of [
          ["app.key", "value-1"],
          ["app.key", "value-1"],
          ["app.key", "value-2"],
          ["app.kez", "value-2"],
          ["", "value"],
          ["", "value"],
          ["key", ""],
          ["key", ""],
          ["", ""],
          ["k", ""],
          ["", ""],
          ["k", ""],
          ["grün", "blä"],
          ["grün", "blä"],
          [id, id],
          [id, id],
        ] as const) {
          writer.putStringEntry(tag, key, value);
        }
      }
    });
  });

  it("are the same bytes in maps whose entries come in any order, and more than are kept", () => {
    const keys = Array.from({ length: 50 }, (_, i) => `label-${i * 7}`);
    const map = (order: readonly string[], value: (key: string) => string): Record<string, string> => Object.fromEntries(order.map((key) => [key, value(key)]));
    bothWriters((writer) => {
      for (const tag of [34, 34, 42, 34]) {
        writer.putStringEntries(
          tag,
          map(keys, (key) => key),
        );
        writer.putStringEntries(
          tag,
          map(keys.toReversed(), (key) => key),
        );
        writer.putStringEntries(
          tag,
          map(keys.slice(0, 3), (key) => key),
        );
        writer.putStringEntries(
          tag,
          map(keys.slice(1, 4), (key) => key),
        );
        writer.putStringEntries(
          tag,
          map(keys, (key) => `${key.slice(0, 6)}!`),
        );
        writer.putStringEntries(tag, {});
      }
    });
  });

  it("are the same bytes in maps of any texts", () => {
    const parts = ["", "", "a", "key", "\x7f", "\xff", "grün", "\u{1f600}", "\u{10ffff}\x7f", "\ud800"];
    let seed = 7;
    const next = (): string => {
      seed = (seed * 48_271) % 0x7fffffff;
      return parts[seed % parts.length] as string;
    };
    bothWriters((writer) => {
      seed = 7;
      for (let i = 0; i < 2_000; i++) {
        const map = { [next() + next()]: next(), [next()]: next() + next(), [next()]: next() };
        for (let again = 0; again < 3; again++) writer.putStringEntries(34, map);
      }
    });
  });

  it("are written anew in entries after a rewind", () => {
    bothWriters((writer) => {
      writer.putStringEntry(18, "app", "one");
      const start = writer.pos;
      writer.putStringEntry(18, "key", "two");
      writer.rewind(start);
      writer.putStringEntry(26, "some", "other entry");
      writer.putStringEntry(18, "key", "two");
      writer.putStringEntry(18, "app", "one");
    });
  });

  it("are written anew after a rewind, and after content has moved", () => {
    bothWriters((writer) => {
      writer.putString(10, id);
      const start = writer.pos;
      writer.putString(10, "this text is dropped again, and overwritten");
      writer.rewind(start);
      writer.putString(10, id.slice(0, 50));
      writer.putString(10, "this text is dropped again, and overwritten");
      // A length of two bytes where one was left: what was written behind it moves by one.
      const at = writer.openField(18);
      for (let i = 0; i < 4; i++) writer.putString(10, id.slice(0, 60));
      writer.close(at);
      for (let i = 0; i < 4; i++) writer.putString(10, id.slice(0, 60));
    });
  });
});
