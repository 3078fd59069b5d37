// Numbers and names that protoc refuses, beyond what grammar and look-up find.
import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from "../descriptor.js";
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from "../descriptor.js";
import { type Features, fileFeatures, inherit, packable } from "../features.js";
import { FeatureSet_EnumType as EnumType, FeatureSet_JsonFormat as JsonFormat } from "../descriptor.js";
import { camelCase } from "../names.js";
import type { ProtoSource } from "./source.js";

const MAX_NUMBER = 536_870_911;
const FIRST_RESERVED = 19_000;
const LAST_RESERVED = 19_999;
const longs: ReadonlySet<number | undefined> = new Set<number>([Type.INT64, Type.UINT64, Type.SINT64, Type.FIXED64, Type.SFIXED64]);

/** Reports what is wrong in a file whose types are resolved. */
export function checkFile(file: ProtoSource): void {
  const features = fileFeatures(file.descriptor);
  for (const message of file.descriptor.messageType) checkMessage(message, features, file);
  for (const type of file.descriptor.enumType) checkEnum(type, features, file);
}

function checkMessage(message: DescriptorProto, outer: Features, file: ProtoSource): void {
  const features = inherit(outer, message.options?.features);
  const numbers = new Map<number, FieldDescriptorProto>();
  const reserved = new Set(message.reservedName);
  for (const field of message.field) {
    const marks = file.marks.get(field);
    const number = field.number ?? 0;
    const wrong = numberProblem(message, field, numbers);
    if (wrong !== undefined) file.report(marks?.number, wrong);
    if (!numbers.has(number)) numbers.set(number, field);
    if (reserved.has(field.name ?? "")) file.report(marks?.name, `field name "${field.name}" is reserved`);
    checkOptions(field, file);
  }
  if (message.options?.mapEntry !== true) checkJsonNames(message, features, file);
  for (const nested of message.nestedType) checkMessage(nested, features, file);
  for (const type of message.enumType) checkEnum(type, features, file);
}

function numberProblem(message: DescriptorProto, field: FieldDescriptorProto, used: ReadonlyMap<number, FieldDescriptorProto>): string | undefined {
  const number = field.number ?? 0;
  if (number <= 0) return `field number ${number} of "${field.name}" is not positive`;
  if (number > MAX_NUMBER && message.options?.messageSetWireFormat !== true) return `field number ${number} of "${field.name}" is above ${MAX_NUMBER}`;
  if (number >= FIRST_RESERVED && number <= LAST_RESERVED) {
    return `field number ${number} of "${field.name}" is reserved: protobuf keeps ${FIRST_RESERVED} to ${LAST_RESERVED} for itself`;
  }
  const other = used.get(number);
  if (other !== undefined) return `field number ${number} of "${field.name}" is already that of "${other.name}"`;
  if (message.reservedRange.some(({ start = 0, end = 0 }) => number >= start && number < end)) return `field number ${number} of "${field.name}" is reserved`;
  if (message.extensionRange.some(({ start = 0, end = 0 }) => number >= start && number < end)) {
    return `field number ${number} of "${field.name}" is in a range for extensions`;
  }
  return undefined;
}

function checkOptions(field: FieldDescriptorProto, file: ProtoSource): void {
  const place = file.marks.get(field)?.name;
  if (field.options?.packed === true && (field.label !== Label.REPEATED || !packable(field.type))) {
    file.report(place, `field "${field.name}" cannot be packed: only repeated scalars and enums can`);
  }
  if ((field.options?.jstype ?? 0) !== 0 && !longs.has(field.type)) file.report(place, `field "${field.name}" has a jstype, but is no 64-bit integer`);
}

/** Where JSON is promised (proto3 and editions), names must differ in it as well. */
function checkJsonNames(message: DescriptorProto, features: Features, file: ProtoSource): void {
  // oxlint-disable-next-line typescript/no-deprecated -- deprecated for new files; those that have it must be read.
  if (features.jsonFormat !== JsonFormat.ALLOW || message.options?.deprecatedLegacyJsonFieldConflicts === true) return;
  for (const custom of [false, true]) {
    const names = new Map<string, FieldDescriptorProto>();
    for (const field of message.field) {
      const name = custom ? (field.jsonName ?? camelCase(field.name ?? "")) : camelCase(field.name ?? "");
      const other = names.get(name);
      if (other === undefined) names.set(name, field);
      // Of names that clash by default only a custom one can be told apart from the first pass.
      else if (field.name !== other.name && (!custom || field.jsonName !== undefined || other.jsonName !== undefined)) {
        file.report(file.marks.get(field)?.name, `the JSON name "${name}" of field "${field.name}" is also that of field "${other.name}"`);
      }
    }
  }
}

function checkEnum(type: EnumDescriptorProto, outer: Features, file: ProtoSource): void {
  const features = inherit(outer, type.options?.features);
  const first = type.value[0];
  if (first === undefined) {
    file.report(file.marks.get(type)?.name, `enum "${type.name}" has no values`);
    return;
  }
  if (features.enumType === EnumType.OPEN && first.number !== 0) {
    file.report(file.marks.get(first)?.number, `the first value of enum "${type.name}" must be 0, not ${first.number}, as the enum is open`);
  }
  const numbers = new Map<number, string>();
  const reserved = new Set(type.reservedName);
  for (const value of type.value) {
    const marks = file.marks.get(value);
    const number = value.number ?? 0;
    const other = numbers.get(number);
    if (other === undefined) numbers.set(number, value.name ?? "");
    else if (type.options?.allowAlias !== true) {
      file.report(marks?.number, `"${value.name}" has the number of "${other}": say "option allow_alias = true;" in enum "${type.name}" if that is meant`);
    }
    if (reserved.has(value.name ?? "")) file.report(marks?.name, `enum value "${value.name}" is reserved`);
    if (type.reservedRange.some(({ start = 0, end = 0 }) => number >= start && number <= end)) {
      file.report(marks?.number, `number ${number} of enum value "${value.name}" is reserved`);
    }
  }
}
