// serve() on our own listeners and on those of node:net; accept() on any stream, TLS among them.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect as tlsConnect, createServer as createTlsServer, type TlsOptions, type TLSSocket } from "node:tls";
import { ClosedError, Code, connect, Server, ServerClosedError } from "ttrpc";
import { memoryPair } from "ttrpc/testing";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming } from "../support/services.js";
import { collect, failure, rejection } from "./links.js";

function listening(server: NetServer, where: string | number): Promise<void> {
  return new Promise((resolve) => {
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
}

onEachChannel("serve(listener)", (channel) => {
  it("resolves when the server is shut down, or closed", async () => {
    for (const end of ["shutdown", "close"] as const) {
      await using server = register(new Server({ channel }));
      const listener = await server.listen(`unix://${freePath()}`);
      const serving = server.serve(listener);
      await using client = await connect(listener.address, { channel });
      assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
      await server[end]();
      await serving;
      assert.ok((await rejection(server.serve(listener))) instanceof ServerClosedError);
    }
  });

  it("rejects when the listener is closed before", async () => {
    await using server = register(new Server({ channel }));
    const listener = await server.listen(`unix://${freePath()}`);
    const serving = rejection(server.serve(listener));
    await listener.close();
    const error = await serving;
    assert.ok(error instanceof ClosedError);
    assert.equal(error.message, "ttrpc: listener closed");
    assert.deepEqual(await failure(server.serve(listener)), [Code.Unavailable, "ttrpc: listener closed"]);
  });
});

onEachChannel("serve(net.Server)", (channel) => {
  it("accepts what it accepts; shutdown closes it", async () => {
    await using server = register(new Server({ channel }));
    const net = createServer();
    const path = freePath();
    await listening(net, path);
    const serving = server.serve(net);
    await using client = await connect(`unix://${path}`, { channel });
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    await server.shutdown();
    await serving;
    assert.equal(net.listening, false);
    assert.equal(await client.closed, undefined);
  });

  it("rejects when it is closed before; connections live on", async () => {
    await using server = register(new Server({ channel }));
    const net = createServer();
    await listening(net, 0);
    const serving = failure(server.serve(net));
    const { port } = net.address() as AddressInfo;
    const client = await connect(`tcp://127.0.0.1:${port}`, { channel });
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    net.close();
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    await client.close();
    assert.deepEqual(await serving, [Code.Unavailable, "ttrpc: listener closed"]);
  });
});

describe("accept(stream)", () => {
  it("serves a stream, and closes it with the server; a closed server closes it at once", async () => {
    const server = register(new Server());
    const [near, far] = memoryPair();
    server.accept(far);
    await using client = await connect(near);
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    assert.equal(client.channel, "memory");
    await server.close();
    assert.equal(await client.closed, undefined);
    const [late, lateFar] = memoryPair();
    server.accept(lateFar);
    const refused = await connect(late);
    assert.deepEqual(await failure(refused.service(Streaming).echo({})), [Code.Unavailable, "ttrpc: closed"]);
    assert.ok(lateFar.destroyed);
  });

  it("refuses a stream that is closed already: nothing stays", async () => {
    await using server = register(new Server());
    const [near, far] = memoryPair();
    far.destroy();
    near.destroy();
    server.accept(far);
    const client = await connect(near);
    assert.equal(await client.closed, undefined);
    for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.stats().connections, 0);
  });
});

const withoutOpenssl = spawnSync("openssl", ["version"]).status === 0 ? false : "openssl is not installed: no certificate for the TLS tests";

describe("TLS", { skip: withoutOpenssl }, () => {
  function certificate(): TlsOptions & { readonly cert: Buffer } {
    const folder = mkdtempSync(join(tmpdir(), "ttrpc-tls-"));
    try {
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-keyout",
          key,
          "-out",
          cert,
          "-subj",
          "/CN=localhost",
          "-addext",
          "subjectAltName=DNS:localhost",
          "-days",
          "2",
        ],
        { stdio: "ignore" },
      );
      return { key: readFileSync(key), cert: readFileSync(cert) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  function secured(port: number, ca: Buffer): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = tlsConnect({ port, host: "127.0.0.1", servername: "localhost", ca }, () => resolve(socket));
      socket.once("error", reject);
    });
  }

  for (const how of ["accept", "serve"] as const) {
    it(`calls, streams and large messages, through ${how}()`, async () => {
      const keys = certificate();
      await using server = register(new Server());
      const tls = createTlsServer(keys);
      await listening(tls, 0);
      if (how === "serve") void server.serve(tls);
      else tls.on("secureConnection", (socket) => server.accept(socket));
      const client = await connect(await secured((tls.address() as AddressInfo).port, keys.cert));
      const peer = client.service(Peer);
      assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
      assert.equal((await peer.blob({ seq: 3_000_000 })).msg.length, 3_000_000);
      assert.equal((await collect(peer.count({ seq: 5_000, msg: "x".repeat(100) }))).length, 5_000);
      assert.equal((await peer.collect(Array.from({ length: 100 }, () => ({ msg: "y".repeat(20_000) })))).msg, "2000000");
      await client.close();
      tls.close();
    });
  }
});
