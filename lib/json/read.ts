// JSON to messages. What protobuf-go's protojson refuses is refused.
import { Writer } from "../wire/writer.js";
import { durationFromString } from "../wkt/duration.js";
import { fieldMaskFromString } from "../wkt/field-mask.js";
import { findType } from "../wkt/registry.js";
import { timestampFromString } from "../wkt/timestamp.js";
import { setEntry } from "../wire/entry.js";
import type { AnyJsonMessage, JsonField } from "./fields.js";
import { type Place, show } from "./place.js";
import { type Int64Form, readKey, readScalar } from "./scalars.js";
import { readList, readStruct, readValue } from "./struct-value.js";
import { type Content, EMPTY, type Entry, type Special, specialForm, tableOf } from "./table.js";
import type { FromJsonOptions } from "./value.js";

type Properties = Record<string, unknown>;

/** An enum name that nobody knows and the caller does not mind. */
const SKIP: unique symbol = Symbol("skip");

/** Members of an Any's JSON that are no fields of the message in it. */
const typeMember: ReadonlySet<string> = new Set(["@type"]);
const noMembers: ReadonlySet<string> = new Set();

export class JsonReader {
  readonly #options: FromJsonOptions;
  readonly #place: Place;

  constructor(options: FromJsonOptions, place: Place) {
    this.#options = options;
    this.#place = place;
  }

  message(type: AnyJsonMessage, json: unknown): object {
    const form = specialForm(type.typeName);
    if (form !== undefined) return this.#special(form, type, json);
    return this.#fields(type, this.#object(json, type.typeName), noMembers);
  }

  #object(json: unknown, what: string): Properties {
    if (typeof json !== "object" || json === null || Array.isArray(json)) throw this.#place.error(`${show(json)} is no ${what}`);
    return json as Properties;
  }

  #fields(type: AnyJsonMessage, json: Properties, skipped: ReadonlySet<string>): object {
    const place = this.#place;
    const { byName } = tableOf(type);
    const message = type.create() as Properties;
    const seen = new Set<Entry>();
    place.down();
    for (const [name, value] of Object.entries(json)) {
      if (value === undefined || skipped.has(name)) continue;
      const entry = byName.get(name);
      if (entry === undefined) {
        if (this.#options.ignoreUnknownFields === true) continue;
        throw place.error(`${type.typeName} has no field ${show(name)}`);
      }
      place.field(name);
      if (seen.has(entry)) throw place.error("given twice, by both of its names");
      seen.add(entry);
      if (value !== null || entry.nullIsValue) this.#field(entry, value, message);
      place.leave();
    }
    place.up();
    return message;
  }

  #field(entry: Entry, json: unknown, message: Properties): void {
    const { field, content } = entry;
    if (field.key !== undefined) return this.#map(field, field.key, entry, json, message[field.name] as object);
    if (field.repeated === true) return this.#list(entry, json, message[field.name] as unknown[]);
    if (field.oneof !== undefined && message[field.oneof] !== undefined) {
      const { case: other } = message[field.oneof] as { readonly case: string };
      throw this.#place.error(`oneof ${field.oneof} has ${other} already`);
    }
    const value = this.#value(content, json);
    if (value === SKIP) return;
    if (field.oneof === undefined) message[field.name] = value;
    else message[field.oneof] = { case: field.name, value };
  }

  #list({ content, nullIsValue }: Entry, json: unknown, into: unknown[]): void {
    if (!Array.isArray(json)) throw this.#place.error(`${show(json)} is no array`);
    for (const [index, item] of json.entries()) {
      this.#place.index(index);
      if (item === null && !nullIsValue) throw this.#place.error("null is no element");
      const value = this.#value(content, item);
      if (value !== SKIP) into.push(value);
      this.#place.leave();
    }
  }

  #map(field: JsonField, keyType: NonNullable<JsonField["key"]>, entry: Entry, json: unknown, into: object): void {
    const place = this.#place;
    const seen = new Set<unknown>();
    for (const [name, item] of Object.entries(this.#object(json, "map"))) {
      if (item === undefined) continue;
      place.key(name);
      const key = readKey(keyType, name, (field.int64 ?? "bigint") satisfies Int64Form, place);
      if (seen.has(key)) throw place.error(`key ${key} comes twice`);
      seen.add(key);
      if (item === null && !entry.nullIsValue) throw place.error("null is no value");
      const value = this.#value(entry.content, item);
      if (value !== SKIP) {
        if (into instanceof Map) (into as Map<unknown, unknown>).set(key, value);
        else setEntry(into as Properties, String(key), value);
      }
      place.leave();
    }
  }

  #value(content: Content, json: unknown): unknown {
    if (content.kind === "message") return this.message(content.type, json);
    if (content.kind === "scalar") return readScalar(content.scalar, json, content.int64, this.#place);
    return this.#enum(content, json);
  }

  #enum(content: Content & { readonly kind: "enum" }, json: unknown): unknown {
    if (json === null && content.typeName === "google.protobuf.NullValue") return 0;
    if (typeof json !== "string") return readScalar("int32", json, "number", this.#place);
    const number = content.numbers.get(json);
    if (number !== undefined) return number;
    if (this.#options.ignoreUnknownFields === true) return SKIP;
    throw this.#place.error(`unknown enum value ${show(json)} of ${content.typeName}`);
  }

  #special(form: Special, type: AnyJsonMessage, json: unknown): object {
    const place = this.#place;
    switch (form) {
      case "timestamp":
        return place.guard(() => timestampFromString(this.#string(json, type)));
      case "duration":
        return place.guard(() => durationFromString(this.#string(json, type)));
      case "fieldMask":
        return place.guard(() => fieldMaskFromString(this.#string(json, type)));
      case "struct":
        return readStruct(json, place);
      case "value":
        return readValue(json, place);
      case "listValue":
        return readList(json, place);
      case "wrapper":
        return { value: this.#value((tableOf(type).entries[0] as Entry).content, json) };
      case "any":
        break;
    }
    return this.#any(this.#object(json, type.typeName));
  }

  #string(json: unknown, type: AnyJsonMessage): string {
    if (typeof json !== "string") throw new TypeError(`${show(json)} is no ${type.typeName}`);
    return json;
  }

  #any(json: Properties): object {
    const place = this.#place;
    const typeUrl = json["@type"];
    if (typeUrl === undefined && (Object.keys(json).length === 0 || this.#options.ignoreUnknownFields === true))
      return { typeUrl: "", value: new Uint8Array() };
    if (typeof typeUrl !== "string" || typeUrl === "")
      throw place.error(`an Any needs "@type", and ${typeUrl === undefined ? "there is none" : `${show(typeUrl)} is none`}`);
    const type = place.guard(() => findType(this.#options.registry, typeUrl)) as AnyJsonMessage;
    place.down();
    const message = this.#anyMessage(type, json);
    place.up();
    const writer = new Writer();
    place.guard(() => type.encode(message as never, writer));
    return { typeUrl, value: writer.finish() };
  }

  #anyMessage(type: AnyJsonMessage, json: Properties): object {
    // protobuf-go writes an Empty as a special form, other runtimes as an object without members.
    const empty = type.typeName === EMPTY && Object.hasOwn(json, "value");
    if (specialForm(type.typeName) === undefined && !empty) return this.#fields(type, json, typeMember);
    for (const name of Object.keys(json)) {
      if (name === "@type" || name === "value" || this.#options.ignoreUnknownFields === true) continue;
      throw this.#place.error(`the JSON of an Any of ${type.typeName} has "@type" and "value", not ${show(name)}`);
    }
    if (!Object.hasOwn(json, "value")) throw this.#place.error(`the JSON of an Any of ${type.typeName} needs a "value"`);
    this.#place.field("value");
    const message = this.message(type, json["value"]);
    this.#place.leave();
    return message;
  }
}
