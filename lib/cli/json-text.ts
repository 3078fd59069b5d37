// JSON with places: what `JSON.parse` gives, and for each key and value where it stands, for messages about a file.
import { type Node, parseTree, type ParseError, printParseErrorCode } from "jsonc-parser";

export type JsonNode =
  | { readonly kind: "object"; readonly at: number; readonly entries: readonly JsonEntry[] }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "scalar"; readonly at: number; readonly value: string | number | boolean | null };

export interface JsonEntry {
  readonly key: string;
  /** Offset of the key. */
  readonly at: number;
  readonly node: JsonNode;
}

/** Not JSON. `at` is the offset where it stops being so. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** @throws JsonTextError */
export function parseJsonText(text: string): JsonNode {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined) throw new JsonTextError(wordsOf(printParseErrorCode(first.error)), first.offset);
  if (root === undefined) throw new JsonTextError("value expected", 0);
  return nodeOf(root);
}

/** "CloseBraceExpected" as "close brace expected". */
function wordsOf(code: string): string {
  return code.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

function nodeOf(node: Node): JsonNode {
  const { type, offset: at, children = [] } = node;
  if (type === "array") return { kind: "array", at, items: children.map(nodeOf) };
  if (type !== "object") return { kind: "scalar", at, value: node.value as string | number | boolean | null };
  const entries = children.flatMap(({ children: [key, value] = [] }): JsonEntry[] =>
    key === undefined || value === undefined ? [] : [{ key: key.value as string, at: key.offset, node: nodeOf(value) }],
  );
  return { kind: "object", at, entries };
}

/** "line:column" of an offset, both from 1. */
export function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `${before.split("\n").length}:${offset - before.lastIndexOf("\n")}`;
}
