// Random damage, the same in every run: whatever comes in, a message or an error comes out, and never a wrong message.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reader, Writer } from "#lib/index.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import { readRequest, readResponse } from "#lib/wire/envelope.js";
import { WireError } from "#lib/wire/wire-error.js";
import { damage } from "./damage.js";
import { samples } from "./samples.js";
import { INVALID_UTF8, MALFORMED, random } from "./support.js";
import { reflected } from "./types.js";

const ROUNDS = 400;

/** What protobufjs's decoders find themselves. */
const THEIRS = /^(Error: missing end group|Error: max depth exceeded|ProtocolError: missing required 'id')$/;

/** The result of `read`, or undefined for an error that is allowed. */
function attempt<T>(read: () => T, allowed?: RegExp): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) assert.ok(error.message === MALFORMED || error.message === INVALID_UTF8, error.message);
    else assert.match(String(error), allowed ?? /^no other error is allowed$/);
    return undefined;
  }
}

for (const [name, what, sample] of samples.filter(([, title]) => title !== "long")) {
  const type = reflected(name);
  const whole = Buffer.from(type.encode(type.create(sample)).finish());
  const plain = (message: object): object => type.toObject(message as never, { longs: String, bytes: String });

  describe(`${name}: ${what}`, () => {
    it(`${ROUNDS} times damaged: an error, or the message that protobufjs reads`, () => {
      const next = random(whole.length + name.length);
      let compared = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = damage(whole, next);
        const context = `round ${round}: ${bytes.subarray(0, 100).toString("hex")}`;
        const reader = new Reader(bytes);
        const ours = attempt(() => fromProtobufjs(type).decode(reader), THEIRS);
        if (ours === undefined) continue;
        assert.equal(reader.pos, bytes.length, context);
        let theirs: object;
        try {
          theirs = type.decode(bytes);
        } catch {
          // protobufjs takes no tag and no length of more than five bytes; Go and we do, if the value fits.
          continue;
        }
        compared++;
        assert.deepEqual(plain(ours), plain(theirs), context);
        const again = fromProtobufjs(type).encode(ours, new Writer()).finish();
        assert.deepEqual(plain(fromProtobufjs(type).decode(new Reader(again))), plain(ours), context);
      }
      assert.ok(compared > 10 && compared < ROUNDS, `${compared} of ${ROUNDS} were readable: the damage is of the wrong size`);
    });
  });
}

describe("envelopes", () => {
  const request = new Writer()
    .uint32(10)
    .string("pkg.Service")
    .uint32(18)
    .string("Method")
    .uint32(26)
    .bytes(Buffer.alloc(200, 1))
    .uint32(32)
    .int64(5_000_000)
    .uint32(42)
    .fork()
    .uint32(10)
    .string("key")
    .uint32(18)
    .string("välue")
    .ldelim()
    .finish();
  const response = new Writer()
    .uint32(10)
    .fork()
    .uint32(8)
    .int32(5)
    .uint32(18)
    .string("nöthing here")
    .uint32(26)
    .fork()
    .uint32(10)
    .string("a/b.C")
    .uint32(18)
    .bytes([1, 2, 3])
    .ldelim()
    .ldelim()
    .uint32(18)
    .bytes([1, 2])
    .finish();

  it("damaged requests: an error, or parts that lie within", () => {
    const next = random(11);
    for (let round = 0; round < 3_000; round++) {
      const bytes = damage(Buffer.from(request), next);
      const envelope = attempt(() => readRequest(new Reader(bytes)));
      if (envelope === undefined) continue;
      assert.ok(envelope.payloadStart <= envelope.payloadEnd && envelope.payloadEnd <= bytes.length);
      assert.ok(typeof envelope.service === "string" && typeof envelope.method === "string");
      assert.ok(envelope.timeoutMs === undefined || Number.isFinite(envelope.timeoutMs));
    }
  });

  it("damaged responses: an error, or parts that lie within", () => {
    const next = random(12);
    for (let round = 0; round < 3_000; round++) {
      const bytes = damage(Buffer.from(response), next);
      const envelope = attempt(() => readResponse(new Reader(bytes)));
      if (envelope === undefined) continue;
      assert.ok(envelope.payloadStart <= envelope.payloadEnd && envelope.payloadEnd <= bytes.length);
      assert.ok(Number.isInteger(envelope.code) && typeof envelope.message === "string");
    }
  });

  it("pure noise is refused or read, and nothing else", () => {
    const next = random(13);
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(next() * 40) }, () => Math.floor(next() * 256)));
      if (attempt(() => readRequest(new Reader(bytes))) === undefined) refused++;
      attempt(() => readResponse(new Reader(bytes)));
    }
    assert.ok(refused > 1_000, `only ${refused} refused`);
  });
});
