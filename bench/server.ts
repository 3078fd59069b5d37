// The benchmark's server of ours: `-address ADDRESS [-channel native|node] [-busy-poll auto|MICROS] [-interceptor]`. Ends with its standard input.
import { type Interceptor, Server } from "ttrpc";
import { Peer } from "../test/proto/peer_ttrpc.js";
import { Streaming } from "../test/proto/streaming_ttrpc.js";
import { busyPollOf, parseFlags } from "./flags.js";

const flags = parseFlags();
const reading: Interceptor = {
  unary(call, next) {
    void call.metadata.get("tenant");
    return next(call);
  },
};
const server = new Server({
  channel: (flags.channel ?? "native") as "native" | "node",
  busyPollMicros: busyPollOf(flags["busy-poll"]),
  interceptors: flags.interceptor ? [reading] : [],
})
  .service(Streaming, {
    echo: ({ seq, msg }) => ({ seq: seq + 1, msg }),
    async *echoStream(requests) {
      for await (const { seq, msg } of requests) yield { seq: seq + 1, msg };
    },
  })
  .service(Peer, {
    echoBytes: (request) => request,
    *count({ seq, msg }) {
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
const listener = await server.listen(flags.address ?? "");
process.stdout.write(`${JSON.stringify({ ready: true, address: listener.address })}\n`);
process.stdin.resume().on("end", () => void server.close());
