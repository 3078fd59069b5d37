// hvsock: the line that is asked, the one that is answered, and the connection behind it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, connect, Server } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { bytes, dataHex, echo, frame, hexOf, reply, RESPONSE } from "../support/raw.js";
import { Streaming } from "../support/services.js";
import { failure, until } from "./links.js";
import { type Asked, startVmm } from "./vmm.js";

const OK = "OK 1073741824\n";
const REPLY = frame(1, RESPONSE, 0, reply(echo(2, "hi")));

onEachChannel("hvsock", (channel) => {
  it("appendix vector: CONNECT 1024, OK and a port, and a unary call", async () => {
    let guest: Asked | undefined;
    await using vmm = await startVmm((asked) => {
      guest = asked;
      void asked.write(bytes("4f4b20313037333734313832340a"));
    });
    await using client = await connect(vmm.address, { channel });
    assert.deepEqual(
      vmm.requests.map(({ hex }) => hex),
      ["434f4e4e45435420313032340a"],
    );
    assert.deepEqual([client.channel, client.peer.address], [channel, vmm.address]);
    const raw = (guest as Asked).raw();
    const call = client.service(Streaming).echo({ seq: 1, msg: "hi" });
    const { streamId, type, flags } = await raw.next();
    assert.deepEqual([streamId, type, flags], [1, 1, 0]);
    await raw.send(REPLY);
    assert.deepEqual({ ...(await call) }, { seq: 2, msg: "hi" });
  });

  it("asks for the port of its address, and takes the path to the last colon", async () => {
    await using vmm = await startVmm((asked) => void asked.write(OK));
    for (const port of [0, 4_294_967_295]) await (await connect(`hvsock://${vmm.path}:${port}`, { channel })).close();
    assert.deepEqual(
      vmm.requests.map(({ hex }) => Buffer.from(hex, "hex").toString()),
      ["CONNECT 0\n", "CONNECT 4294967295\n"],
    );
  });

  it("knows who the monitor is, where the kernel tells", async () => {
    await using vmm = await startVmm((asked) => void asked.write(OK));
    await using client = await connect(vmm.address, { channel });
    assert.equal(client.peer.pid, channel === "native" ? process.pid : undefined);
  });

  for (const [what, size] of [
    ["a whole frame", REPLY.length],
    ["a part of a header", 5],
    ["a header", 10],
    ["a part of a payload", REPLY.length - 1],
  ] as const) {
    it(`${what} in one write with the answer's line is not lost`, async () => {
      let guest: Asked | undefined;
      await using vmm = await startVmm((asked) => {
        guest = asked;
        // A reply to a call that is not made yet, when it comes whole: counted, and nobody's.
        void asked.write(Buffer.concat([Buffer.from(OK), REPLY.subarray(0, size)]));
      });
      await using client = await connect(vmm.address, { channel });
      if (size === REPLY.length) {
        await until(() => client.stats().framesReceived === 1, "the frame behind the line");
        return;
      }
      const raw = (guest as Asked).raw();
      const call = client.service(Streaming).echo({ seq: 1, msg: "hi" });
      await raw.next();
      await raw.send(REPLY.subarray(size));
      assert.deepEqual({ ...(await call) }, { seq: 2, msg: "hi" });
    });
  }

  it("an answer in single bytes, and a frame in single bytes behind it", async () => {
    await using vmm = await startVmm(async (asked) => {
      for (const byte of Buffer.concat([Buffer.from(OK), bytes(dataHex(7, 1, ""))])) {
        await asked.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    await using client = await connect(vmm.address, { channel });
    await until(() => client.stats().framesReceived === 1, "the frame behind the line");
  });

  for (const line of ["ERR no such port", "ok 1", "", " OK 1", "NOT OK", 'a "quoted"\r', "\u001b[0m"]) {
    it(`an answer of ${JSON.stringify(line)}: Unavailable, at once`, async () => {
      await using vmm = await startVmm((asked) => void asked.write(`${line}\n`));
      assert.deepEqual(await failure(connect(vmm.address, { channel })), [
        Code.Unavailable,
        `cannot connect to ${vmm.address}: the virtual machine monitor answered ${JSON.stringify(line)}, not "OK"`,
      ]);
      await until(() => vmm.open.size === 0, "the end of the connection");
      assert.equal(vmm.requests.length, 1);
    });
  }

  it("an answer with a line's end of two characters is one", async () => {
    await using vmm = await startVmm((asked) => void asked.write("OK 1\r\n"));
    await (await connect(vmm.address, { channel })).close();
  });

  it("an answer of 256 bytes is the longest; one byte more: Unavailable", async () => {
    const longest = `OK ${"1".repeat(252)}\n`;
    assert.equal(longest.length, 256);
    await using vmm = await startVmm(({ attempt, write }) => void write(attempt === 1 ? longest : `OK ${"1".repeat(253)}\n`));
    await (await connect(vmm.address, { channel })).close();
    assert.deepEqual(await failure(connect(vmm.address, { channel })), [
      Code.Unavailable,
      `cannot connect to ${vmm.address}: the virtual machine monitor's answer exceeds the 256 byte limit: "OK ${"1".repeat(253)}"`,
    ]);
    await until(() => vmm.open.size === 0, "the end of the connection");
  });

  it("a monitor that sends without end is not listened to", async () => {
    await using vmm = await startVmm((asked) => {
      const flood = Buffer.alloc(65_536, "x");
      const write = (): void => void (asked.socket.writable && asked.socket.write(flood, write));
      write();
    });
    assert.equal((await failure(connect(vmm.address, { channel })))[0], Code.Unavailable);
    await until(() => vmm.open.size === 0, "the end of the connection");
  });

  it("a monitor that is not there is an error at once, as for a unix socket", async () => {
    const address = `hvsock://${freePath()}:1024`;
    assert.deepEqual(await failure(connect(address, { channel })), [Code.NotFound, `cannot connect to ${address}: ENOENT: no such file or directory`]);
  });

  it("is not listened on: InvalidArgument, with the addresses that are", async () => {
    for (const [socket, where] of [
      ["/run/vm.sock", "unix:///run/vm.sock_1024"],
      ["@vm", "unix://@vm_1024"],
    ] as const) {
      const address = `hvsock://${socket}:1024`;
      assert.deepEqual(await failure(new Server({ channel }).listen(address)), [
        Code.InvalidArgument,
        `cannot listen on ${address}: hvsock is for clients. A server inside the guest listens on vsock://-1:1024; ` +
          `a server on the host, for connections that a guest begins, on ${where}, where the virtual machine monitor connects`,
      ]);
    }
  });

  it("a connection that a guest begins comes to a server at the monitor's path, with _ and the port", async () => {
    await using server = new Server({ channel }).service(Streaming, { echo: ({ seq }) => ({ seq: seq + 1 }) });
    const path = freePath();
    await server.listen(`unix://${path}_1024`);
    await using client = await connect(`${path}_1024`, { channel });
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
  });

  it("behind the answer the guest sees frames, and nothing before them", async () => {
    let guest: Asked | undefined;
    await using vmm = await startVmm((asked) => {
      guest = asked;
      void asked.write(OK);
    });
    await using client = await connect(vmm.address, { channel });
    const stream = client.service(Streaming).echoStream();
    const raw = (guest as Asked).raw();
    await stream.send({ seq: 1 });
    assert.equal((await raw.next()).type, 1);
    assert.equal(hexOf(await raw.next()), dataHex(1, 0, echo(1)));
    stream.cancel();
  });
});
