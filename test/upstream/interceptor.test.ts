// Mirrors interceptor_test.go: interceptors of unary calls run, in the order given, and leave the reply alone.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Interceptor } from "ttrpc";
import { onEachLink } from "../rpc/links.js";
import { test } from "../support/implementations.js";
import { Test } from "../support/services.js";
import { serve } from "./support.js";

const MESSAGE = "a".repeat(16);
const TAGS = ["seen it", "been", "there", "done", "that"];

/** Interceptors that record their tags, and what else happened around `next`. */
function recording(record: string[]): Interceptor[] {
  return TAGS.map((tag) => ({
    unary(call, next) {
      record.push(`${tag}: ${call.side} ${call.path}`);
      return next(call);
    },
  }));
}

const expected = (side: string): string[] => TAGS.map((tag) => `${tag}: ${side} /testService/Test`);

interface Chains {
  /** Of the client, its stub, the server and the service. */
  readonly client?: readonly Interceptor[];
  readonly stub?: readonly Interceptor[];
  readonly server?: readonly Interceptor[];
  readonly service?: readonly Interceptor[];
}

onEachLink("interceptor_test.go", (link) => {
  /** One call through all of them; the reply must be as it is without any. */
  async function call({ client: ofClient = [], stub = [], server: ofServer = [], service = [] }: Chains): Promise<void> {
    await using serving = await serve(link, (server) => server.service(Test, test, { interceptors: service }), { interceptors: ofServer });
    const client = await serving.connect({ interceptors: ofClient });
    const response = await client.service(Test, { interceptors: stub }).test({ foo: MESSAGE });
    assert.deepEqual(response, { foo: MESSAGE.repeat(2), deadline: 0n, metadata: "" });
  }

  it("TestUnaryClientInterceptor", async () => {
    const record: string[] = [];
    const [one] = recording(record);
    await call({ client: one ? [one] : [] });
    assert.deepEqual(record, expected("client").slice(0, 1));
  });

  it("TestChainUnaryClientInterceptor", async () => {
    // An empty chain beside the full one, each way round; and one chain of both parts.
    for (const cut of [0, 2, TAGS.length]) {
      const record: string[] = [];
      const chain = recording(record);
      await call({ client: chain.slice(0, cut), stub: chain.slice(cut) });
      assert.deepEqual(record, expected("client"), `cut at ${cut}`);
    }
  });

  it("TestUnaryServerInterceptor", async () => {
    const record: string[] = [];
    const [one] = recording(record);
    await call({ server: one ? [one] : [] });
    assert.deepEqual(record, expected("server").slice(0, 1));
  });

  it("TestChainUnaryServerInterceptor", async () => {
    // Upstream's is one unchained before four chained: the server's one, then the service's four.
    for (const cut of [1, 0, TAGS.length]) {
      const record: string[] = [];
      const chain = recording(record);
      await call({ server: chain.slice(0, cut), service: chain.slice(cut) });
      assert.deepEqual(record, expected("server"), `cut at ${cut}`);
    }
  });
});
