// Every row of what a client does, as a case of its own: with Go's client, and with ours over each link.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Link } from "../rpc/links.js";
import { channels } from "../support/channels.js";
import { skipGo } from "../support/go.js";
import { isGo, titleOf, wanted } from "./cases.js";
import { goClient, ourClient, playClientCase } from "./client-driver.js";
import { AT_ONCE, clientCases } from "./suites.js";

describe("a client's conformance [Go]", { skip: skipGo(), concurrency: AT_ONCE }, () => {
  for (const one of clientCases) {
    it(titleOf(one), async () => {
      const outcome = await playClientCase(goClient, "go", one);
      if (!isGo(one, outcome)) assert.deepEqual(outcome, one.go);
    });
  }
});

for (const link of [...channels, "memory"] satisfies Link[]) {
  describe(`a client's conformance [${link}]`, { concurrency: AT_ONCE }, () => {
    for (const one of clientCases) {
      // Broken sockets have to be sockets. The deaf one is a program of Go's.
      if (one.server !== undefined && link === "memory") continue;
      const skip = one.server === "deaf" && skipGo();
      it(titleOf(one), { skip }, async () => assert.deepEqual(await playClientCase(ourClient(link), link, one), wanted(one)));
    }
  });
}
