// Descriptors: what protoc hands a plugin, and what our own parser makes. Our own generated code.
export * from "../wkt/google/protobuf/descriptor_ttrpc.js";
