// ttrpc/wkt: Google's well-known types as messages of ours, and what makes them easy to use.
export * from "./google/protobuf/any_ttrpc.js";
export * from "./google/protobuf/api_ttrpc.js";
export * from "./google/protobuf/compiler/plugin_ttrpc.js";
export * from "./google/protobuf/descriptor_ttrpc.js";
export * from "./google/protobuf/duration_ttrpc.js";
export * from "./google/protobuf/empty_ttrpc.js";
export * from "./google/protobuf/field_mask_ttrpc.js";
export * from "./google/protobuf/source_context_ttrpc.js";
export * from "./google/protobuf/struct_ttrpc.js";
export * from "./google/protobuf/timestamp_ttrpc.js";
export * from "./google/protobuf/type_ttrpc.js";
export * from "./google/protobuf/wrappers_ttrpc.js";
export * from "./google/rpc/code_ttrpc.js";
export * from "./google/rpc/error_details_ttrpc.js";
export * from "./google/rpc/status_ttrpc.js";

export { anyIs, type AnyLike, anyPack, type AnyPackOptions, anyUnpack, type Unpacked } from "./any.js";
export { durationFromMs, durationFromNanos, durationFromString, durationMs, durationNanos, durationToString } from "./duration.js";
export { applyFieldMask, fieldMaskFromString, fieldMaskOf, fieldMaskToString } from "./field-mask.js";
export { createRegistry, type TypeRegistry } from "./registry.js";
export { errorFromStatus, statusFromError } from "./status.js";
export { listValueFromJson, listValueToJson, structFromJson, structToJson, valueFromJson, valueToJson } from "./struct.js";
export {
  timestampFromDate,
  timestampFromMs,
  timestampFromNanos,
  timestampFromString,
  timestampMs,
  timestampNanos,
  timestampNow,
  timestampToDate,
  timestampToString,
} from "./timestamp.js";
