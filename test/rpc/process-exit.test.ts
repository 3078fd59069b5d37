// What keeps a process alive, and what lets it end by itself: programs of their own.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { type Outcome, runProgram, startProgram } from "./children.js";
import { until } from "./links.js";

const ended = ({ code, signal, errors }: Outcome): unknown[] => [code, signal, errors];
const WELL = [0, null, ""];

const HEAD = `
  import { connect, Server } from "ttrpc";
  const [address, channel] = process.argv.slice(1);`;

onEachChannel("a process", (channel) => {
  const withServer = async (test: (address: string, server: Server) => Promise<void>): Promise<void> => {
    await using server = register(new Server({ channel }));
    const { address } = await server.listen(freePath());
    await test(address, server);
  };

  it("ends when its client is closed", () =>
    withServer(async (address) => {
      assert.deepEqual(ended(await runProgram(`${HEAD} const client = await connect(address, { channel }); await client.close();`, [address, channel])), WELL);
    }));

  it("ends with an open client that is unref'd, even with a deadline running", () =>
    withServer(async (address) => {
      const program = `${HEAD}
        const client = (await connect(address, { channel, defaultTimeoutMs: 600_000 })).unref();
        const Empty = { typeName: "Empty", create: () => ({}), encode: (_, writer) => writer, decode: () => ({}) };
        client.call("ttrpc.test.Peer", { kind: "unary", name: "Sleep", input: Empty, output: Empty }, {}).catch(() => {});`;
      assert.deepEqual(ended(await runProgram(program, [address, channel])), WELL);
    }));

  it("stays with an open client, also one that is ref'd again, until the server hangs up", () =>
    withServer(async (address, server) => {
      const children = ["client", "client.unref().ref()"].map((kept) =>
        startProgram(`${HEAD} const client = await connect(address, { channel }); ${kept}; console.log("ready");`, [address, channel]),
      );
      for (const child of children) await child.line("ready");
      await until(() => server.stats().connections === 2, "both connections");
      // Whoever does not stay has had time to go.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.deepEqual(
        children.map(({ process }) => process.exitCode),
        [null, null],
      );
      await server.close();
      for (const child of children) assert.deepEqual(ended(await child.outcome), WELL);
    }));

  it("stays with a listener, and ends when its server is shut down", async () => {
    const program = `${HEAD}
      const server = new Server({ channel });
      await server.listen(address);
      console.log("ready");
      process.once("SIGTERM", () => server.shutdown());`;
    const child = startProgram(program, [freePath(), channel]);
    await child.line("ready");
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(child.process.exitCode, null);
    child.process.kill("SIGTERM");
    assert.deepEqual(ended(await child.outcome), WELL);
  });

  it("ends at process.exit() in a handler, and its client finds out", async () => {
    const program = `${HEAD}
      const Empty = { typeName: "Empty", create: () => ({}), encode: (_, writer) => writer, decode: () => ({}) };
      const server = new Server({ channel }).service({ typeName: "X", methods: { die: { kind: "unary", name: "Die", input: Empty, output: Empty } } }, { die: () => process.exit(5) });
      await server.listen(address);
      const client = await connect(address, { channel });
      client.call("X", { kind: "unary", name: "Die", input: Empty, output: Empty }, {});`;
    assert.deepEqual(ended(await runProgram(program, [freePath(), channel])), [5, null, ""]);
  });

  it("crashes on an exception in a callback of the application, as any Node program does", () =>
    withServer(async (address, server) => {
      const program = `${HEAD}
        await connect(address, { channel, onClose: () => { throw new Error("careless"); } });
        console.log("ready");`;
      const child = startProgram(program, [address, channel]);
      await child.line("ready");
      await server.close();
      const { code, errors } = await child.outcome;
      assert.equal(code, 1);
      assert.match(errors, /Error: careless/);
    }));
});
