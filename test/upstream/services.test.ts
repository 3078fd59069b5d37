// Mirrors services_test.go: a method's full name, as interceptors on both sides see it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { defineService, type Interceptor, unary } from "ttrpc";
import { methodPath } from "#lib/services.js";
import { onEachLink } from "../rpc/links.js";
import { EchoPayload } from "../support/services.js";
import { serve } from "./support.js";

const service = defineService("test.v1.service", { foo: unary("Foo", EchoPayload, EchoPayload) });

onEachLink("services_test.go", (link) => {
  it("Test_MethodFullNameGeneration", async () => {
    // Upstream calls the helper; ours, and then what it is for.
    assert.equal(methodPath("test.v1.service", service.methods.foo), "/test.v1.service/Foo");
    const paths: string[] = [];
    const naming: Interceptor = {
      unary(call, next) {
        paths.push(`${call.side} ${call.path}`);
        return next(call);
      },
    };
    await using serving = await serve(link, (server) => server.service(service, { foo: () => ({}) }), { interceptors: [naming] });
    const client = await serving.connect({ interceptors: [naming] });
    await client.service(service).foo({});
    await client.call("test.v1.service", service.methods.foo, {});
    // `call` is below the stubs: it has the client's interceptors, too.
    assert.deepEqual(paths, ["client /test.v1.service/Foo", "server /test.v1.service/Foo", "client /test.v1.service/Foo", "server /test.v1.service/Foo"]);
  });
});
