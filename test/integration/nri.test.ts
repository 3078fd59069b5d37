// NRI: its multiplexer in Go at the other end of the trunk, and its half of a runtime with the plugin of docs/nri.md.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Client, Code, connect, Server, type TtrpcError } from "ttrpc";
import { multiplex, PLUGIN_SERVICE, RUNTIME_SERVICE } from "ttrpc/multiplex";
import { freePath } from "../support/channels.js";
import { goModule, skipCorpora } from "../support/corpus.js";
import { folderWith, Running, ttrpc, write } from "../codegen/programs.js";
import { register } from "../support/implementations.js";
import { NriPeer, skipNri } from "../support/nri.js";
import { ROOT } from "../support/root.js";
import { Streaming } from "../support/services.js";
import { collect, rejection } from "../rpc/links.js";

interface Linked extends AsyncDisposable {
  readonly go: NriPeer;
  readonly client: Client;
}

/** Go's multiplexer at the other end: it serves on 2, and calls on 1. */
async function linked(): Promise<Linked> {
  const path = freePath();
  const go = await NriPeer.start("mux", "-path", path);
  const mux = multiplex(`unix://${path}`);
  const server = register(new Server());
  server.accept(mux.open(PLUGIN_SERVICE));
  const client = await connect(mux.open(RUNTIME_SERVICE), { defaultTimeoutMs: 20_000 });
  return {
    go,
    client,
    async [Symbol.asyncDispose]() {
      await mux.close();
      await server.close();
      await go[Symbol.asyncDispose]();
    },
  };
}

/** Lengths of texts. A frame is longer by up to 80 bytes, so that these cross each of the edges in steps of one byte, both ways. */
const MAX_TEXT = 4_194_304 - 80;
const ranges: readonly (readonly [string, number, number, number])[] = [
  ["1 byte on", 1, 300, 1],
  ["4086, 4096 and 4097", 4_000, 4_110, 1],
  ["8192", 8_100, 8_210, 1],
  ["up to 100000", 1, 100_000, 997],
  ["1 MiB", 1_048_400, 1_048_590, 19],
  ["4 MiB", MAX_TEXT - 5, MAX_TEXT, 1],
];

async function echoOf(client: Client, bytes: number): Promise<void> {
  const msg = "j".repeat(bytes);
  const reply = await client.service(Streaming).echo({ seq: bytes, msg });
  assert.ok(reply.seq === bytes + 1 && reply.msg === msg, `the echo of ${bytes} bytes is another`);
}

describe("our multiplexer, Go's multiplexer", { skip: skipNri() }, () => {
  for (const [what, from, to, step] of ranges) {
    it(`messages around ${what}: calls of ours, calls of Go's, one at a time and several together`, async () => {
      await using both = await linked();
      const { go, client } = both;
      for (let bytes = from; bytes <= to; bytes += step) await echoOf(client, bytes);
      assert.deepEqual(await go.ask({ From: from, To: to, Step: step, InFlight: 1 }), { error: "" });
      const inFlight = to > 1_000_000 ? 3 : 32;
      const bytes = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
      const goes = go.ask({ From: from, To: to, Step: step, InFlight: inFlight });
      while (bytes.length > 0) await Promise.all(bytes.splice(0, inFlight).map((each) => echoOf(client, each)));
      assert.deepEqual(await goes, { error: "" });
    });
  }

  it("small calls that share a payload, with large ones between them", async () => {
    await using both = await linked();
    for (let round = 0; round < 50; round++) {
      const bytes = [1, 2, 3, 4_000, 5, 4_096 + round, 6, 7, 100_000, 8, 20 * round, 4_060 + round, 9];
      await Promise.all(bytes.map((each) => echoOf(both.client, each)));
    }
  });

  it("streams: both ways, to the server, from the server", async () => {
    await using both = await linked();
    const { echoStream, sumStream, divideStream } = both.client.service(Streaming);
    const chat = echoStream();
    for (const bytes of [1, 4_085, 4_086, 4_087, 50_000]) {
      await chat.send({ seq: bytes, msg: "s".repeat(bytes) });
      const reply = await chat.recv();
      assert.deepEqual([reply?.seq, reply?.msg.length], [bytes + 1, bytes]);
    }
    await chat.closeSend();
    assert.equal(await chat.recv(), undefined);
    assert.equal((await sumStream(Array.from({ length: 200 }, () => ({ add: 2 })))).sum, 400);
    assert.equal((await collect(divideStream({ sum: 100, num: 50 }))).length, 50);
  });

  it("that is killed: calls fail as closed", async () => {
    await using both = await linked();
    await echoOf(both.client, 1);
    const stream = both.client.service(Streaming).echoStream();
    await stream.send({ seq: 1 });
    await stream.recv();
    const reading = rejection(stream.recv());
    both.go.process.kill("SIGKILL");
    assert.equal(((await reading) as TtrpcError).code, Code.Unavailable);
    await both.client.closed;
  });
});

const TSCONFIG = JSON.stringify({
  compilerOptions: { target: "es2022", lib: ["es2023", "esnext.disposable"], module: "nodenext", types: ["node"], strict: true, outDir: "dist" },
});

/** The plugin of docs/nri.md, compiled over code generated from NRI's api.proto; the path of the program. */
function builtPlugin(): string {
  const [, source] = /^```ts plugin\.ts\n([^]*?)^```$/m.exec(readFileSync(join(ROOT, "docs/nri.md"), "utf8")) ?? [];
  assert.ok(source !== undefined);
  const folder = folderWith({ "package.json": '{ "type": "module" }', "tsconfig.json": TSCONFIG });
  const api = join(goModule("github.com/containerd/nri"), "pkg/api");
  assert.deepEqual(ttrpc(folder, "gen", "-I", api, "--out", "gen", "--quiet", "api.proto"), { code: 0, stdout: "", stderr: "" });
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/ttrpc"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  // An application finds the socket where it stands; a test has its own.
  write(folder, { "plugin.ts": source.replace('"unix:///var/run/nri/nri.sock"', '`unix://${process.argv[2] ?? ""}`') });
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc")], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout);
  return join(folder, "dist/plugin.js");
}

describe("a plugin of NRI", { skip: skipNri() || skipCorpora() }, () => {
  let plugin: string;
  it("compiles as it stands in docs/nri.md", () => {
    plugin = builtPlugin();
  });

  it("registers, is configured and synchronized, and adjusts 300 containers", async (t) => {
    const socket = freePath();
    const empty = folderWith({});
    await using host = await NriPeer.start("host", "-socket", socket, "-plugins", empty, "-config", empty, "-pods", "100", "-pod-bytes", "20000");
    const running = new Running(empty, plugin, socket);
    assert.deepEqual(await host.line(), { synchronized: 0, error: "" });
    await running.says(/registered\n/);
    const { adjusted, error, ms } = await host.ask<{ adjusted: number; error: string; ms: number }>(300);
    assert.deepEqual([adjusted, error], [300, ""]);
    t.diagnostic(`300 containers in ${ms} ms`);
    // The end of the runtime is the end of the plugin.
    await host[Symbol.asyncDispose]();
    assert.equal(await running.exited, 0);
  });

  it("takes a synchronization of 10 MiB in parts", async () => {
    const socket = freePath();
    const empty = folderWith({});
    await using host = await NriPeer.start("host", "-socket", socket, "-plugins", empty, "-config", empty, "-pods", "1000", "-pod-bytes", "10000");
    const running = new Running(empty, plugin, socket);
    assert.deepEqual(await host.line(), { synchronized: 0, error: "" });
    assert.equal((await host.ask<{ adjusted: number }>(10)).adjusted, 10);
    running.child.kill("SIGKILL");
    await running.exited;
    // Without a plugin a runtime goes on.
    assert.deepEqual((await host.ask<{ error: string }>(10)).error, "");
  });

  it("is started by its runtime, with a socket and three variables", async () => {
    const folder = folderWith({ "plugins/10-seen": `#!${process.execPath}\nimport(${JSON.stringify(plugin)});\n`, "config/empty": "" });
    chmodSync(join(folder, "plugins/10-seen"), 0o755);
    await using host = await NriPeer.start("host", "-socket", freePath(), "-plugins", join(folder, "plugins"), "-config", join(folder, "config"));
    assert.equal((await host.ask<{ adjusted: number }>(50)).adjusted, 50);
  });
});
