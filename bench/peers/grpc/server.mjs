// The benchmark's server on grpc-js: `server -address ADDRESS [-interceptor]`. Ends with its standard input.
import { ResponderBuilder, Server, ServerCredentials, ServerInterceptingCall, ServerListenerBuilder } from "@grpc/grpc-js";
import { parseFlags, pathOf, serveUntilStdinEnds } from "../measure.mjs";
import { Peer, Streaming } from "./services.mjs";

const { address, interceptor } = parseFlags();

const listener = new ServerListenerBuilder()
  .withOnReceiveMetadata((metadata, next) => {
    void metadata.get("tenant");
    next(metadata);
  })
  .build();
const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
const reading = (_method, call) => new ServerInterceptingCall(call, responder);

const server = new Server({ interceptors: interceptor ? [reading] : [] });
server.addService(Streaming.service, {
  echo({ request: { seq, msg } }, reply) {
    reply(null, { seq: seq + 1, msg });
  },
  echoStream(call) {
    call.on("data", ({ seq, msg }) => call.write({ seq: seq + 1, msg }));
    call.on("end", () => call.end());
  },
});
server.addService(Peer.service, {
  echoBytes({ request }, reply) {
    reply(null, request);
  },
  count(call) {
    const { seq, msg } = call.request;
    let i = 0;
    const fill = () => {
      while (i < seq) if (!call.write({ seq: i++, msg })) return;
      call.end();
    };
    call.on("drain", fill);
    fill();
  },
  collect(call, reply) {
    let [messages, bytes] = [0, 0];
    call.on("data", ({ msg }) => {
      messages++;
      bytes += msg.length;
    });
    call.on("end", () => reply(null, { seq: messages, msg: String(bytes) }));
  },
});
server.bindAsync(`unix:${pathOf(address)}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  serveUntilStdinEnds(address, () => server.forceShutdown());
});
