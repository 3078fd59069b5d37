// What Go's protobuf makes of bytes: batches through the program test/peers/go/cmd/codec, which has the format.
import { spawnSync } from "node:child_process";
import { goProgram } from "./go.js";

/** `binary` to deterministic binary, the same without unknown fields, binary to ProtoJSON, ProtoJSON to binary. */
export type GoOperation = "binary" | "binary without unknown" | "to json" | "from json";

const LETTERS: Readonly<Record<GoOperation, string>> = { binary: "b", "binary without unknown": "d", "to json": "j", "from json": "p" };

export interface GoRequest {
  /** Full name of the message type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The result's bytes, or the text of Go's error. */
export type GoResult = { readonly bytes: Buffer; readonly error?: never } | { readonly bytes?: never; readonly error: string };

/** Go's protobuf over the messages of some .proto files, named as an import would, which Go compiles itself. */
export class GoCodec {
  readonly #flags: readonly string[];

  constructor(includePaths: readonly string[], files: readonly string[]) {
    this.#flags = [...includePaths.flatMap((folder) => ["-I", folder]), ...files];
  }

  /** One process, all requests, results in the same order. */
  run(operation: GoOperation, requests: readonly GoRequest[]): GoResult[] {
    const letter = Buffer.from(LETTERS[operation]);
    const input: Uint8Array[] = [];
    for (const { type, bytes } of requests) {
      const name = Buffer.from(type);
      const header = Buffer.alloc(4);
      header.writeUInt32LE(2 + name.length + bytes.length);
      input.push(header, letter, Buffer.of(name.length), name, bytes);
    }
    const { status, stdout, stderr, error } = spawnSync(goProgram("codec"), this.#flags, { input: Buffer.concat(input), maxBuffer: 2 ** 30 });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`Go's codec ended with ${status}: ${stderr.toString()}`);
    const results: GoResult[] = [];
    for (let at = 0; at < stdout.length; ) {
      const end = at + 4 + stdout.readUInt32LE(at);
      const content = stdout.subarray(at + 5, end);
      results.push(stdout[at + 4] === 0 ? { bytes: content } : { error: content.toString() });
      at = end;
    }
    if (results.length !== requests.length) throw new Error(`Go's codec answered ${results.length} of ${requests.length} requests`);
    return results;
  }
}
