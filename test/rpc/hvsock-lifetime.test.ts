// hvsock: giving up in every state of the dialer, and the three ends of the connection.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type Client, Code, connect, Server, TtrpcError } from "ttrpc";
import { loadBinding } from "#lib/channel/binding.js";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { runProgram } from "./children.js";
import { failure, rejection, until } from "./links.js";
import { stuck } from "./stuck.js";
import { startVmm, type Vmm } from "./vmm.js";

const OK = "OK 1073741824\n";
/** Handles of the addon that are open: what a channel of node:net leaves is seen by the monitor. */
const openHandles = (): number => loadBinding().binding?.openCount() ?? 0;

onEachChannel("hvsock, given up by its signal", (channel) => {
  const givesUp = async (address: string, whenAsked: () => Promise<unknown>): Promise<void> => {
    const before = openHandles();
    const controller = new AbortController();
    const reason = new Error("not needed");
    const connecting = rejection(connect(address, { channel, signal: controller.signal }));
    await whenAsked();
    controller.abort(reason);
    const started = performance.now();
    const error = await connecting;
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message, error.cause], [Code.Canceled, "context canceled", reason]);
    assert.ok(performance.now() - started < 1_000);
    assert.equal(openHandles(), before);
  };
  const soon = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));

  it("while the monitor does not accept", async () => {
    await using listener = await stuck();
    await givesUp(`hvsock://${listener.path}:1`, soon);
  });

  it("while the monitor does not accept, which it does when nobody waits any more", async () => {
    await using listener = await stuck();
    await givesUp(`hvsock://${listener.path}:1`, async () => {
      await soon();
      setImmediate(() => listener.wake());
    });
  });

  for (const [state, answer] of [
    ["before the answer", ""],
    ["within the answer's line", "OK 1"],
  ] as const) {
    it(state, async () => {
      await using vmm = await startVmm((asked) => void asked.write(answer));
      await givesUp(vmm.address, async () => {
        await vmm.asked(1);
        await soon();
      });
      await until(() => vmm.open.size === 0, "the end of the connection");
      assert.equal(vmm.requests.length, 1);
    });
  }

  it("in the pause between two attempts", async () => {
    await using vmm = await startVmm(({ socket }) => void socket.end());
    // The pause after the fourth is 80 ms.
    await givesUp(vmm.address, async () => {
      await vmm.asked(4);
      await soon();
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual([vmm.requests.length, vmm.open.size], [4, 0]);
  });

  it("before it has begun: the monitor hears nothing", async () => {
    await using vmm = await startVmm(() => {});
    assert.deepEqual(await failure(connect(vmm.address, { channel, signal: AbortSignal.abort() })), [Code.Canceled, "context canceled"]);
    assert.equal(vmm.requests.length, 0);
  });

  it("leaves neither socket nor timer: the process ends by itself", async () => {
    await using silent = await startVmm(() => {});
    await using absent = await startVmm(({ socket }) => void socket.end());
    await using refusing = await startVmm((asked) => void asked.write("ERR\n"));
    const program = `
      import { connect } from "ttrpc";
      const [channel, ...addresses] = process.argv.slice(1);
      for (const address of addresses) {
        await connect(address, { channel, connectTimeoutMs: 120 }).catch(({ code }) => console.log(code));
        await connect(address, { channel, signal: AbortSignal.timeout(60) }).catch(({ code }) => console.log(code));
      }
      const started = performance.now();
      process.once("exit", () => console.log(performance.now() - started < 1000 ? "at once" : "late"));`;
    const { code, out, errors } = await runProgram(program, [channel, silent.address, absent.address, refusing.address]);
    assert.deepEqual([code, errors], [0, ""]);
    const { DeadlineExceeded, Canceled, Unavailable } = Code;
    assert.deepEqual(out.split("\n"), [DeadlineExceeded, Canceled, DeadlineExceeded, Canceled, Unavailable, Unavailable, "at once"].map(String));
  });
});

onEachChannel("hvsock, the connection's end", (channel) => {
  let server: Server;
  let vmm: Vmm;
  before(async () => {
    server = register(new Server({ channel }));
    const { address } = await server.listen(`unix://${freePath()}`);
    vmm = await startVmm(async ({ write, pipe }) => {
      await write(OK);
      pipe(address);
    });
  });
  after(async () => {
    await vmm[Symbol.asyncDispose]();
    await server.close();
  });
  const echoes = async (client: Client): Promise<void> => assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
  const ended = (): Promise<void> => until(() => vmm.open.size === 0 && server.stats().connections === 0, "the end of the connection");

  it("close(), twice", async () => {
    const client = await connect(vmm.address, { channel });
    await echoes(client);
    await client.close();
    await client.close();
    assert.equal(await client.closed, undefined);
    await ended();
  });

  it("await using", async () => {
    {
      await using client = await connect(vmm.address, { channel });
      await echoes(client);
    }
    await ended();
  });

  it("the peer is gone: calls in flight end as closed", async () => {
    const client = await connect(vmm.address, { channel });
    const calls = [
      client.service(Peer).sleep({ seq: 60_000 }),
      client
        .service(Peer)
        .hold([{ seq: 1 }])
        .recv(),
    ].map(failure);
    await echoes(client);
    for (const socket of vmm.open) socket.destroy();
    for (const call of calls) assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
    assert.equal(await client.closed, undefined);
    await client.close();
    await ended();
  });

  it("before it is used: the peer hangs up right behind its answer", async () => {
    await using hasty = await startVmm(({ socket }) => void socket.end(OK));
    const client = await connect(hasty.address, { channel });
    await client.closed;
    assert.equal((await failure(client.service(Streaming).echo({})))[0], Code.Unavailable);
  });

  it("leaves no handle behind", async () => {
    await until(() => openHandles() === (channel === "native" ? 1 : 0), "all handles but the server's listener to be closed");
  });
});
