// Options: defaults, every option right and wrong, and the texts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientOptions, connect, Server, type ServerOptions } from "#lib/index.js";
import { clientConfig, serverConfig } from "#lib/config.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const interceptor = { unary: async () => ({}) };

const MS = "a positive number of milliseconds";
const U32 = "an integer from 1 to 4294967295";
const POLL = '"auto" or an integer of microseconds from 0 to 1000000';
const INTERCEPTORS = "an array of objects with `unary`, `stream` or both";
const LOGGER = "an object with the functions debug, info, warn and error";

/** Of each option: what is allowed, what is not and how it is shown, and what is said to be wanted. */
interface Case {
  readonly good: readonly unknown[];
  readonly bad: readonly (readonly [value: unknown, shown: string])[];
  readonly wanted: string;
}

const badMs: Case["bad"] = [
  [0, "0"],
  [null, "null"],
  [-1, "-1"],
  [NaN, "NaN"],
  ["1000", '"1000"'],
  [5n, "5"],
  [true, "true"],
];
const badCount: Case["bad"] = [
  [0, "0"],
  [1.5, "1.5"],
  [2 ** 32, "4294967296"],
  ["1", '"1"'],
  [Infinity, "Infinity"],
];
const ms = (): Case => ({ good: [0.5, 1, 1e6], bad: badMs, wanted: MS });
const count = (): Case => ({ good: [1, 0xffffffff], bad: badCount, wanted: U32 });

const common: Readonly<Record<string, Case>> = {
  interceptors: {
    good: [[], [interceptor], [{ stream() {} }, { ...interceptor, stream() {} }]],
    bad: [
      [interceptor, "an object"],
      [[{}], "an object"],
      [[{ unary: 5 }], "an object"],
      [[null], "an object"],
      ["x", '"x"'],
    ],
    wanted: INTERCEPTORS,
  },
  maxMessageBytes: count(),
  maxDiscardBytes: count(),
  streamBufferBytes: {
    good: [1, Number.MAX_SAFE_INTEGER],
    bad: [
      [0, "0"],
      [0.5, "0.5"],
      ["1", '"1"'],
    ],
    wanted: "an integer from 1 to 9007199254740991",
  },
  streamStallMs: ms(),
  busyPollMicros: {
    good: ["auto", 0, 50, 1_000_000],
    bad: [
      [-1, "-1"],
      [1_000_001, "1000001"],
      [0.5, "0.5"],
      ["50", '"50"'],
    ],
    wanted: POLL,
  },
  channel: {
    good: ["auto", "native", "node"],
    bad: [
      ["memory", '"memory"'],
      [1, "1"],
    ],
    wanted: '"auto", "native" or "node"',
  },
  logger: {
    good: [logger, console],
    bad: [
      [{}, "an object"],
      [{ ...logger, warn: 1 }, "an object"],
      ["console", '"console"'],
    ],
    wanted: LOGGER,
  },
};

const client: Readonly<Record<string, Case>> = {
  ...common,
  defaultTimeoutMs: ms(),
  connectTimeoutMs: ms(),
  signal: {
    good: [new AbortController().signal],
    bad: [
      [new AbortController(), "an object"],
      [{ aborted: false }, "an object"],
    ],
    wanted: "an AbortSignal",
  },
  onClose: {
    good: [() => {}],
    bad: [
      ["f", '"f"'],
      [{}, "an object"],
    ],
    wanted: "a function",
  },
};

const server: Readonly<Record<string, Case>> = {
  ...common,
  handshake: {
    good: [() => {}],
    bad: [
      [{}, "an object"],
      [true, "true"],
    ],
    wanted: "a function",
  },
  handshakeTimeoutMs: ms(),
  maxTimeoutMs: ms(),
  maxConnections: count(),
  maxCallsPerConnection: count(),
  streamIds: {
    good: ["increasing", "unused"],
    bad: [
      ["any", '"any"'],
      [1, "1"],
    ],
    wanted: '"increasing" or "unused"',
  },
};

for (const [where, cases, resolve] of [
  ["connect", client, clientConfig],
  ["new Server", server, serverConfig],
] as const) {
  const make = (options: object): object => resolve(options);

  describe(`options of ${where}`, () => {
    for (const [name, { good, bad, wanted }] of Object.entries(cases)) {
      it(`${name}: what is allowed is taken as it is, undefined is the default`, () => {
        for (const value of good) assert.equal((make({ [name]: value }) as Record<string, unknown>)[name], value);
        assert.deepEqual(make({ [name]: undefined }), make({}));
      });

      it(`${name}: what is not allowed`, () => {
        for (const [value, shown] of bad)
          assert.throws(() => make({ [name]: value }), new TypeError(`${where}: option "${name}" must be ${wanted}, not ${shown}`));
      });
    }

    it("an unknown one is refused, and the known ones are told", () => {
      for (const name of ["timeout", "maxmessagebytes", "toString", "__proto__"]) {
        const options = JSON.parse(`{"${name}": 1}`) as object;
        assert.throws(() => make(options), new TypeError(`${where}: unknown option "${name}"; there are ${Object.keys(cases).join(", ")}`));
      }
    });

    it("one of the other side is unknown", () => {
      const stranger = where === "connect" ? "maxConnections" : "connectTimeoutMs";
      assert.throws(() => make({ [stranger]: 1 }), TypeError);
    });

    it("must be an object", () => {
      for (const options of [5, "x", null, () => {}])
        assert.throws(() => make(options as object), new TypeError(`${where}: options must be an object, not ${String(options)}`));
    });
  });
}

describe("defaults", () => {
  const shared = {
    interceptors: [],
    maxMessageBytes: 4_194_304,
    maxDiscardBytes: 4_294_967_295,
    streamBufferBytes: 1_048_576,
    streamStallMs: 1_000,
    busyPollMicros: "auto",
    channel: "auto",
  };

  it("of a client", () => assert.deepEqual(clientConfig(), { ...shared, connectTimeoutMs: 10_000 }));

  it("of a server", () => {
    assert.deepEqual(serverConfig(), { ...shared, handshakeTimeoutMs: 10_000, maxConnections: 65_536, maxCallsPerConnection: 65_536, streamIds: "increasing" });
  });
});

describe("who checks them", () => {
  it("new Server, at once", () => {
    assert.throws(() => new Server({ maxConections: 5 } as ServerOptions), /^TypeError: new Server: unknown option "maxConections"; there are /);
  });

  it("connect, before anything is dialled", async () => {
    await assert.rejects(connect("/nowhere/at/all", { maxMessageBytes: 0 }), new TypeError(`connect: option "maxMessageBytes" must be ${U32}, not 0`));
    await assert.rejects(connect("/nowhere/at/all", { timeoutMs: 5 } as ClientOptions), TypeError);
  });
});
