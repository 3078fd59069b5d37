// Options: those that the intermediate form knows are set, all others are read over, whatever their values look like.
import type { FeatureSet } from "../descriptor.js";
import { FeatureSet as FeatureSetType } from "../descriptor.js";
import { camelCase } from "../names.js";
import { expect, expected, here, identifier, take, typeReference } from "./cursor.js";
import { type Place, SyntaxProblem } from "./diagnostics.js";
import type { Tokenizer } from "./tokenizer.js";

export interface Option {
  /** Parts with dots between them; parts that are extensions in parentheses. */
  readonly name: string;
  readonly place: Place;
  /** Tokens of the value: several for negative numbers, strings in pieces and aggregates. */
  readonly value: readonly string[];
  readonly valuePlace: Place;
}

/** What options end up in, of whatever declaration. */
export interface KnownOptions {
  deprecated?: boolean;
  features?: FeatureSet;
  packed?: boolean;
  jstype?: number;
  allowAlias?: boolean;
  messageSetWireFormat?: boolean;
  deprecatedLegacyJsonFieldConflicts?: boolean;
}

/** What options are of. */
export type OptionKind = "file" | "message" | "field" | "oneof" | "enum" | "value" | "service" | "method";

const known: Readonly<Record<OptionKind, readonly string[]>> = {
  file: ["deprecated"],
  message: ["deprecated", "message_set_wire_format", "deprecated_legacy_json_field_conflicts"],
  field: ["deprecated", "packed", "jstype"],
  oneof: [],
  enum: ["deprecated", "allow_alias"],
  value: ["deprecated"],
  service: ["deprecated"],
  method: ["deprecated"],
};

/** Standard options that are read over. */
const standard: Readonly<Record<OptionKind, ReadonlySet<string>>> = {
  file: names(
    "java_package java_outer_classname java_multiple_files java_generate_equals_and_hash java_string_check_utf8 optimize_for go_package " +
      "cc_generic_services java_generic_services py_generic_services php_generic_services cc_enable_arenas objc_class_prefix csharp_namespace " +
      "swift_prefix php_class_prefix php_namespace php_metadata_namespace ruby_package",
  ),
  message: names("no_standard_descriptor_accessor map_entry"),
  field: names("ctype lazy unverified_lazy weak debug_redact retention targets edition_defaults feature_support"),
  oneof: names(""),
  enum: names("deprecated_legacy_json_field_conflicts"),
  value: names("debug_redact feature_support"),
  service: names(""),
  method: names("idempotency_level"),
};

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

interface Feature {
  readonly key: keyof FeatureSet;
  readonly kinds: readonly OptionKind[];
  readonly values: Readonly<Record<string, number>>;
}

const features: Readonly<Record<string, Feature | undefined>> = {
  field_presence: { key: "fieldPresence", kinds: ["file", "field"], values: { EXPLICIT: 1, IMPLICIT: 2, LEGACY_REQUIRED: 3 } },
  enum_type: { key: "enumType", kinds: ["file", "enum"], values: { OPEN: 1, CLOSED: 2 } },
  repeated_field_encoding: { key: "repeatedFieldEncoding", kinds: ["file", "field"], values: { PACKED: 1, EXPANDED: 2 } },
  utf8_validation: { key: "utf8Validation", kinds: ["file", "field"], values: { VERIFY: 2, NONE: 3 } },
  message_encoding: { key: "messageEncoding", kinds: ["file", "field"], values: { LENGTH_PREFIXED: 1, DELIMITED: 2 } },
  json_format: { key: "jsonFormat", kinds: ["file", "message", "enum"], values: { ALLOW: 1, LEGACY_BEST_EFFORT: 2 } },
};
const article: Readonly<Record<OptionKind, string>> = {
  file: "a file",
  message: "a message",
  field: "a field",
  oneof: "a oneof",
  enum: "an enum",
  value: "an enum value",
  service: "a service",
  method: "an rpc",
};
/** Features that say nothing about the binary form or JSON. */
const otherFeatures = new Set(["enforce_naming_style", "default_symbol_visibility"]);

/** Reads `name = value`. */
export function readOption(t: Tokenizer): Option {
  const place = here(t);
  let name = optionPart(t);
  while (take(t, ".")) name += `.${optionPart(t)}`;
  expect(t, "=");
  const valuePlace = here(t);
  return { name, place, value: readValue(t), valuePlace };
}

function optionPart(t: Tokenizer): string {
  if (!take(t, "(")) return identifier(t, "an option's name");
  const name = typeReference(t, "an option's name");
  expect(t, ")");
  return `(${name})`;
}

function readValue(t: Tokenizer): string[] {
  const tokens: string[] = [];
  if (t.text === "{") return aggregate(t);
  if (t.text === "-") {
    tokens.push("-");
    t.next();
    if (t.kind === "string") expected(t, "a number");
  }
  if (t.kind === "symbol" || t.kind === "end") expected(t, "an option's value");
  const isString = t.kind === "string";
  tokens.push(t.text);
  t.next();
  // Strings behind each other are one.
  if (isString) for (; t.kind === "string"; t.next()) tokens.push(t.text);
  return tokens;
}

/** All tokens of `{ ... }`, braces included. What is inside is the text format, of whose rules none matter here. */
function aggregate(t: Tokenizer): string[] {
  const start = here(t);
  const tokens: string[] = [];
  let depth = 0;
  do {
    if (t.kind === "end") throw new SyntaxProblem(start, 'the value that begins here lacks its "}"');
    if (t.text === "{") depth++;
    else if (t.text === "}") depth--;
    tokens.push(t.text);
    t.next();
  } while (depth > 0);
  return tokens;
}

/**
 * Sets `option` in what `target` gives, if it is a feature or one that the intermediate form needs to know. Returns false for one
 * that is not standard: a newer protobuf's, or a slip. Not for extensions.
 * @param editions whether features are allowed.
 */
export function applyOption(kind: OptionKind, target: () => KnownOptions, option: Option, editions: boolean): boolean {
  const { name, value } = option;
  if (name === "features" || name.startsWith("features.")) {
    if (!editions) throw new SyntaxProblem(option.place, "features are only valid under editions");
    const options = target();
    if (name === "features" && options.features !== undefined) throw alreadySet(option);
    options.features ??= FeatureSetType.create();
    if (name === "features") setFeatures(kind, options.features, option);
    else setFeature(kind, options.features, name.slice("features.".length), value, option);
    return true;
  }
  if (!known[kind].includes(name)) return standard[kind].has(name.replace(/\..*/, ""));
  const options = target();
  const key = camelCase(name);
  if (Object.hasOwn(options, key) && options[key as keyof KnownOptions] !== undefined) throw alreadySet(option);
  if (key === "jstype") {
    const number = ["JS_NORMAL", "JS_STRING", "JS_NUMBER"].indexOf(value.join(" "));
    if (number < 0) throw new SyntaxProblem(option.valuePlace, 'the value of "jstype" must be JS_NORMAL, JS_STRING or JS_NUMBER');
    options.jstype = number;
    return true;
  }
  options[key as Exclude<keyof KnownOptions, "features" | "jstype">] = boolean(option);
  return true;
}

function alreadySet({ name, place }: Option): SyntaxProblem {
  return new SyntaxProblem(place, `option "${name}" was already set`);
}

function boolean({ name, value, valuePlace }: Option): boolean {
  const text = value.join(" ");
  if (text !== "true" && text !== "false") throw new SyntaxProblem(valuePlace, `the value of "${name}" must be "true" or "false"`);
  return text === "true";
}

/** `features = { field_presence: IMPLICIT, enum_type: OPEN }`. */
function setFeatures(kind: OptionKind, target: FeatureSet, option: Option): void {
  const tokens = option.value;
  if (tokens[0] !== "{") throw new SyntaxProblem(option.valuePlace, 'the value of "features" must be in braces');
  for (let i = 1; i < tokens.length - 1; ) {
    const name = tokens[i] as string;
    if (name === "," || name === ";") i++;
    else if (name === "[" || tokens[i + 1] === "{" || tokens[i + 2] === "{") {
      // Features of a language: [pb.cpp] { ... }.
      while (i < tokens.length && tokens[i] !== "{") i++;
      let depth = 0;
      do {
        if (tokens[i] === "{") depth++;
        else if (tokens[i] === "}") depth--;
        i++;
      } while (depth > 0 && i < tokens.length);
    } else {
      const colon = tokens[i + 1] === ":" ? 1 : 0;
      setFeature(kind, target, name, tokens.slice(i + 1 + colon, i + 2 + colon), option);
      i += 2 + colon;
    }
  }
}

function setFeature(kind: OptionKind, target: FeatureSet, name: string, value: readonly string[], option: Option): void {
  if (name.startsWith("(") || otherFeatures.has(name)) return;
  const feature = features[name];
  if (feature === undefined) throw new SyntaxProblem(option.place, `feature "${name}" is unknown`);
  if (!feature.kinds.includes(kind)) throw new SyntaxProblem(option.place, `feature "${name}" cannot be set for ${article[kind]}`);
  const number = feature.values[value.join(" ")];
  if (number === undefined) {
    throw new SyntaxProblem(
      option.valuePlace,
      `feature "${name}" has no value ${value.join(" ")}: it must be one of ${Object.keys(feature.values).join(", ")}`,
    );
  }
  if (target[feature.key] !== undefined) throw alreadySet(option);
  target[feature.key] = number;
}
