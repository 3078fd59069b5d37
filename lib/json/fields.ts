// What proto3 JSON needs to know of a message and its encoding does not: the table that generated code carries under the option `json`.
import type { Scalar } from "../codegen/ir.js";
import type { GeneratedMessage } from "../runtime.js";

export type { Scalar } from "../codegen/ir.js";

/** A generated message type that can be written as JSON. */
export interface JsonMessage<out T extends object = object, in Init extends object = T> extends GeneratedMessage<T, Init> {
  /** In order of declaration. A function, because messages may contain each other. */
  readonly fields: () => readonly JsonField[];
}

/** Any message type with a table. */
export type AnyJsonMessage = JsonMessage<object, never>;

export interface JsonEnum {
  /** Full name, as "containerd.v1.types.Status". */
  readonly typeName: string;
  /** Numbers by their names in the .proto, prefix included. Of aliases, the first is written. */
  readonly values: Readonly<Record<string, number>>;
}

export interface JsonField {
  /** Property of the message object; of a oneof's member: its case. */
  readonly name: string;
  /** Name in the .proto, where it is not `name`. */
  readonly proto?: string;
  /** `json_name`, where it is not `name`. */
  readonly json?: string;
  /** Of the element if repeated, of the value if a map. */
  readonly type: Scalar | AnyJsonMessage | JsonEnum;
  readonly repeated?: true;
  /** Of a map: its key. */
  readonly key?: Scalar;
  /** Property of the oneof it belongs to. */
  readonly oneof?: string;
  /** Explicit presence, or required. Not set for messages and members of oneofs. */
  readonly optional?: true;
  /** An unboxed google.protobuf wrapper: `type` is what it wraps. */
  readonly wrapper?: true;
  /** What 64-bit integers are where they are not bigint, keys of a `Map` included. */
  readonly int64?: "number" | "string";
  /** The map is a `Map`, not an object. */
  readonly map?: true;
}
