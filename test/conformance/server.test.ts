// Every row of what a server does, as a case of its own: on Go's server, and on ours over each link.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Link } from "../rpc/links.js";
import { channels } from "../support/channels.js";
import { skipGo } from "../support/go.js";
import { isGo, titleOf, wanted } from "./cases.js";
import { playServerCase } from "./server-driver.js";
import { type Running, startGo, startGoAlone, startGoFaulty, startOurs, startOursBroken } from "./servers.js";
import { AT_ONCE, serverCases } from "./suites.js";

describe("a server's conformance [Go]", { skip: skipGo() }, () => {
  let shared: Running;
  before(async () => {
    shared = await startGo();
  });
  after(() => shared[Symbol.asyncDispose]());
  describe("case", { concurrency: AT_ONCE }, () => {
    for (const one of serverCases) {
      it(titleOf(one), async () => {
        const own = one.server === undefined ? undefined : await (one.server === "own" ? startGoAlone() : startGoFaulty("read-error"));
        try {
          const outcome = await playServerCase(own ?? shared, one, one.go);
          if (!isGo(one, outcome)) assert.deepEqual(outcome, one.go);
        } finally {
          await own?.[Symbol.asyncDispose]();
        }
      });
    }
  });
});

for (const link of [...channels, "memory"] satisfies Link[]) {
  describe(`a server's conformance [${link}]`, () => {
    let shared: Running;
    before(async () => {
      shared = await startOurs(link);
    });
    after(() => shared[Symbol.asyncDispose]());
    describe("case", { concurrency: AT_ONCE }, () => {
      for (const one of serverCases) {
        if (one.server === "broken") continue;
        it(titleOf(one), async () => assert.deepEqual(await playServerCase(shared, one, wanted(one)), wanted(one)));
      }
    });
  });
}

describe("a server's conformance [a stream whose reads fail]", () => {
  for (const one of serverCases) {
    if (one.server !== "broken") continue;
    it(titleOf(one), async () => {
      await using server = startOursBroken();
      assert.deepEqual(await playServerCase(server, one, wanted(one)), wanted(one));
    });
  }
});
