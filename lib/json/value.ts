// What JSON can be, and what a caller can ask of the conversion.
import type { TypeRegistry } from "../wkt/registry.js";

export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface ToJsonOptions {
  /** Whether fields without presence are written when they are zero or empty, too. Default: false. */
  readonly emitDefaults?: boolean | undefined;
  /** Whether enums are written as numbers. Default: false. A number without a name always is. */
  readonly enumsAsNumbers?: boolean | undefined;
  /** Whether fields have their names in the .proto instead of their JSON names. Default: false. */
  readonly useProtoNames?: boolean | undefined;
  /** Types of messages within google.protobuf.Any. */
  readonly registry?: TypeRegistry | undefined;
}

export interface ToJsonStringOptions extends ToJsonOptions {
  /** Spaces per level; 0 writes all on one line. Default: 0. */
  readonly indent?: number | undefined;
}

export interface FromJsonOptions {
  /** Whether fields and enum names that the message does not have are left out. Default: false, they are errors. */
  readonly ignoreUnknownFields?: boolean | undefined;
  /** Types of messages within google.protobuf.Any. */
  readonly registry?: TypeRegistry | undefined;
}
