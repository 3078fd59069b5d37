// The intermediate form: what both front ends are lowered to and all that the emitter sees. Types are resolved to
// objects, editions and syntax to plain facts about each field.

/** Protobuf scalar types, by their names in a .proto. */
export type Scalar =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

/** What every named thing of a .proto has. */
export interface Declaration {
  /** As in the .proto. */
  readonly name: string;
  /** The comment before it and the one behind it, without comment marks; "" without one. */
  readonly comment: string;
  readonly deprecated: boolean;
}

export interface ProtoFile {
  /** As an import would name it: "containerd/types/mount.proto". */
  readonly path: string;
  /** "" without one. */
  readonly package: string;
  readonly deprecated: boolean;
  readonly imports: readonly ProtoImport[];
  /** Top-level ones, in order of declaration. */
  readonly messages: readonly Message[];
  readonly enums: readonly Enum[];
  readonly services: readonly ServiceDeclaration[];
}

export interface ProtoImport {
  readonly path: string;
  readonly public: boolean;
}

export interface Message extends Declaration {
  /** "package.Outer.Inner", without a leading dot. */
  readonly typeName: string;
  readonly file: ProtoFile;
  readonly parent: Message | undefined;
  /** In order of declaration, members of oneofs among them. */
  readonly fields: readonly Field[];
  /** Without those that proto3 `optional` makes up. */
  readonly oneofs: readonly Oneof[];
  /** Nested ones, without map entries. */
  readonly messages: readonly Message[];
  readonly enums: readonly Enum[];
  /** Whether a message of this type can contain another of it, at any depth. */
  readonly recursive: boolean;
}

export interface Oneof extends Declaration {
  /** Name in TypeScript, unlike that of any other oneof or field of the message. */
  readonly property: string;
  readonly fields: readonly Field[];
}

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "enum"; readonly enum: Enum }
  | {
      readonly kind: "message";
      readonly message: Message;
      /** Written between group tags: proto2 groups, and editions' `message_encoding = DELIMITED`. Never for map values. */
      readonly delimited: boolean;
    };

export interface Field extends Declaration {
  /** Name in TypeScript: of the property, or of the case if the field is in a oneof. Unlike any other there. */
  readonly property: string;
  readonly number: number;
  /** Name in proto3 JSON: `json_name`, or the lowerCamelCase of the name. */
  readonly jsonName: string;
  readonly cardinality: "singular" | "repeated" | "map";
  /** Of the element if repeated, of the value if a map. */
  readonly type: FieldType;
  /** Of a map's key. */
  readonly key: Scalar | undefined;
  /** implicit: zero is not written. explicit: absent and zero differ (all messages, all members of oneofs). Of repeated fields and maps: implicit. */
  readonly presence: "implicit" | "explicit" | "required";
  /** Whether a repeated scalar or enum is written packed. */
  readonly packed: boolean;
  readonly oneof: Oneof | undefined;
  /** Default value as FieldDescriptorProto.default_value has it (bytes C-escaped, enum by value name). */
  readonly defaultValue: string | undefined;
  readonly jstype: "normal" | "string" | "number";
}

export interface Enum extends Declaration {
  readonly typeName: string;
  readonly file: ProtoFile;
  readonly parent: Message | undefined;
  readonly values: readonly EnumValue[];
}

export interface EnumValue extends Declaration {
  readonly number: number;
}

export interface ServiceDeclaration extends Declaration {
  readonly typeName: string;
  readonly file: ProtoFile;
  readonly methods: readonly MethodDeclaration[];
}

export interface MethodDeclaration extends Declaration {
  readonly kind: "unary" | "clientStream" | "serverStream" | "bidi";
  readonly input: Message;
  readonly output: Message;
}
