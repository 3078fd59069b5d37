// Large bytes fields that are not copied but referenced.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Writer } from "#lib/index.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import { REFERENCE_BYTES } from "#lib/wire/writer.js";
import { random } from "./support.js";
import { reflected } from "./types.js";

const big = Buffer.alloc(REFERENCE_BYTES, 1);
const bigger = Buffer.alloc(REFERENCE_BYTES * 3, 2);

/** The same content, copied: what the referencing writer must amount to. */
function both(write: (writer: Writer) => void): [referenced: Writer, copied: Buffer] {
  const referenced = new Writer(Buffer.alloc(64), true);
  const copied = new Writer(Buffer.alloc(64), false);
  write(referenced);
  write(copied);
  assert.equal(copied.references.length, 0);
  assert.equal(referenced.len, copied.len);
  return [referenced, Buffer.from(copied.finish())];
}

describe("what is referenced", () => {
  it("bytes from 16 KiB on, if allowed, and nothing else", () => {
    const kept = (value: Uint8Array | number[] | string, mayReference = true): number => new Writer(undefined, mayReference).bytes(value).references.length;
    assert.equal(REFERENCE_BYTES, 16_384);
    assert.deepEqual(
      [kept(big), kept(big.subarray(1)), kept(new Uint8Array(REFERENCE_BYTES)), kept(big, false), kept([...big]), kept(big.toString("base64"))],
      [1, 0, 1, 0, 0, 1],
    );
    assert.equal(new Writer(undefined, true).string("x".repeat(100_000)).references.length, 0);
  });

  it("the bytes themselves, at their position", () => {
    const writer = new Writer(undefined, true).uint32(10).bytes(big).uint32(18).bytes(bigger);
    assert.deepEqual(
      writer.references.map(({ position }) => position),
      [4, 8],
    );
    assert.equal(writer.references[0]?.bytes, big);
    assert.equal(writer.references[1]?.bytes, bigger);
    assert.equal(writer.pos, 8);
    assert.equal(writer.len, 8 + big.length + bigger.length);
  });
});

describe("lengths count what is referenced", () => {
  it("within nested parts, with every guess of their widths", () => {
    for (let outer = 1; outer <= 5; outer++) {
      for (let inner = 1; inner <= 5; inner++) {
        const [referenced, copied] = both((writer) => {
          const first = writer.uint32(10).open(outer);
          writer.uint32(8).uint32(1).uint32(18).bytes(big);
          const second = writer.uint32(26).open(inner);
          writer.uint32(10).bytes(bigger).uint32(16).uint32(2);
          assert.equal(writer.close(second, inner), bigger.length + 6);
          writer.uint32(34).bytes(big);
          writer.close(first, outer);
          writer.uint32(40).uint32(3);
        });
        assert.equal(referenced.references.length, 3);
        assert.ok(copied.equals(referenced.finish()), `widths ${outer} and ${inner}`);
      }
    }
  });

  it("right at the beginning and the end of a part, and two in a row", () => {
    for (let width = 1; width <= 5; width++) {
      const [referenced, copied] = both((writer) => {
        writer.raw(big);
        const start = writer.open(width);
        writer.raw(big).raw(bigger);
        assert.equal(writer.close(start, width), big.length + bigger.length);
        writer.raw(bigger);
      });
      assert.equal(referenced.references.length, 4);
      assert.ok(copied.equals(referenced.finish()), `width ${width}`);
    }
  });

  it("lengthSince a position counts only those behind it", () => {
    const writer = new Writer(undefined, true).bytes(big).uint32(1);
    const { pos } = writer;
    assert.equal(writer.lengthSince(pos), 0);
    writer.bytes(bigger);
    assert.equal(writer.lengthSince(pos), 3 + bigger.length);
    assert.equal(writer.lengthSince(0), 4 + big.length + 3 + bigger.length);
  });

  it("of random messages, encoded by protobufjs", () => {
    const next = random(7);
    const type = reflected("Kinds");
    const message = (depth: number): object => ({
      uint32: Math.floor(next() * 1000),
      ...(next() < 0.7 && { bytes: Buffer.alloc(Math.floor(next() ** 2 * 60_000), Math.floor(next() * 256)) }),
      ...(depth > 0 && { child: message(depth - 1) }),
      ...(depth > 0 && next() < 0.5 && { branch: message(depth - 1) }),
      far: "end",
    });
    let references = 0;
    for (let i = 0; i < 60; i++) {
      const made = type.create(message(4));
      const writer = new Writer(Buffer.alloc(32), true);
      fromProtobufjs(type).encode(made, writer);
      references += writer.references.length;
      assert.ok(Buffer.from(type.encode(made).finish()).equals(writer.finish()), `message ${i}`);
    }
    assert.ok(references > 60, `only ${references} references: the test shows nothing`);
  });
});

describe("finishInto", () => {
  it("puts everything in order, at an offset", () => {
    const [referenced, copied] = both((writer) => writer.uint32(1).bytes(big).uint32(2).bytes(bigger).uint32(3));
    const target = Buffer.alloc(copied.length + 7, 0xee);
    assert.equal(referenced.finishInto(target, 5), target);
    assert.ok(Buffer.concat([Buffer.alloc(5, 0xee), copied, Buffer.alloc(2, 0xee)]).equals(target));
  });
});

describe("forgetting", () => {
  it("rewind drops the references behind it and keeps those before it", () => {
    const writer = new Writer(undefined, true).bytes(big).uint32(1);
    const { pos } = writer;
    writer.bytes(bigger).bytes(big);
    writer.rewind(pos);
    assert.deepEqual(
      writer.references.map(({ bytes }) => bytes.length),
      [big.length],
    );
    assert.equal(writer.len, 4 + big.length);
    writer.rewind(0);
    assert.equal(writer.len, 0);
    assert.equal(writer.references.length, 0);
  });

  it("reset drops those of the part, and keeps one that ends right before it", () => {
    const writer = new Writer(undefined, true).bytes(big);
    writer.fork().bytes(bigger).reset();
    const expected = new Writer().bytes(big).uint32(5).finish();
    assert.ok(Buffer.from(expected).equals(writer.uint32(5).finish()));
  });

  it("finish leaves none behind", () => {
    const writer = new Writer(undefined, true).raw(big);
    assert.equal(writer.finish().length, big.length);
    assert.equal(writer.uint32(1).finish().length, 1);
  });
});
