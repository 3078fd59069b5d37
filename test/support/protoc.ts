// The real protoc and buf, as what our own reading of .proto files is compared with: from PyPI and npm, into .cache on first use.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { ROOT } from "./root.js";

const PROTOC_VERSION = "1.85.1"; // of grpcio-tools; its protoc is 35.1
const BUF_VERSION = "1.75.0";
const PROTOC = join(ROOT, `.cache/grpcio-tools-${PROTOC_VERSION}`);
const BUF = join(ROOT, `.cache/buf-${BUF_VERSION}`);
const BUF_PROGRAM = join(BUF, "node_modules/.bin/buf");

/** Programs that ran once, or why they did not. */
const states = new Map<string, string | false>();

/** Why a program's tests are skipped, or false; installs it if need be. In CI a program that is not there is a failure. */
function skip(name: string, runs: () => boolean, install: () => string | undefined): string | false {
  const known = states.get(name);
  if (known !== undefined) return known;
  const error = runs() ? undefined : (install() ?? (runs() ? undefined : "it does not run"));
  if (error !== undefined && process.env["CI"] === "true") throw new Error(`${name} could not be installed, and CI needs it: ${error}`);
  const state = error === undefined ? false : `${name} could not be installed: ${error}`;
  states.set(name, state);
  return state;
}

function tryRun(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8", env: env ?? process.env });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim() || `${program} ended with ${status}`;
}

const protocEnvironment = { ...process.env, PYTHONPATH: PROTOC };

/** Why tests against protoc are skipped, or false. */
export function skipProtoc(): string | false {
  return skip(
    "protoc",
    () => existsSync(PROTOC) && tryRun("python3", ["-m", "grpc_tools.protoc", "--version"], protocEnvironment) === undefined,
    () => tryRun("python3", ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", PROTOC, `grpcio-tools==${PROTOC_VERSION}`]),
  );
}

/** Why tests against buf are skipped, or false. */
export function skipBuf(): string | false {
  return skip(
    "buf",
    () => existsSync(BUF_PROGRAM) && tryRun(BUF_PROGRAM, ["--version"]) === undefined,
    () => {
      mkdirSync(BUF, { recursive: true });
      return tryRun("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", BUF, `@bufbuild/buf@${BUF_VERSION}`]);
    },
  );
}

/** Runs protoc; gives what it printed on both streams, or throws an Error with it. */
export function runProtoc(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync("python3", ["-m", "grpc_tools.protoc", ...args], { cwd, encoding: "utf8", env: protocEnvironment });
  if (status !== 0) throw new Error(`protoc: ${stderr}${stdout}`);
  return stdout + stderr;
}

/** Whether protoc refuses each of these files of a folder: all in one process, as starting one takes a quarter of a second. */
export function protocRefuses(files: readonly string[], folder: string): boolean[] {
  const script =
    "import sys; from grpc_tools import protoc; print([protoc.main(['protoc', '-I.', '--descriptor_set_out=/dev/null', f]) for f in sys.argv[1:]])";
  const out = execFileSync("python3", ["-c", script, ...files], { cwd: folder, encoding: "utf8", env: protocEnvironment, stdio: ["ignore", "pipe", "ignore"] });
  return (JSON.parse(out) as number[]).map((status) => status !== 0);
}

/** Runs buf; gives what it printed. */
export function runBuf(args: readonly string[], cwd: string): string {
  return execFileSync(BUF_PROGRAM, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

let descriptorSet: protobuf.Type | undefined;

/** A FileDescriptorSet's files as plain objects in the shape of our descriptors, by protobufjs's reflection. */
export function decodeDescriptorSet(bytes: Uint8Array): unknown[] {
  descriptorSet ??= protobuf
    .loadSync(join(ROOT, "node_modules/protobufjs/google/protobuf/descriptor.proto"))
    .resolveAll()
    .lookupType("google.protobuf.FileDescriptorSet");
  const set = descriptorSet.toObject(descriptorSet.decode(bytes), { arrays: true, longs: Number }) as { file: unknown[] };
  return set.file;
}
