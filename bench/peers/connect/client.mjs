// The benchmark's client on Connect: its own protocol over HTTP/2 without TLS.
import { connect } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { Peer } from "../build/peer_pb.js";
import { Streaming } from "../build/streaming_pb.js";
import { METADATA, run, TIMEOUT_MS } from "../client.mjs";

// A unix socket has no place in an HTTP URL.
const baseUrl = "http://localhost";

const reading = (next) => (request) => {
  void request.header.get("tenant");
  return next(request);
};

async function* sendAll(messages) {
  yield* messages;
}

function open(path, rich) {
  const sessionManager = new Http2SessionManager(baseUrl, undefined, { createConnection: () => connect(path) });
  const interceptors = rich ? [reading] : [];
  // The others do not compress either.
  const transport = createConnectTransport({ baseUrl, httpVersion: "2", sessionManager, interceptors, acceptCompression: [] });
  const streaming = createClient(Streaming, transport);
  const peer = createClient(Peer, transport);
  return {
    echo: (request) => (rich ? streaming.echo(request, { headers: METADATA, timeoutMs: TIMEOUT_MS }) : streaming.echo(request)),
    echoBytes: (request) => peer.echoBytes(request),
    async count(request, onMessage) {
      for await (const _ of peer.count(request)) if (!onMessage()) break;
    },
    collect: (messages) => peer.collect(sendAll(messages)),
    openPingPong() {
      const requests = createWritableIterable();
      const replies = streaming.echoStream(requests)[Symbol.asyncIterator]();
      return async (request) => {
        await requests.write(request);
        return replies.next();
      };
    },
    close: () => sessionManager.abort(),
  };
}

await run(open);
// Streams of ping-pong are still open.
process.exit();
