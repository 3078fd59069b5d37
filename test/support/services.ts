// The services that all test peers have: upstream's integration, unary test and example services, and one of ours.
export { Empty } from "ttrpc/wkt/google/protobuf/empty";
export { Example } from "../../example/example_ttrpc.js";
export { Peer } from "../proto/peer_ttrpc.js";
export { EchoPayload, Part, Streaming, Sum } from "../proto/streaming_ttrpc.js";
export { TestPayload, testService as Test } from "../proto/test_ttrpc.js";
