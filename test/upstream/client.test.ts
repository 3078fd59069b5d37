// Mirrors client_test.go: the close callback runs exactly once, and can be waited for.
import assert from "node:assert/strict";
import { it } from "node:test";
import { gate, onEachLink } from "../rpc/links.js";
import { test } from "../support/implementations.js";
import { Test } from "../support/services.js";
import { inTime, serve, settlesWithin } from "./support.js";

onEachLink("client_test.go", (link) => {
  it("TestUserOnCloseWait", async () => {
    await using serving = await serve(link, (server) => server.service(Test, test));
    const events: string[] = [];
    const cleanup = gate();
    let cleaned: Promise<unknown> = Promise.resolve();
    const client = await serving.connect({
      // A callback cannot block here: one that has more to do is waited for by a promise of its own.
      onClose: (reason) => {
        events.push(`onClose ${String(reason)}`);
        cleaned = cleanup.promise.then(() => events.push("cleaned"));
      },
    });
    const waited = client.closed.then((reason) => events.push(`closed ${String(reason)}`));
    assert.deepEqual(await client.service(Test).test({}), { foo: "", deadline: 0n, metadata: "" });
    assert.equal(await settlesWithin(waited, 50), false, "the connection is open: the wait runs into its time");
    assert.deepEqual(events, []);

    await client.close();
    await waited;
    assert.deepEqual(events, ["onClose undefined", "closed undefined"]);
    assert.equal(await settlesWithin(cleaned, 50), false, "the callback's work is still going on");
    cleanup.open();
    await inTime(cleaned, "the end of the callback's work");

    // Upstream calls both Close and the connection's Close: once is once.
    await client.close();
    await serving.server.close();
    assert.equal(await client.closed, undefined);
    assert.deepEqual(events, ["onClose undefined", "closed undefined", "cleaned"]);
  });

  // The same callback when it is the peer who ends the connection, which upstream's documentation leaves out and its code does.
  it("TestUserOnCloseWait, the server hangs up", async () => {
    await using serving = await serve(link, (server) => server.service(Test, test));
    let calls = 0;
    const client = await serving.connect({ onClose: () => void calls++ });
    await client.service(Test).test({});
    await serving.server.close();
    await inTime(client.closed, "the end of the connection");
    assert.equal(calls, 1);
    await client.close();
    assert.equal(calls, 1);
  });
});
