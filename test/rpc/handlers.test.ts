// What a handler's result becomes for its caller: codes and exact texts.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { it } from "node:test";
import { Code, type Implementation, type Server, TtrpcError } from "ttrpc";
import { echo, frame, replyHex, REQUEST, request, statusHex } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { collect, failure, gate, onEachLink, pairOver, rawClient, rejection } from "./links.js";

type EchoHandler = NonNullable<Implementation<typeof Streaming>["echo"]>;
type CountHandler = NonNullable<Implementation<typeof Peer>["count"]>;

const systemError = (code: string): Error => Object.assign(new Error(`${code}: made up`), { code });
const chain = (inner: Error, ...texts: string[]): Error => texts.reduce((cause, text) => new Error(text, { cause }), inner);
const speechless = {
  toString(): string {
    throw new Error("no words");
  },
};

/** What throws whatever is asked of it. */
const untouchable: object = new Proxy(
  {},
  {
    get: () => speechless.toString(),
    getPrototypeOf: () => speechless.toString() as never,
  },
);
const UNREADABLE = "an error that cannot be read";

const thrown: readonly (readonly [title: string, reason: () => unknown, code: number, text: string])[] = [
  ["a TtrpcError", () => new TtrpcError(Code.Aborted, "try again"), 10, "try again"],
  ["a TtrpcError with a code that nobody knows", () => new TtrpcError(77 as Code, "odd"), 77, "odd"],
  ["a TtrpcError with the code of success: it is none", () => new TtrpcError(Code.Ok, "fine"), 2, "fine"],
  ["a TtrpcError with the name of a code for a code: it is none", () => new TtrpcError("ENOENT" as never, "named"), 2, "named"],
  ["a TtrpcError whose code is no number that fits", () => new TtrpcError((2 ** 40) as Code, "too large"), 2, "too large"],
  ["a TtrpcError whose code is a fraction", () => new TtrpcError(5.5 as Code, "half"), 2, "half"],
  ["a TtrpcError without a code", () => new TtrpcError(undefined as never, "none"), 2, "none"],
  ["a TtrpcError whose code is negative", () => new TtrpcError(-5 as Code, "below"), -5, "below"],
  ["a TtrpcError whose text was taken away", () => Object.assign(new TtrpcError(Code.NotFound, "x"), { message: undefined }), 5, "undefined"],
  ["a TtrpcError whose text is a symbol", () => Object.assign(new TtrpcError(Code.NotFound, "x"), { message: Symbol("s") }), 5, "Symbol(s)"],
  ["an error caused by a TtrpcError with a code that is none", () => chain(new TtrpcError(Number.NaN as Code, "inner"), "outer"), 2, "outer"],
  ["an error caused by a TtrpcError: its code, the outer text", () => chain(new TtrpcError(Code.NotFound, "inner"), "outer"), 5, "outer"],
  ["caused three levels down", () => chain(new TtrpcError(Code.DataLoss, "inner"), "a", "b", "c"), 15, "c"],
  ["ENOENT from the file system", () => asThrown(() => readFileSync("/no/such/file")), 5, "ENOENT: no such file or directory, open '/no/such/file'"],
  ["EEXIST from the file system", () => asThrown(() => mkdirSync(tmpdir())), 6, `EEXIST: file already exists, mkdir '${tmpdir()}'`],
  ["EACCES", () => systemError("EACCES"), 7, "EACCES: made up"],
  ["EPERM", () => systemError("EPERM"), 7, "EPERM: made up"],
  ["EINVAL", () => systemError("EINVAL"), 2, "EINVAL: made up"],
  ["a system error without a meaning of its own", () => systemError("EIO"), 2, "EIO: made up"],
  ["a code that is a name of Object.prototype", () => systemError("constructor"), 2, "constructor: made up"],
  ["AbortError", (): unknown => AbortSignal.abort().reason, 1, "This operation was aborted"],
  ["TimeoutError", () => new DOMException("too late", "TimeoutError"), 4, "too late"],
  ["a plain error", () => new Error("plain"), 2, "plain"],
  ["an error without text", () => new Error(), 2, ""],
  ["an error whose text is no text", () => Object.assign(new Error("x"), { message: speechless }), 2, "[object Object]"],
  ["an error that throws when it is read", () => Object.defineProperty(new Error("x"), "message", { get: () => speechless.toString() }), 2, UNREADABLE],
  ["what throws when it is looked at", () => untouchable, 2, UNREADABLE],
  ["a string", () => "just text", 2, "just text"],
  ["a number", () => 42, 2, "42"],
  ["undefined", () => undefined, 2, "undefined"],
  ["null", () => null, 2, "null"],
  ["an object", () => ({}), 2, "[object Object]"],
  ["an object that cannot be printed", () => speechless, 2, "[object Object]"],
];

function asThrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail("should have thrown");
}

const returned: readonly (readonly [value: unknown, code: number, text: string])[] = [
  [undefined, 2, "ttrpc: marshal called with nil"],
  [null, 2, "ttrpc: marshal called with nil"],
  [42, 13, "ttrpc: error unsupported response type: number"],
  ["text", 13, "ttrpc: error unsupported response type: string"],
  [() => {}, 13, "ttrpc: error unsupported response type: function"],
];

const unencodable = {
  get msg(): string {
    throw new Error("no such thing");
  },
};

/** What can go wrong with a value that is a reply, or a message of a stream. */
const unsendable: readonly (readonly [value: object, code: number, text: string])[] = [
  [unencodable, 13, "ttrpc: error marshaling payload: no such thing"],
  [{ msg: "x".repeat(2000) }, 8, "message length 2006 exceed maximum message size of 1000"],
];

const sleepForever = (): Promise<never> => new Promise(() => {});

onEachLink("what a unary handler does", (link) => {
  const withEcho = (echoHandler: EchoHandler) =>
    pairOver(link, (server: Server) => server.service(Streaming, { echo: echoHandler }), { maxMessageBytes: 1000 });

  for (const [title, reason, code, text] of thrown) {
    it(`throws ${title}`, async () => {
      let how: "now" | "later" = "now";
      await using pair = await withEcho(() => {
        if (how === "now") throw reason();
        return Promise.reject(reason());
      });
      const { echo: call } = pair.client.service(Streaming);
      assert.deepEqual(await failure(call({})), [code, text]);
      how = "later";
      assert.deepEqual(await failure(call({})), [code, text]);
      assert.equal(pair.server.stats().active, 0);
      assert.equal(pair.server.stats().callsFailed, 2);
    });
  }

  it("throws details: they arrive, and so they do through a cause", async () => {
    const inner = new TtrpcError(Code.NotFound, "inner", {
      details: [
        { typeUrl: "a/b.C", value: Uint8Array.of(1, 2) },
        { typeUrl: "", value: new Uint8Array() },
      ],
    });
    await using pair = await withEcho(({ seq }) => {
      throw seq === 0 ? inner : new Error("outer", { cause: inner });
    });
    for (const seq of [0, 1]) {
      const error = await rejection(pair.client.service(Streaming).echo({ seq }));
      assert.ok(error instanceof TtrpcError);
      assert.deepEqual(
        error.details.map(({ typeUrl, value }) => [typeUrl, [...value]]),
        [
          ["a/b.C", [1, 2]],
          ["", []],
        ],
      );
    }
  });

  for (const [value, code, text] of returned) {
    it(`returns ${typeof value === "string" ? "a string" : String(value)}`, async () => {
      let how: "now" | "later" = "now";
      await using pair = await withEcho(() => (how === "now" ? value : Promise.resolve(value)) as never);
      const { echo: call } = pair.client.service(Streaming);
      assert.deepEqual(await failure(call({})), [code, text]);
      how = "later";
      assert.deepEqual(await failure(call({})), [code, text]);
    });
  }

  it("returns what cannot be sent: that call fails, the next one works", async () => {
    for (const [value, code, text] of unsendable) {
      let reply: object = value;
      await using pair = await withEcho(() => reply);
      const { echo: call } = pair.client.service(Streaming);
      assert.deepEqual(await failure(call({})), [code, text]);
      reply = { seq: 4 };
      assert.equal((await call({})).seq, 4);
    }
  });

  it("throws a text that is too large to send: its start arrives", async () => {
    await using pair = await withEcho(() => {
      throw new TtrpcError(Code.Aborted, "y".repeat(5000));
    });
    const told = `${"y".repeat(1024)}... (message of 5008 bytes exceeds the 1000 byte limit)`;
    assert.deepEqual(await failure(pair.client.service(Streaming).echo({})), [Code.Aborted, told]);
  });

  it("returns a thenable that is no promise", async () => {
    const then = (resolve: (value: object) => void): void => resolve({ seq: 9 });
    // oxlint-disable-next-line unicorn/no-thenable -- promises of other libraries are nothing else
    await using pair = await withEcho(() => ({ then }) as never);
    assert.equal((await pair.client.service(Streaming).echo({})).seq, 9);
  });
});

onEachLink("what a stream handler does", (link) => {
  const withCount = (count: CountHandler) => pairOver(link, (server: Server) => server.service(Peer, { count }), { maxMessageBytes: 1000 });

  for (const [title, reason, code, text] of thrown) {
    it(`throws ${title}: at once, or after a message`, async () => {
      let how: "at once" | "after a message" = "at once";
      await using pair = await withCount(() => {
        if (how === "at once") throw reason();
        return (function* () {
          yield { seq: 1 };
          throw reason();
        })();
      });
      const { count } = pair.client.service(Peer);
      assert.deepEqual(await failure(count({}).recv()), [code, text]);
      how = "after a message";
      const stream = count({});
      assert.equal((await stream.recv())?.seq, 1);
      assert.deepEqual(await failure(stream.recv()), [code, text]);
      assert.equal(pair.server.stats().active, 0);
    });
  }

  const notStreams: readonly (readonly [value: unknown, text: string])[] = [
    [Promise.resolve([]), "a promise (make it an async generator)"],
    [7, "number"],
    [null, "null"],
    [undefined, "undefined"],
    ["text", "string"],
    [{}, "object"],
  ];
  for (const [value, text] of notStreams) {
    it(`returns ${text} in place of messages`, async () => {
      await using pair = await withCount(() => value as never);
      assert.deepEqual(await failure(pair.client.service(Peer).count({}).recv()), [
        13,
        `ttrpc: /ttrpc.test.Peer/Count must return an iterable of messages, not ${text}`,
      ]);
    });
  }

  it("yields what is no message", async () => {
    for (const [value, code, text] of returned) {
      await using pair = await withCount(() => [{ seq: 1 }, value] as never);
      const stream = pair.client.service(Peer).count({});
      assert.equal((await stream.recv())?.seq, 1);
      assert.deepEqual(await failure(stream.recv()), [code, text]);
    }
  });

  it("yields what cannot be sent: the stream fails, its generator is ended, the connection lives", async () => {
    for (const [value, code, unaryText] of unsendable) {
      // A stream's message has no envelope.
      const text = unaryText.replace("2006", "2003");
      let returns = 0;
      await using pair = await withCount(async function* () {
        try {
          yield { seq: 1 };
          yield value;
          yield { seq: 3 };
        } finally {
          returns++;
        }
      });
      const stream = pair.client.service(Peer).count({});
      assert.equal((await stream.recv())?.seq, 1);
      assert.deepEqual(await failure(stream.recv()), [code, text]);
      assert.equal(returns, 1);
      assert.deepEqual(await collect(pair.client.service(Peer).count({})).catch((error: TtrpcError) => error.code), code);
    }
  });

  it("a client stream's handler that returns no message", async () => {
    for (const [value, code, text] of returned) {
      await using pair = await pairOver(link, (server) => server.service(Peer, { collect: () => value as never }));
      assert.deepEqual(await failure(pair.client.service(Peer).collect([])), [code, text]);
    }
  });
});

onEachLink("a handler that does not answer", (link) => {
  it("the server answers at the deadline by itself, and drops what the handler says later", async () => {
    const late = gate<object>();
    await using client = await rawClient(link, (server) =>
      server.service(Streaming, {
        echo: ({ seq }) => (seq === 0 ? late.promise : { seq: seq + 1 }),
        sumStream: sleepForever,
        divideStream: sleepForeverStream,
        echoStream: sleepForeverStream,
      }),
    );
    const ask = (streamId: number, method: string) => frame(streamId, REQUEST, 2, request(Streaming.typeName, method, { timeoutNanos: 20_000_000n }));
    for (const [at, method] of ["Echo", "SumStream", "DivideStream", "EchoStream"].entries()) {
      await client.raw.send(ask(at * 2 + 1, method));
      assert.equal(await client.raw.nextHex(), statusHex(at * 2 + 1, 4, "context deadline exceeded"));
    }
    late.open({ seq: 1 });
    await client.raw.send(frame(9, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(1) })));
    assert.equal(await client.raw.nextHex(), replyHex(9, echo(2)));
    assert.deepEqual(client.raw.unread, []);
  });

  it("fails, and so does the logger: the caller has its answer, and the connection lives", async () => {
    const fail = (): never => {
      throw new Error("no room on the disk");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using pair = await pairOver(link, (server) => server.service(Streaming, { echo: ({ seq }) => (seq === 0 ? fail() : { seq: seq + 1 }) }), { logger });
    const { echo: call } = pair.client.service(Streaming);
    const answers = await Promise.allSettled([call({ seq: 0 }), call({ seq: 1 })]);
    assert.deepEqual(
      answers.map((one) => (one.status === "fulfilled" ? one.value.seq : (one.reason as TtrpcError).code)),
      [Code.Unknown, 2],
    );
  });

  it("a deadline that has passed already: the handler runs, and the answer is code 4", async () => {
    let ran = 0;
    await using client = await rawClient(link, (server) =>
      server.service(Streaming, {
        echo: () => {
          ran++;
          return sleepForever();
        },
      }),
    );
    await client.raw.send(frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { timeoutNanos: -1_000_009_103n })));
    assert.equal(await client.raw.nextHex(), statusHex(1, 4, "context deadline exceeded"));
    assert.equal(ran, 1);
  });
});

async function* sleepForeverStream(): AsyncGenerator<object> {
  await sleepForever();
  yield {};
}
