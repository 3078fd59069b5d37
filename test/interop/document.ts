// The matrix and the differences as a document.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.js";
import { type Cell, kinds, outcomes, type Pair, show } from "./cells.js";
import { describeAnswers, differences } from "./differences.js";
import { exceptionFor, exceptions, expected } from "./expected.js";

const titles = { unary: "Unary", serverStream: "Server stream", clientStream: "Client stream", bidi: "Both ways" } as const;
const names = { native: "ours (native)", node: "ours (fallback)", go: "Go", rust: "Rust" } as const;

function version(file: string, pattern: RegExp): string {
  const found = pattern.exec(readFileSync(join(ROOT, file), "utf8"))?.[1];
  if (found === undefined) throw new Error(`${file} names no version`);
  return found;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

export interface PairResult extends Pair {
  readonly cells: readonly Cell[];
}

/** One table for each kind of call, a row for each pair. */
function matrixText(results: readonly PairResult[]): string {
  return kinds
    .map((kind) => {
      const rows = results.map((pair) => {
        const shown = pair.cells
          .filter((cell) => cell.kind === kind)
          .map((cell) => {
            const note = exceptionFor(pair, kind, cell.outcome);
            return `${show(cell)}${note === -1 ? "" : ` [${note + 1}]`}`;
          });
        return [names[pair.client], names[pair.server], ...shown];
      });
      return `### ${titles[kind]}\n\n${table(["client", "server", ...outcomes], rows)}`;
    })
    .join("\n\n");
}

/** What is not as it should be. */
export function surprisesIn(results: readonly PairResult[]): string[] {
  return results.flatMap((pair) =>
    pair.cells
      .filter((cell) => show(cell) !== expected(pair, cell.kind, cell.outcome))
      .map((cell) => `${pair.client} to ${pair.server}, ${cell.kind}, ${cell.outcome}: ${show(cell)} (${cell.text})`),
  );
}

export function documentText(results: readonly PairResult[]): string {
  const go = version("test/peers/go/go.mod", /containerd\/ttrpc (v[\d.]+)/);
  const rust = version("test/peers/rust/Cargo.toml", /^ttrpc = \{ version = "=([\d.]+)"/m);
  const notes = exceptions.map(({ why }, at) => `${at + 1}. ${why}`).join("\n");
  const known = table(
    ["what comes", "ours", "Rust, async", "Rust, sync"],
    differences.map(({ name, ours, rust: asynchronous, rustSync }) => [name, describeAnswers(ours), describeAnswers(asynchronous), describeAnswers(rustSync)]),
  );
  return `# Other implementations

<!-- Written by \`npm run interop -- --write\`: do not edit. -->

Every implementation as client of every implementation as server: ours over the native channel and over the fallback, Go
([containerd/ttrpc](https://github.com/containerd/ttrpc) ${go}) and Rust ([ttrpc-rust](https://github.com/containerd/ttrpc-rust) ${rust}, asynchronous,
on one thread). \`npm run interop\` runs all of it and prints this document; the tests in \`test/interop\` assert every cell.

## The matrix

| outcome | what is done |
|---|---|
| ok | messages there and back, as many as the kind allows, and the end |
| error | the handler fails with status NotFound |
| deadline | 150 ms, for a handler that takes a minute |
| cancel | the caller gives up after 50 ms; the late answer comes all the same |
| oversize request | a message over 4 MiB, from the client |
| oversize response | a message over 4 MiB, from the handler |

A cell is \`ok\` or the code that the caller sees. Each is a connection of its own, and holds only if one more call works on that connection
afterwards; \`closed\` says that it did not, because the server had closed it. Whether the client's clock or the server's ends a call at its deadline
is chance, and the cell is the same: Go's and Rust's clients then give an error of their own in place of a status.

${matrixText(results)}

${notes}

## Where ttrpc-rust answers otherwise

The same bytes to our server and to ttrpc-rust's two servers. Ours answers as Go's does, but for what
[PROTOCOL.md](../PROTOCOL.md#refusals) marks as ours. Apart from where the table says so, the connection lives.

${known}

Beside that:

- Both of its servers put an empty status (\`0a00\`) into every success.
- Its synchronous server has unary methods only. So have its synchronous clients, and what its generator makes of a streaming method for that API
  does not compile.
- A handler that panics never answers: without a deadline its caller waits for ever.
- A handler of a stream is not told when its connection ends.
- A client stream that its handler ends early may be answered twice, by the handler's status and by the refusal of a message behind it, in
  any order.
- Its asynchronous client on several threads sends ids out of order: a server that insists on their order, as Go's does and ours by default, refuses
  those calls with \`StreamID cannot be re-used and must increment\`. On one thread they are in order.
- Its client takes Data on a unary call for the reply.
- \`Context::add\` writes metadata keys in lower case, a whole map goes out as it is. Ours lowers what arrives; its servers do not.
- It sends metadata and deadlines on streams, as ours does and Go's does not, and keeps the deadlines of unary calls only.
- A caller's own errors (deadline, refused for its size, connection closed) have no code.
`;
}
