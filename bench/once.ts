// The shortest program of ours: connect, one call, the end. For cold starts, where every import counts.
import { connect } from "ttrpc";
import { Streaming } from "../test/proto/streaming_ttrpc.js";

const [address = "", channel = "native"] = process.argv.slice(2);
const client = await connect(address, { channel: channel as "native" | "node" });
const { seq } = await client.service(Streaming).echo({ seq: 1, msg: "x" });
process.stdout.write(`{"case":"once","calls":${seq - 1}}\n`);
await client.close();
