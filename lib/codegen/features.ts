// What a file's syntax or edition and its `features` options come to, from the file down to one field.
import type { FeatureSet, FieldDescriptorProto, FileDescriptorProto } from "./descriptor.js";
import {
  Edition,
  FeatureSet_EnumType as EnumType,
  FeatureSet_FieldPresence as FieldPresence,
  FeatureSet_JsonFormat as JsonFormat,
  FeatureSet_MessageEncoding as MessageEncoding,
  FeatureSet_RepeatedFieldEncoding as RepeatedFieldEncoding,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "./descriptor.js";

/** Features of the binary form, resolved: numbers of google.protobuf.FeatureSet's enums. */
export interface Features {
  readonly fieldPresence: number;
  readonly enumType: number;
  readonly repeatedFieldEncoding: number;
  readonly messageEncoding: number;
  readonly jsonFormat: number;
}

const proto2: Features = {
  fieldPresence: FieldPresence.EXPLICIT,
  enumType: EnumType.CLOSED,
  repeatedFieldEncoding: RepeatedFieldEncoding.EXPANDED,
  messageEncoding: MessageEncoding.LENGTH_PREFIXED,
  jsonFormat: JsonFormat.LEGACY_BEST_EFFORT,
};
const proto3: Features = {
  fieldPresence: FieldPresence.IMPLICIT,
  enumType: EnumType.OPEN,
  repeatedFieldEncoding: RepeatedFieldEncoding.PACKED,
  messageEncoding: MessageEncoding.LENGTH_PREFIXED,
  jsonFormat: JsonFormat.ALLOW,
};
/** 2024 changed none of these. */
const edition2023: Features = { ...proto3, fieldPresence: FieldPresence.EXPLICIT };

/** Edition of a file: proto2 and proto3 count as 998 and 999. */
export function editionOf(file: FileDescriptorProto): number {
  if (file.syntax === "editions") return file.edition ?? Edition.EDITION_2023;
  return file.syntax === "proto3" ? Edition.EDITION_PROTO3 : Edition.EDITION_PROTO2;
}

/** Features of everything in a file that sets none itself. */
export function fileFeatures(file: FileDescriptorProto): Features {
  const edition = editionOf(file);
  const defaults = edition === Edition.EDITION_PROTO2 ? proto2 : edition === Edition.EDITION_PROTO3 ? proto3 : edition2023;
  return inherit(defaults, file.options?.features);
}

/** `parent`'s features with those that `own` sets instead. */
export function inherit(parent: Features, own: FeatureSet | undefined): Features {
  if (own === undefined) return parent;
  return {
    fieldPresence: set(own.fieldPresence) ?? parent.fieldPresence,
    enumType: set(own.enumType) ?? parent.enumType,
    repeatedFieldEncoding: set(own.repeatedFieldEncoding) ?? parent.repeatedFieldEncoding,
    messageEncoding: set(own.messageEncoding) ?? parent.messageEncoding,
    jsonFormat: set(own.jsonFormat) ?? parent.jsonFormat,
  };
}

/** 0 is each feature's UNKNOWN: not set. */
function set(feature: number | undefined): number | undefined {
  return feature === 0 ? undefined : feature;
}

/** Whether a singular field's absence can be told from its zero. `features` are the field's own, resolved. */
export function presenceOf(field: FieldDescriptorProto, features: Features): "implicit" | "explicit" | "required" {
  if (field.label === Label.REPEATED) return "implicit";
  if (field.label === Label.REQUIRED) return "required";
  if (field.oneofIndex !== undefined) return "explicit";
  if (features.fieldPresence === FieldPresence.LEGACY_REQUIRED) return "required";
  if (field.type === Type.MESSAGE || field.type === Type.GROUP) return "explicit";
  return features.fieldPresence === FieldPresence.IMPLICIT ? "implicit" : "explicit";
}

/** Whether a field's elements are written packed: `packed` where it is set, else the feature. */
export function packedOf(field: FieldDescriptorProto, features: Features): boolean {
  if (field.label !== Label.REPEATED || !packable(field.type)) return false;
  return field.options?.packed ?? features.repeatedFieldEncoding === RepeatedFieldEncoding.PACKED;
}

/** Whether elements of this type can be packed at all. */
export function packable(type: Type | undefined): boolean {
  return type !== Type.STRING && type !== Type.BYTES && type !== Type.MESSAGE && type !== Type.GROUP;
}

/** Whether a field's message is written between group tags. */
export function delimitedOf(field: FieldDescriptorProto, features: Features): boolean {
  if (field.type === Type.GROUP) return true;
  return field.type === Type.MESSAGE && features.messageEncoding === MessageEncoding.DELIMITED;
}
