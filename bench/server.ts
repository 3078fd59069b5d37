// The benchmark's server of ours: `server ADDRESS CHANNEL`. Ends with its standard input.
import { Server } from "ttrpc";
import { peer, streaming } from "../test/support/implementations.js";
import { Peer, Streaming } from "../test/support/services.js";

const [address = "", channel = "native"] = process.argv.slice(2);
const server = new Server({ channel: channel as "native" | "node" }).service(Streaming, streaming).service(Peer, peer);
const listener = await server.listen(address);
process.stdout.write(`${JSON.stringify({ ready: true, address: listener.address })}\n`);
process.stdin.resume().on("end", () => void server.close());
