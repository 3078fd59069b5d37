// Mistakes of the caller: each is told at once, by name, before anything happens.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { Code, connect, defineService, Server, serverStream, unary } from "ttrpc";
import { connectTo, memoryPair } from "ttrpc/testing";
import { register } from "../support/implementations.js";
import { EchoPayload, Peer, Streaming } from "../support/services.js";
import { failure, onEachLink, pairOver, rejection } from "./links.js";

/** Calls with arguments that the types forbid. */
const loosely = <T extends (...args: never[]) => unknown>(act: T): ((...args: unknown[]) => ReturnType<T>) =>
  act as unknown as (...args: unknown[]) => ReturnType<T>;

const CLIENT_OPTIONS =
  "interceptors, maxMessageBytes, maxDiscardBytes, streamBufferBytes, streamStallMs, busyPollMicros, channel, logger, defaultTimeoutMs, connectTimeoutMs, signal, onClose";
const SERVER_OPTIONS =
  "interceptors, maxMessageBytes, maxDiscardBytes, streamBufferBytes, streamStallMs, busyPollMicros, channel, logger, handshake, handshakeTimeoutMs, maxTimeoutMs, maxConnections, maxCallsPerConnection, streamIds";

const optionMistakes: readonly (readonly [options: object, text: string])[] = [
  [{ maxMessageBytes: 0 }, 'option "maxMessageBytes" must be an integer from 1 to 4294967295, not 0'],
  [{ maxMessageBytes: "4" }, 'option "maxMessageBytes" must be an integer from 1 to 4294967295, not "4"'],
  [{ streamBufferBytes: 1.5 }, 'option "streamBufferBytes" must be an integer from 1 to 9007199254740991, not 1.5'],
  [{ streamStallMs: -1 }, 'option "streamStallMs" must be a positive number of milliseconds, not -1'],
  [{ busyPollMicros: "always" }, 'option "busyPollMicros" must be "auto" or an integer of microseconds from 0 to 1000000, not "always"'],
  [{ channel: "tcp" }, 'option "channel" must be "auto", "native" or "node", not "tcp"'],
  [{ interceptors: {} }, 'option "interceptors" must be an array of objects with `unary`, `stream` or both, not an object'],
  [{ interceptors: [{}] }, 'option "interceptors" must be an array of objects with `unary`, `stream` or both, not an object'],
  [{ logger: String }, `option "logger" must be an object with the functions debug, info, warn and error, not ${String(String)}`],
];

describe("options", () => {
  it("of a client", async () => {
    for (const [options, text] of [
      ...optionMistakes,
      [{ defaultTimeoutMs: 0 }, 'option "defaultTimeoutMs" must be a positive number of milliseconds, not 0'],
      [{ signal: {} }, 'option "signal" must be an AbortSignal, not an object'],
      [{ onClose: 1 }, 'option "onClose" must be a function, not 1'],
      [{ timeoutMs: 5 }, `unknown option "timeoutMs"; there are ${CLIENT_OPTIONS}`],
      [{ toString: 5 }, `unknown option "toString"; there are ${CLIENT_OPTIONS}`],
    ] as const) {
      assert.equal(String(await rejection(connect("/nowhere", options as never))), `TypeError: connect: ${text}`);
    }
    assert.equal(String(await rejection(loosely(connect)("/nowhere", null))), "TypeError: connect: options must be an object, not null");
  });

  it("of a server", () => {
    for (const [options, text] of [
      ...optionMistakes,
      [{ handshake: true }, 'option "handshake" must be a function, not true'],
      [{ maxConnections: -1 }, 'option "maxConnections" must be an integer from 1 to 4294967295, not -1'],
      [{ maxTimeoutMs: Number.NaN }, 'option "maxTimeoutMs" must be a positive number of milliseconds, not NaN'],
      [{ onClose: () => {} }, `unknown option "onClose"; there are ${SERVER_OPTIONS}`],
    ] as const) {
      assert.throws(() => new Server(options as never), { name: "TypeError", message: `new Server: ${text}` });
    }
  });

  it("that are undefined are not given", async () => {
    const server = new Server({ maxMessageBytes: undefined, handshake: undefined });
    await using client = await connectTo(server, { defaultTimeoutMs: undefined, signal: undefined });
    assert.equal(client.channel, "memory");
    await server.close();
  });

  it("of listen", async () => {
    for (const mode of [-1, 0o1000, 1.5, "0600"]) {
      assert.equal(
        String(await rejection(new Server().listen("/nowhere", { mode: mode as never }))),
        `TypeError: listen: mode must be permissions from 0 to 0o777, not ${mode}`,
      );
    }
  });
});

describe("services", () => {
  const { echo } = Streaming.methods;

  it("that are none", () => {
    for (const service of [undefined, {}, { typeName: "x" }, { typeName: 5, methods: {} }]) {
      assert.throws(() => loosely(new Server().service.bind(new Server()))(service, {}), {
        name: "TypeError",
        message: "server.service() needs a service descriptor, as generated code exports",
      });
    }
    assert.throws(() => defineService("", {}), { name: "TypeError", message: "a service needs its full protobuf name" });
    assert.throws(() => loosely(defineService)("x", { a: {} }), { name: "TypeError", message: 'method "a" of x is no method descriptor' });
    assert.throws(() => defineService("x", { a: unary("A", EchoPayload, EchoPayload), b: serverStream("A", EchoPayload, EchoPayload) }), {
      name: "TypeError",
      message: 'x has two methods named "A"',
    });
  });

  it("registered twice, with unknown methods, with handlers that are none", () => {
    const server = register(new Server());
    assert.throws(() => server.service(Peer, {}), { message: "duplicate service ttrpc.test.Peer registered" });
    const names = Object.keys(Streaming.methods).join(", ");
    assert.throws(() => new Server().service(Streaming, { ecco: () => ({}) } as never), {
      name: "TypeError",
      message: `${Streaming.typeName} has no method "ecco"; there are ${names}`,
    });
    assert.throws(() => new Server().service(Streaming, { echo: {} } as never), {
      name: "TypeError",
      message: `${Streaming.typeName}.echo must be a function, not object`,
    });
    assert.throws(() => new Server().service(Streaming, null as never), {
      name: "TypeError",
      message: `the implementation of ${Streaming.typeName} must be an object, not null`,
    });
  });

  it("that a mistake left unregistered can be registered", async () => {
    const server = new Server();
    assert.throws(() => server.service(Streaming, { echo: 5 } as never));
    server.service(Streaming, { echo: () => ({ seq: 3 }) });
    await using client = await connectTo(server);
    assert.equal((await client.call(Streaming.typeName, echo, {})).seq, 3);
    await server.close();
  });

  it("of a client that are none", async () => {
    const server = new Server();
    await using client = await connectTo(server);
    assert.throws(() => loosely(client.service.bind(client))({}), {
      name: "TypeError",
      message: "client.service() needs a service descriptor, as generated code exports",
    });
    await server.close();
  });
});

describe("connect and accept", () => {
  it("with what is neither an address nor a stream", async () => {
    const forms = 'use "unix:///path", "unix:@abstract", "/path", "tcp://host:port", "vsock://cid:port", "hvsock:///path:port" or "fd:3"';
    assert.deepEqual(await failure(loosely(connect)(80) as Promise<unknown>), [Code.InvalidArgument, `an address must be a string, not number; ${forms}`]);
  });

  it("a stream over the native channel", async () => {
    const ends = memoryPair();
    assert.equal(String(await rejection(connect(ends[0], { channel: "native" }))), 'TypeError: a Duplex cannot be carried by channel "native"');
    // It is still its owner's.
    for (const end of ends) {
      assert.equal(end.destroyed, false);
      end.destroy();
    }
  });

  it("a stream that answers itself: what it sends is no answer, and nothing hangs", async () => {
    const loop = new PassThrough();
    await using client = await connect(loop);
    assert.deepEqual(await failure(client.service(Streaming).echo({})), [Code.Internal, 'unexpected "request" message received: protocol error']);
  });
});

onEachLink("calls", (link) => {
  it("with a request that is no object: nothing is sent", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const { echo, divideStream } = both.client.service(Streaming);
    for (const [request, name] of [
      [null, "null"],
      [undefined, "undefined"],
      [5, "number"],
      ["x", "string"],
    ] as const) {
      const said = [Code.InvalidArgument, `/${Streaming.typeName}/Echo needs a ${EchoPayload.typeName}, not ${name}`];
      assert.deepEqual(await failure(loosely(echo)(request)), said);
      assert.deepEqual(await failure(both.client.call(Streaming.typeName, Streaming.methods.echo, request as never)), said);
      assert.throws(() => loosely(divideStream)(request), {
        name: "TtrpcError",
        message: `/${Streaming.typeName}/DivideStream needs a ttrpc.integration.streaming.Sum, not ${name}`,
      });
    }
    assert.equal(both.client.stats().framesSent, 0);
    assert.equal((await echo({ seq: 1 })).seq, 2);
  });

  it("with options that are wrong: nothing is sent", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const { echo, echoStream } = both.client.service(Streaming);
    const unknown = 'TypeError: unknown call option "timeout"; there are timeoutMs, signal, metadata, values';
    assert.equal(String(await rejection(loosely(echo)({}, { timeout: 5 }))), unknown);
    assert.throws(() => loosely(echoStream)({ timeout: 5 }), { message: unknown.slice("TypeError: ".length) });
    assert.equal(String(await rejection(loosely(echo)({}, { signal: new AbortController() }))), "TypeError: signal must be an AbortSignal");
    assert.equal(String(await rejection(loosely(echo)({}, { metadata: { a: 5 } }))), 'TypeError: metadata "a" must be a string or strings, not number');
    assert.equal(String(await rejection(loosely(echo)({}, { metadata: { a: ["x", 5] } }))), 'TypeError: metadata "a" must be a string, not number');
    assert.equal(both.client.stats().framesSent, 0);
  });

  it("with a message that cannot be encoded: Internal, and the connection lives", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const { echo, sumStream } = both.client.service(Streaming);
    const broken = {
      get msg(): string {
        throw new Error("no such thing");
      },
    };
    assert.deepEqual(await failure(echo(broken)), [Code.Internal, "ttrpc: error marshaling payload: no such thing"]);
    assert.deepEqual(
      await failure(
        sumStream([
          { add: 1 },
          {
            get add(): number {
              throw new Error("nor this");
            },
          },
        ]),
      ),
      [Code.Internal, "ttrpc: error marshaling payload: nor this"],
    );
    assert.equal((await echo({ seq: 1 })).seq, 2);
  });

  it("made inside an encoder are refused, not mixed up", async () => {
    await using both = await pairOver(link, (server) => void register(server));
    const { echo } = both.client.service(Streaming);
    let inner: Promise<unknown> | undefined;
    const sneaky = {
      get msg(): string {
        inner ??= rejection(echo({ seq: 5 }));
        return "outer";
      },
    };
    assert.equal((await echo(sneaky)).msg, "outer");
    assert.equal(String(await inner), "Error: a message is being encoded: a getter or an encoder made a call of its own");
    assert.equal((await echo({ seq: 1 })).seq, 2);
  });
});
