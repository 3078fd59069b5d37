// The test services, as @grpc/proto-loader reads them.
import { loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { fileURLToPath } from "node:url";

const includeDirs = [fileURLToPath(new URL("../../../test/proto", import.meta.url))];
const { ttrpc } = loadPackageDefinition(loadSync(["streaming.proto", "peer.proto"], { includeDirs }));

export const Streaming = ttrpc.integration.streaming.Streaming;
export const Peer = ttrpc.test.Peer;
