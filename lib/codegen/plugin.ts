#!/usr/bin/env node
// The program `protoc-gen-ttrpc-ts`, a plugin for protoc and buf: a request on stdin, a response on stdout.
import { optionRows, parameterName } from "./parameters.js";
import { packageVersion } from "./package.js";

function help(): string {
  const rows = optionRows.map((row) => {
    const option = row.kind === "boolean" ? parameterName(row) : `${parameterName(row)}=${row.placeholder}`;
    return option.length > 24 ? `  ${option}\n${" ".repeat(28)}${row.effect}` : `  ${option.padEnd(26)}${row.effect}`;
  });
  return `protoc-gen-ttrpc-ts ${packageVersion()}: a plugin, run by protoc or buf.

  protoc -I proto --ttrpc-ts_out=gen --ttrpc-ts_opt=int64=string,json proto/echo.proto

  # buf.gen.yaml
  version: v2
  plugins:
    - local: protoc-gen-ttrpc-ts
      out: gen
      opt: [int64=string, json]

Options; the first of several choices is the default:
${rows.join("\n")}

"ttrpc gen" does the same without protoc.`;
}

async function main(args: readonly string[]): Promise<number> {
  const [first] = args;
  if (first === "--version" || first === "-v") {
    process.stdout.write(`protoc-gen-ttrpc-ts ${packageVersion()}\n`);
    return 0;
  }
  // A terminal will not send a request: waiting for one would look like hanging.
  if (first === "--help" || first === "-h" || (first === undefined && process.stdin.isTTY)) {
    process.stdout.write(`${help()}\n`);
    return 0;
  }
  if (first !== undefined) {
    process.stderr.write(
      `protoc-gen-ttrpc-ts: unknown argument ${JSON.stringify(first)}. Options go through protoc's --ttrpc-ts_opt or buf's opt; see --help\n`,
    );
    return 1;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  // Not imported above: help and version need none of it.
  const { respond } = await import("./plugin-response.js");
  const response = respond(Buffer.concat(chunks));
  await new Promise<void>((resolve, reject) => process.stdout.write(response, (error) => (error ? reject(error) : resolve())));
  return 0;
}

// Whoever started us and closed the pipe has given up, and says why itself. The write's own callback fails as well.
process.stdout.on("error", () => (process.exitCode = 1));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  if ((error as NodeJS.ErrnoException).code !== "EPIPE")
    process.stderr.write(`protoc-gen-ttrpc-ts: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
