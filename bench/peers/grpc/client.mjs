// The benchmark's client on grpc-js.
import { once } from "node:events";
import { credentials, InterceptingCall, Metadata } from "@grpc/grpc-js";
import { METADATA, run, TIMEOUT_MS } from "../client.mjs";
import { Peer, Streaming } from "./services.mjs";

const reading = (options, next) =>
  new InterceptingCall(next(options), {
    start(metadata, listener, start) {
      void metadata.get("tenant");
      start(metadata, listener);
    },
  });

function metadataOf(pairs) {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(pairs)) metadata.set(key, value);
  return metadata;
}

function open(path, rich) {
  // Else all clients of a process share one connection.
  const options = { "grpc.use_local_subchannel_pool": 1, interceptors: rich ? [reading] : [] };
  const streaming = new Streaming(`unix:${path}`, credentials.createInsecure(), options);
  const peer = new Peer(`unix:${path}`, credentials.createInsecure(), { channelOverride: streaming.getChannel() });
  return {
    echo: (request) =>
      new Promise((resolve, reject) => {
        const settle = (error, reply) => (error === null ? resolve(reply) : reject(error));
        if (rich) streaming.echo(request, metadataOf(METADATA), { deadline: Date.now() + TIMEOUT_MS }, settle);
        else streaming.echo(request, settle);
      }),
    echoBytes: (request) => new Promise((resolve, reject) => peer.echoBytes(request, (error, reply) => (error === null ? resolve(reply) : reject(error)))),
    count: (request, onMessage) =>
      new Promise((resolve, reject) => {
        let wanted = true;
        const call = peer.count(request);
        call.on("data", () => {
          if (!wanted || onMessage()) return;
          wanted = false;
          call.cancel();
        });
        call.on("end", resolve);
        call.on("error", (error) => (wanted ? reject(error) : resolve()));
      }),
    collect: (messages) =>
      new Promise((resolve, reject) => {
        const call = peer.collect((error, reply) => (error === null ? resolve(reply) : reject(error)));
        const sendAll = async () => {
          for (const message of messages) if (!call.write(message)) await once(call, "drain");
          call.end();
        };
        sendAll().catch(reject);
      }),
    openPingPong() {
      const call = streaming.echoStream();
      let settle;
      call.on("data", (message) => settle.resolve(message));
      call.on("error", (error) => settle.reject(error));
      return (request) =>
        new Promise((resolve, reject) => {
          settle = { resolve, reject };
          call.write(request);
        });
    },
    close: () => streaming.close(),
  };
}

await run(open);
// Streams of ping-pong are still open.
process.exit();
