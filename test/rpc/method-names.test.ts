// Go's generator registers `rpc do_it` as DoIt, and its clients call some methods by that name: a server answers to both.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineService, unary } from "ttrpc";
import { echo, frame, replyHex, REQUEST, request, statusHex } from "../support/raw.js";
import { EchoPayload } from "../support/services.js";
import { goMethodName } from "#lib/services.js";
import { onEachLink, rawClient } from "./links.js";

describe("the name that Go gives a method", () => {
  for (const [name, go] of [
    ["do_it", "DoIt"],
    ["echo", "Echo"],
    ["Echo", "Echo"],
    ["get_all_2", "GetAll_2"],
    ["do__it", "Do_It"],
    ["do2it", "Do2It"],
    ["do_2it", "Do_2It"],
    ["a1b2c", "A1B2C"],
    ["_do", "XDo"],
    ["__do", "XDo"],
    ["_2x", "X2X"],
    ["do_", "Do_"],
    ["do_It", "Do_It"],
  ] as const)
    it(`${name} is ${go}`, () => assert.equal(goMethodName(name), go));
});

const Named = defineService("test.Named", { doIt: unary("do_it", EchoPayload, EchoPayload) });
const Both = {
  "the plain name first": defineService("test.Named", { plain: unary("do_it", EchoPayload, EchoPayload), go: unary("DoIt", EchoPayload, EchoPayload) }),
  "Go's name first": defineService("test.Named", { go: unary("DoIt", EchoPayload, EchoPayload), plain: unary("do_it", EchoPayload, EchoPayload) }),
};
const call = (streamId: number, method: string): Buffer => frame(streamId, REQUEST, 0, request("test.Named", method, { payload: echo(1) }));

onEachLink("a method with a small first letter and an underscore", (link) => {
  it("is found by its own name and by Go's, and by no other", async () => {
    await using client = await rawClient(link, (server) => server.service(Named, { doIt: ({ seq }) => ({ seq: seq + 1 }) }));
    await client.raw.send(call(1, "do_it"), call(3, "DoIt"), call(5, "doIt"));
    assert.deepEqual(await client.raw.take(3), [replyHex(1, echo(2)), replyHex(3, echo(2)), statusHex(5, 12, "method doIt")]);
  });

  for (const [order, service] of Object.entries(Both)) {
    it(`beside one that is called what Go would call it, each is found by its own: ${order}`, async () => {
      await using client = await rawClient(link, (server) => server.service(service, { plain: () => ({ seq: 7 }), go: () => ({ seq: 8 }) }));
      await client.raw.send(call(1, "do_it"), call(3, "DoIt"));
      assert.deepEqual(await client.raw.take(2), [replyHex(1, echo(7)), replyHex(3, echo(8))]);
    });
  }
});
