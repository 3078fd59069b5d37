// Our server called by containerd's own client code: the proxies of its content store, of transfer and of its streams, and its test
// suite for content stores. What they report is what they report of containerd's own server.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "ttrpc";
import { freePath, onEachChannel, type SocketChannel } from "../support/channels.js";
import {
  type ContainerdCase,
  type ContainerdReport,
  contentSuite,
  runContainerdClient,
  runContentSuite,
  skipContainerd,
  startContainerdServer,
} from "../support/containerd.js";
import { type Api, containerdServices } from "./api.js";
import { contentService } from "./content-service.js";
import { ContentStore } from "./content-store.js";
import { TransferService } from "./transfer-service.js";

const MIB = 1 << 20;

/** Nothing, less than a window, a window, a byte more, and several messages over the limit. */
const TRANSFERS = [0, 1, 65_536, 65_537, 9 * MIB] as const;

/** What the proxy's writer makes of a large Write: halves of gRPC's limit, each over ttrpc's. So it fails on containerd's own server, too. */
const KNOWN_LIMIT = /message length 8388615 exceed maximum message size of 4194304/;

function check(name: string, passed: boolean, output: string): void {
  if (name !== "Writer") assert.ok(passed, output);
  else assert.deepEqual([passed, KNOWN_LIMIT.test(output)], [false, true], output);
}

interface OurServer extends AsyncDisposable {
  readonly address: string;
  readonly server: Server;
  readonly transfers: TransferService;
}

async function startOurs(api: Api, channel: SocketChannel, store: ContentStore): Promise<OurServer> {
  const transfers = new TransferService(api);
  const server = transfers.register(new Server({ channel }).service(api.Content, contentService(store)));
  const { address } = await server.listen(`unix://${freePath()}`);
  return { address, server, transfers, [Symbol.asyncDispose]: () => server.close() };
}

/** Only to give up: a connection that lives this long after its peer has failed the test. */
const GIVE_UP_MS = 20_000;

/** The peer has closed its connection: soon nothing of it is left. */
async function untilGone({ server }: OurServer): Promise<void> {
  for (const end = Date.now() + GIVE_UP_MS; server.stats().connections > 0; await sleep(5)) {
    assert.ok(Date.now() < end, "the peer is gone, and its connection is still there");
  }
}

/** What `use` makes of a server of ours; it leaves no writer locked and no stream open. */
async function onOurs<T>(api: Api, channel: SocketChannel, use: (address: string) => Promise<T>, store = new ContentStore()): Promise<T> {
  const ours = await startOurs(api, channel, store);
  try {
    const result = await use(ours.address);
    await untilGone(ours);
    assert.equal(store.left.locked, 0, "writers left locked");
    assert.equal(ours.transfers.open, 0, "streams left open");
    return result;
  } finally {
    await ours[Symbol.asyncDispose]();
  }
}

async function onTheirs<T>(use: (address: string) => Promise<T>): Promise<T> {
  const theirs = await startContainerdServer();
  try {
    return await use(theirs.address);
  } finally {
    await theirs[Symbol.asyncDispose]();
  }
}

const right = new Map<string, Promise<ContainerdReport>>();

/** What containerd's client says of containerd's server. */
function rightReport(name: ContainerdCase, bytes: number): Promise<ContainerdReport> {
  const key = `${name} ${bytes}`;
  const known = right.get(key) ?? onTheirs((address) => runContainerdClient(address, name, bytes));
  right.set(key, known);
  return known;
}

describe("containerd's client", { skip: skipContainerd() }, () => {
  let api: Api;
  before(async () => {
    api = await containerdServices("containerd-server");
  });

  onEachChannel("our server", (channel) => {
    it("content: ingests 9 MiB, reads it back whole and in part, walks away from a reader, lists, deletes", async () => {
      const store = new ContentStore();
      const report = await onOurs(api, channel, (address) => runContainerdClient(address, "blob", 9 * MIB), store);
      assert.equal(report.error, "");
      assert.deepEqual(store.left, { blobs: 0, ingests: 0, locked: 0 });
      assert.deepEqual(report, await rightReport("blob", 9 * MIB));
    });

    it("content: an ingest half done is listed, resumed and finished; another one is aborted", async () => {
      const store = new ContentStore();
      const report = await onOurs(api, channel, (address) => runContainerdClient(address, "ingest", 9 * MIB), store);
      assert.equal(report.error, "");
      assert.deepEqual(store.left, { blobs: 0, ingests: 0, locked: 0 });
      assert.deepEqual(report, await rightReport("ingest", 9 * MIB));
    });

    for (const bytes of TRANSFERS) {
      it(`transfer: ${bytes} bytes through SendStream, back through ReceiveStream, with progress`, async () => {
        const report = await onOurs(api, channel, (address) => runContainerdClient(address, "transfer", bytes));
        assert.equal(report.error, "");
        assert.equal(report["progress"], bytes);
        assert.deepEqual(report, await rightReport("transfer", bytes));
      });
    }

    for (const name of contentSuite) {
      it(`containerd's suite for content stores: ${name}`, async () => {
        const { passed, output } = await onOurs(api, channel, (address) => runContentSuite(address, name));
        check(name, passed, output);
      });
    }
  });

  describe("containerd's server, to know what is right", () => {
    for (const name of contentSuite) {
      it(name, async () => {
        const { passed, output } = await onTheirs((address) => runContentSuite(address, name));
        check(name, passed, output);
      });
    }
  });
});
