// Sockets that a process inherits as descriptors, and descriptors that are none.
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { type AddressInfo, connect as netConnect, createServer, type Server as NetServer, type Socket } from "node:net";
import { it } from "node:test";
import { Code, connect, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Streaming } from "../support/services.js";
import { runProgram, startProgram } from "./children.js";
import { failure } from "./links.js";

/** A service by hand: programs have no test support. Its messages are their own bytes. */
const RAW_SERVICE = `
  const Bytes = { typeName: "Bytes", create: () => ({}), encode: ({ bytes }, writer) => writer.raw(bytes), decode: (reader, length) => ({ bytes: reader.buf.subarray(reader.pos, reader.pos += length) }) };
  const echo = { kind: "unary", name: "Echo", input: Bytes, output: Bytes };
`;

/** The descriptor of a listening socket: node:net has no public name for it. */
function descriptorOf(server: NetServer): number {
  return (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = netConnect(path, () => resolve(socket));
  });
}

onEachChannel("an inherited descriptor", (channel) => {
  it("fd:3 as a client", async () => {
    await using server = register(new Server({ channel }));
    const path = freePath();
    await server.listen(path);
    const socket = await connected(path);
    const program = `${RAW_SERVICE}
      import { connect } from "ttrpc";
      const client = await connect("fd:3", { channel: process.argv[1] });
      const { bytes } = await client.call("${Streaming.typeName}", echo, { bytes: Buffer.from("0807", "hex") });
      console.log(Buffer.from(bytes).toString("hex"), client.channel, client.peer.address);
      await client.close();`;
    const { out, errors, code } = await runProgram(program, [channel], { stdio: ["ignore", "pipe", "pipe", socket] });
    socket.destroy();
    assert.deepEqual([errors, code], ["", 0]);
    assert.equal(out, `0808 ${channel} fd:3`);
  });

  it("fd:3 as a listener", async () => {
    const net = createServer();
    await new Promise<void>((resolve) => net.listen(0, "127.0.0.1", resolve));
    const { port } = net.address() as AddressInfo;
    const program = `${RAW_SERVICE}
      import { Server } from "ttrpc";
      const server = new Server({ channel: process.argv[1] }).service({ typeName: "${Streaming.typeName}", methods: { echo } }, { echo: ({ bytes }) => ({ bytes }) });
      const listener = await server.listen("fd:3");
      console.log("ready");
      process.once("SIGTERM", () => server.close());`;
    const child = startProgram(program, [channel], { stdio: ["ignore", "pipe", "pipe", descriptorOf(net)] });
    await new Promise((resolve) => net.close(resolve));
    await child.line("ready");
    const client = await connect(`tcp://127.0.0.1:${port}`, { channel });
    assert.equal((await client.service(Streaming).echo({ seq: 5 })).seq, 5);
    await client.close();
    child.process.kill("SIGTERM");
    const { code, errors } = await child.outcome;
    assert.deepEqual([code, errors], [0, ""]);
  });

  it("that is not open, or is a file: an error, not a crash", async () => {
    const file = openSync("/dev/null", "r");
    try {
      for (const address of ["fd:99999", `fd:${file}`]) {
        const [code, text] = await failure(connect(address, { channel }));
        assert.ok(code === Code.Unavailable || code === Code.InvalidArgument, `${code} ${text}`);
        assert.ok(text.startsWith(`cannot connect to ${address}: `), text);
        const [listenCode, listenText] = await failure(new Server({ channel }).listen(address));
        assert.ok(listenCode === Code.Unavailable || listenCode === Code.InvalidArgument, `${listenCode} ${listenText}`);
        assert.ok(listenText.startsWith(`cannot listen on ${address}: `), listenText);
      }
    } finally {
      closeSync(file);
    }
  });
});
