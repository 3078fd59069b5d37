// Messages to JSON.
import { durationToString } from "../wkt/duration.js";
import { fieldMaskToString } from "../wkt/field-mask.js";
import { findType } from "../wkt/registry.js";
import { timestampToString } from "../wkt/timestamp.js";
import { setEntry } from "../wire/entry.js";
import { Reader } from "../wire/reader.js";
import type { AnyJsonMessage } from "./fields.js";
import { type Place, show } from "./place.js";
import { isZero, writeScalar } from "./scalars.js";
import { writeList, writeStruct, writeValue } from "./struct-value.js";
import { type Content, EMPTY, type Entry, type Special, specialForm, tableOf } from "./table.js";
import type { JsonValue, ToJsonOptions } from "./value.js";

type Properties = Readonly<Record<string, unknown>>;
type MutableObject = { [key: string]: JsonValue };

export class JsonWriter {
  readonly #options: ToJsonOptions;
  readonly #place: Place;

  constructor(options: ToJsonOptions, place: Place) {
    this.#options = options;
    this.#place = place;
  }

  message(type: AnyJsonMessage, message: unknown): JsonValue {
    if (typeof message !== "object" || message === null) throw this.#place.error(`${show(message)} is no ${type.typeName}`);
    const form = specialForm(type.typeName);
    if (form !== undefined) return this.#special(form, type, message);
    const json: MutableObject = {};
    this.#fields(type, message as Properties, json);
    return json;
  }

  #fields(type: AnyJsonMessage, message: Properties, into: MutableObject): void {
    this.#place.down();
    for (const entry of tableOf(type).entries) {
      this.#place.field(entry.field.name);
      const json = this.#field(entry, message);
      if (json !== undefined) setEntry(into, this.#options.useProtoNames === true ? entry.protoName : entry.jsonName, json);
      this.#place.leave();
    }
    this.#place.up();
  }

  /** undefined: the field is not written. */
  #field(entry: Entry, message: Properties): JsonValue | undefined {
    const { field, content } = entry;
    if (field.oneof !== undefined) {
      const member = message[field.oneof] as { readonly case: string; readonly value: unknown } | undefined;
      return member?.case === field.name ? this.#value(content, member.value) : undefined;
    }
    const value = message[field.name];
    if (field.key !== undefined) return this.#map(field.key, content, value);
    if (field.repeated === true) return this.#list(content, value);
    if (value === undefined) return this.#zero(entry);
    if (entry.implicit && this.#options.emitDefaults !== true && isZero(content.kind === "scalar" ? content.scalar : "int32", value)) return undefined;
    return this.#value(content, value);
  }

  /** A field without presence that an Init leaves out. */
  #zero({ implicit, content }: Entry): JsonValue | undefined {
    if (!implicit || this.#options.emitDefaults !== true) return undefined;
    if (content.kind === "enum") return this.#value(content, 0);
    if (content.kind === "message") return undefined;
    if (content.scalar === "string" || content.scalar === "bytes") return "";
    return content.scalar === "bool" ? false : writeScalar(content.scalar, 0, this.#place);
  }

  #list(content: Content, value: unknown): JsonValue | undefined {
    if (value !== undefined && !Array.isArray(value)) throw this.#place.error(`${show(value)} is no array`);
    if (value === undefined || value.length === 0) return this.#options.emitDefaults === true ? [] : undefined;
    return value.map((item: unknown, index) => {
      this.#place.index(index);
      const json = this.#value(content, item);
      this.#place.leave();
      return json;
    });
  }

  #map(key: NonNullable<Entry["field"]["key"]>, content: Content, value: unknown): JsonValue | undefined {
    if (value !== undefined && (typeof value !== "object" || value === null)) throw this.#place.error(`${show(value)} is no map`);
    const entries = value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : Object.entries(value ?? {});
    if (entries.length === 0 && this.#options.emitDefaults !== true) return undefined;
    const json: MutableObject = {};
    for (const [name, item] of entries) {
      const text = String(name);
      this.#place.key(text);
      setEntry(json, key === "string" ? (writeScalar("string", text, this.#place) as string) : text, this.#value(content, item));
      this.#place.leave();
    }
    return json;
  }

  #value(content: Content, value: unknown): JsonValue {
    if (content.kind === "message") return this.message(content.type, value);
    if (content.kind === "scalar") return writeScalar(content.scalar, value, this.#place);
    if (content.typeName === "google.protobuf.NullValue") return null;
    const number = writeScalar("int32", value, this.#place) as number;
    return this.#options.enumsAsNumbers === true ? number : (content.names.get(number) ?? number);
  }

  #special(form: Special, type: AnyJsonMessage, message: object): JsonValue {
    const place = this.#place;
    switch (form) {
      case "timestamp":
        return place.guard(() => timestampToString(message));
      case "duration":
        return place.guard(() => durationToString(message));
      case "fieldMask":
        return place.guard(() => fieldMaskToString(message));
      case "struct":
        return writeStruct(message, place);
      case "value":
        return writeValue(message, place);
      case "listValue":
        return writeList(message, place);
      case "wrapper":
        return this.#wrapper(type, message);
      case "any":
        break;
    }
    return this.#any(message);
  }

  #wrapper(type: AnyJsonMessage, { value }: { readonly value?: unknown }): JsonValue {
    const entry = tableOf(type).entries[0] as Entry;
    return this.#value(entry.content, value ?? (type.create() as { readonly value: unknown }).value);
  }

  #any({ typeUrl = "", value = new Uint8Array() }: { readonly typeUrl?: string | undefined; readonly value?: Uint8Array | undefined }): JsonValue {
    const place = this.#place;
    if (typeUrl === "" && value.length === 0) return {};
    const type = place.guard(() => findType(this.#options.registry, typeUrl)) as AnyJsonMessage;
    const message = place.guard(() => type.decode(new Reader(value), value.length)) as Properties;
    const json: MutableObject = { "@type": typeUrl };
    place.down();
    // protobuf-go takes Empty for a special form; others read it so, too.
    if (specialForm(type.typeName) === undefined && type.typeName !== EMPTY) this.#fields(type, message, json);
    else json["value"] = this.message(type, message);
    place.up();
    return json;
  }
}
