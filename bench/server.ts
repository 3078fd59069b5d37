// The benchmark's server of ours: `server ADDRESS CHANNEL`. Ends with its standard input.
import { Server } from "ttrpc";
import { Peer } from "../test/proto/peer_ttrpc.js";
import { Streaming } from "../test/proto/streaming_ttrpc.js";

const [address = "", channel = "native"] = process.argv.slice(2);
const server = new Server({ channel: channel as "native" | "node" }).service(Streaming, { echo: ({ seq, msg }) => ({ seq: seq + 1, msg }) }).service(Peer, {
  *count({ seq, msg }) {
    for (let i = 0; i < seq; i++) yield { seq: i, msg };
  },
});
const listener = await server.listen(address);
process.stdout.write(`${JSON.stringify({ ready: true, address: listener.address })}\n`);
process.stdin.resume().on("end", () => void server.close());
