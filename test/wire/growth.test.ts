// The writer's buffer: growing, bytes fields, lengths that are guessed before the content is known.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { hex, random, type ScalarKind, writeKind } from "./support.js";

const LONGEST: Readonly<Record<ScalarKind, unknown>> = {
  uint32: 4_294_967_295,
  int32: -1,
  sint32: -2_147_483_648,
  uint64: 2n ** 64n - 1n,
  int64: -1n,
  sint64: -(2n ** 63n),
  bool: true,
  fixed32: 1,
  sfixed32: -1,
  fixed64: 1n,
  sfixed64: -1n,
  float: 1.5,
  double: Math.PI,
};

describe("growing", () => {
  for (const [kind, value] of Object.entries(LONGEST) as [ScalarKind, unknown][]) {
    it(`${kind} with every amount of room left`, () => {
      const fresh = new Writer();
      writeKind(fresh, kind, value);
      const wanted = hex(fresh.finish());
      for (let room = 0; room <= 10; room++) {
        const writer = new Writer(Buffer.alloc(20, 9));
        writer.pos = 20 - room;
        writeKind(writer, kind, value);
        assert.equal(hex(writer.finish()), "09".repeat(20 - room) + wanted);
      }
    });
  }

  it("from nothing to a megabyte, without losing a byte", () => {
    const writer = new Writer(Buffer.alloc(0));
    const next = random(1);
    const pieces: Buffer[] = [];
    for (let total = 0; total < 1 << 20; ) {
      const piece = Buffer.alloc(Math.floor(next() ** 4 * 100_000), Math.floor(next() * 256));
      writer.raw(piece);
      pieces.push(piece);
      total += piece.length;
      assert.equal(writer.len, total);
    }
    assert.ok(Buffer.concat(pieces).equals(writer.finish()));
  });

  it("at least doubles: many small writes do not copy each time", () => {
    const writer = new Writer(Buffer.alloc(16));
    const sizes = new Set<number>();
    for (let i = 0; i < 10_000; i++) sizes.add(writer.fixed32(i).buf.length);
    assert.ok(sizes.size <= 13, `${sizes.size} buffers`);
  });

  it("finish() copies, and the writer starts over", () => {
    const writer = new Writer();
    const first = writer.uint32(1).finish();
    const second = writer.uint32(2).uint32(3).finish();
    assert.deepEqual([hex(first), hex(second), hex(writer.finish())], ["01", "0203", ""]);
  });
});

describe("bytes", () => {
  it("as protobufjs writes them: empty, small, large; arrays and base64, too", () => {
    const values = [
      [],
      Buffer.alloc(0),
      Buffer.from([0xff]),
      Buffer.alloc(127, 1),
      Buffer.alloc(128, 2),
      Buffer.alloc(16_383, 3),
      Buffer.alloc(16_384, 4),
      Buffer.alloc(3_000_000, 5),
      [1, 2, 255],
      "aGVsbG8=",
      "",
    ];
    for (const value of values)
      assert.equal(
        hex(new Writer().bytes(value).finish()),
        hex(
          protobuf.Writer.create()
            .bytes(value as Uint8Array)
            .finish(),
        ),
      );
  });

  it("of a view are those of the view alone", () => {
    const whole = new Uint8Array([9, 9, 1, 2, 3, 9]);
    assert.equal(hex(new Writer().bytes(whole.subarray(2, 5)).finish()), "03010203");
  });

  it("are read as a copy, because the buffer is used again", () => {
    const slab = Buffer.from("03010203", "hex");
    const bytes = new Reader(slab).bytes();
    slab.fill(0);
    assert.equal(hex(bytes), "010203");
    assert.equal(Buffer.isBuffer(bytes), false);
  });

  it("are read as a view if they are large and the buffer is the message's own", () => {
    for (const [length, shared] of [
      [4095, false],
      [4096, true],
      [100_000, true],
    ] as const) {
      const slab = Buffer.from(new Writer().bytes(Buffer.alloc(length, 7)).finish());
      const bytes = new Reader(slab, 0, slab.length, true).bytes();
      assert.equal(bytes.length, length);
      assert.equal(bytes.buffer === slab.buffer, shared, `${length} bytes`);
      assert.ok(bytes.every((byte) => byte === 7));
    }
  });
});

describe("open and close", () => {
  const LENGTHS = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152];

  it("write the right length whatever width was guessed", () => {
    for (const length of LENGTHS) {
      const content = Buffer.alloc(length, 0xab);
      const expected = Buffer.from(new Writer().uint32(1).bytes(content).uint32(2).finish());
      for (let width = 1; width <= 5; width++) {
        const writer = new Writer(Buffer.alloc(8)).uint32(1);
        const start = writer.open(width);
        writer.raw(content);
        assert.equal(writer.close(start, width), length);
        assert.ok(expected.equals(writer.uint32(2).finish()), `${length} bytes, width ${width}`);
      }
    }
  });

  it("nest, the inner one moving what is in the outer one", () => {
    for (const [inner, outer] of [
      [1, 1],
      [5, 1],
      [1, 5],
      [2, 3],
    ] as const) {
      const writer = new Writer(Buffer.alloc(4));
      const first = writer.uint32(10).open(outer);
      const second = writer.uint32(18).open(inner);
      writer.raw(Buffer.alloc(200, 1));
      assert.equal(writer.close(second, inner), 200);
      assert.equal(writer.close(first, outer), 203);
      assert.equal(hex(writer.finish()), `0acb0112c801${"01".repeat(200)}`);
    }
  });

  it("fork and ldelim are protobufjs's names for it", () => {
    const both = [new Writer(), protobuf.Writer.create()].map((writer) => {
      const inner = writer.uint32(10).fork().uint32(18).fork();
      inner.raw(Buffer.alloc(130, 3));
      return hex(writer.ldelim().uint32(24).ldelim().uint32(1).finish());
    });
    assert.equal(both[0], both[1]);
  });

  it("ldelim without fork is the caller's mistake", () => {
    assert.throws(() => new Writer().ldelim(), new Error("ldelim() without fork()"));
  });

  it("reset forgets what came since the last fork, the fork included; without one, all", () => {
    const writer = new Writer().uint32(1);
    writer.fork().uint32(2).fork().uint32(3).reset();
    assert.equal(hex(writer.uint32(4).ldelim().finish()), "01020204");
    assert.equal(hex(writer.uint32(5).reset().uint32(6).finish()), "06");
  });

  it("rewind forgets forks that are gone with it", () => {
    const writer = new Writer().uint32(1).fork();
    const { pos } = writer;
    writer.fork().uint32(7).fork();
    writer.rewind(pos);
    assert.equal(hex(writer.uint32(2).ldelim().finish()), "010102");
  });
});
