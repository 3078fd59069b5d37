// The benchmark's server on Connect, over HTTP/2 without TLS: `server -address ADDRESS [-interceptor]`. Ends with its standard input.
import { createServer } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Peer } from "../build/peer_pb.js";
import { Streaming } from "../build/streaming_pb.js";
import { parseFlags, pathOf, serveUntilStdinEnds } from "../measure.mjs";

const { address, interceptor } = parseFlags();

const reading = (next) => (request) => {
  void request.header.get("tenant");
  return next(request);
};

function routes(router) {
  router.service(Streaming, {
    echo: ({ seq, msg }) => ({ seq: seq + 1, msg }),
    async *echoStream(requests) {
      for await (const { seq, msg } of requests) yield { seq: seq + 1, msg };
    },
  });
  router.service(Peer, {
    echoBytes: (request) => request,
    async *count({ seq, msg }) {
      for (let i = 0; i < seq; i++) yield { seq: i, msg };
    },
    async collect(requests) {
      let [messages, bytes] = [0, 0];
      for await (const { msg } of requests) {
        messages++;
        bytes += msg.length;
      }
      return { seq: messages, msg: String(bytes) };
    },
  });
}

// The others do not compress either.
const server = createServer(connectNodeAdapter({ routes, interceptors: interceptor ? [reading] : [], acceptCompression: [] }));
server.listen(pathOf(address), () => serveUntilStdinEnds(address, () => server.close()));
