// hvsock: a monitor that hangs up, because nothing listens in its guest yet, and one that does not answer.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, connect, TtrpcError } from "ttrpc";
import { onEachChannel } from "../support/channels.js";
import { failure, rejection, until } from "./links.js";
import { startVmm } from "./vmm.js";

const OK = "OK 1073741824\n";

onEachChannel("hvsock, attempts", (channel) => {
  it("a monitor that hangs up twice is asked three times, with growing pauses", async () => {
    await using vmm = await startVmm(({ attempt, write, socket }) => (attempt < 3 ? void socket.end() : void write(OK)));
    await using client = await connect(vmm.address, { channel });
    const [first, second, third] = vmm.requests.map(({ at }) => at) as [number, number, number];
    assert.equal(vmm.requests.length, 3);
    // Timers may be a millisecond early.
    assert.ok(second - first >= 9 && third - second >= 19, `pauses of ${second - first} and ${third - second} ms`);
    assert.equal(client.channel, channel);
  });

  it("one that hangs up within its line, or before it was asked, is asked again", async () => {
    await using vmm = await startVmm(({ attempt, write, socket }) => void (attempt < 3 ? socket.end("OK 10") : write(OK)), {
      onConnection: (socket, attempt) => attempt === 1 && socket.destroy(),
    });
    await using client = await connect(vmm.address, { channel });
    assert.deepEqual([vmm.requests.length, client.channel], [2, channel]);
  });

  it("one that always hangs up: DeadlineExceeded, because nothing listens in the guest; asked a few times, not all the time", async () => {
    await using vmm = await startVmm(({ socket }) => void socket.end());
    const started = performance.now();
    const error = await rejection(connect(vmm.address, { channel, connectTimeoutMs: 200 }));
    const tookMs = performance.now() - started;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message], [Code.DeadlineExceeded, `cannot connect to ${vmm.address}: no answer within 200 ms`]);
    assert.equal((error.cause as Error).message, "the virtual machine monitor hung up: nothing listens on port 1024 of the guest");
    assert.ok(tookMs >= 199 && tookMs < 2_000, `${tookMs} ms`);
    // After 0, 10, 30, 70 and 150 ms.
    assert.ok(vmm.requests.length >= 2 && vmm.requests.length <= 5, `${vmm.requests.length} attempts`);
    const attempts = vmm.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual([vmm.requests.length, vmm.open.size], [attempts, 0]);
  });

  it("one that never answers: DeadlineExceeded, and the socket is closed", async () => {
    await using vmm = await startVmm(() => {});
    const started = performance.now();
    assert.deepEqual(await failure(connect(vmm.address, { channel, connectTimeoutMs: 60 })), [
      Code.DeadlineExceeded,
      `cannot connect to ${vmm.address}: no answer within 60 ms`,
    ]);
    assert.ok(performance.now() - started < 2_000);
    await until(() => vmm.open.size === 0, "the end of the connection");
    assert.equal(vmm.requests.length, 1);
  });

  it("one that begins a line and does not end it: DeadlineExceeded, too", async () => {
    await using vmm = await startVmm((asked) => void asked.write("OK 10"));
    assert.equal((await failure(connect(vmm.address, { channel, connectTimeoutMs: 60 })))[0], Code.DeadlineExceeded);
    await until(() => vmm.open.size === 0, "the end of the connection");
  });
});
