// The example's services as descriptors. The messages come from example.proto through protobufjs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { bidi, clientStream, defineService, type MessageType, serverStream, unary } from "ttrpc";
import { fromProtobufjs, type ProtobufjsType } from "ttrpc/protobufjs";

// Beside this file in the sources, two folders up when compiled.
const folder = [import.meta.dirname, join(import.meta.dirname, "../../example")].find((at) => existsSync(join(at, "example.proto"))) ?? ".";
const root = protobuf.loadSync(join(folder, "example.proto"));

function type<T extends object>(name: string): MessageType<T, Partial<T>> {
  return fromProtobufjs<T>(root.lookupType(name) as ProtobufjsType, name);
}

export interface Method1 {
  foo: string;
  bar: string;
}
export interface Note {
  seq: number;
  msg: string;
}

const Method1Request = type<Method1>("ttrpc.example.v1.Method1Request");
const Method1Response = type<Method1>("ttrpc.example.v1.Method1Response");
const Empty = type<Record<never, never>>("google.protobuf.Empty");
const Note = type<Note>("ttrpc.example.v1.Note");

export const Example = defineService("ttrpc.example.v1.Example", {
  method1: unary("Method1", Method1Request, Method1Response),
  method2: unary("Method2", Method1Request, Empty),
});

export const Notes = defineService("ttrpc.example.v1.Notes", {
  echo: unary("Echo", Note, Note),
  total: clientStream("Total", Note, Note),
  watch: serverStream("Watch", Note, Note),
  chat: bidi("Chat", Note, Note),
});
