// The table of strings that come again: of bounded size, and never a wrong string.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reader, Writer } from "#lib/index.js";
import { lookUp, remember } from "#lib/wire/intern.js";
import { assertWireError, INVALID_UTF8, random } from "./support.js";

const SLOTS = 512;
const MAX_BYTES = 48;

function offer(text: string): void {
  const bytes = Buffer.from(text);
  remember(bytes, 0, bytes.length, text);
}

function known(text: string): string | undefined {
  const bytes = Buffer.from(text);
  return lookUp(bytes, 0, bytes.length);
}

function readInterned(text: string): string {
  return new Reader(new Writer().string(text).finish()).internedString();
}

describe("interned strings", () => {
  it("are found again, as long as nothing else took their place", () => {
    for (const text of ["a", "pkg.Service", "x".repeat(MAX_BYTES)]) {
      offer(text);
      assert.equal(known(text), text);
    }
  });

  it("are found wherever they lie in a buffer", () => {
    offer("content-type");
    const slab = Buffer.from("xxcontent-typexx");
    assert.equal(lookUp(slab, 2, 14), "content-type");
    assert.equal(lookUp(slab, 2, 13), undefined);
    assert.equal(lookUp(slab, 1, 14), undefined);
  });

  it("are never empty, long or wide: those are made each time", () => {
    for (const text of ["", "x".repeat(MAX_BYTES + 1), "é", "世界", "a😀", "x".repeat(46) + "é"]) {
      offer(text);
      assert.equal(known(text), undefined, text);
      assert.equal(readInterned(text), text);
      assert.equal(readInterned(text), text);
    }
  });

  it("are at most as many as the table has slots, however many a peer sends", () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `key-${i}-${(i * 7919) % 1009}`);
    for (const text of texts) offer(text);
    const kept = texts.filter((text) => known(text) !== undefined);
    assert.ok(kept.length > 0 && kept.length <= SLOTS, `${kept.length} kept`);
  });

  it("are never one for another: 50,000 random ones that fall into the same slots", () => {
    const next = random(3);
    const letters = "ab.-";
    for (let i = 0; i < 50_000; i++) {
      // First, middle, last and length decide the slot: few letters make for many meetings.
      const length = 1 + Math.floor(next() * 12);
      const text = Array.from({ length }, () => letters[Math.floor(next() * letters.length)]).join("");
      assert.equal(readInterned(text), text);
    }
  });

  it("that differ in one character in the middle are two strings", () => {
    for (let at = 0; at < 20; at++) {
      const one = "m".repeat(20);
      const other = `${one.slice(0, at)}n${one.slice(at + 1)}`;
      assert.deepEqual([readInterned(one), readInterned(other), readInterned(one)], [one, other, one]);
    }
  });

  it("are never made of bytes that are no UTF-8, however often those come", () => {
    const latin = Buffer.from([3, 0x61, 0xe9, 0x62]);
    for (let times = 0; times < 3; times++) assertWireError(() => new Reader(latin).internedString(), INVALID_UTF8);
    assert.equal(lookUp(latin, 1, 4), undefined);
  });
});
