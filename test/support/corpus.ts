// Real .proto files that nobody here wrote, from the Go modules that ship them: pinned by test/peers/protos/go.mod and go.sum,
// fetched into Go's module cache when a test asks, and never copied into the repository.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./root.js";

const SOURCE = join(ROOT, "test/peers/protos");
/** Go's older imports begin with a module's path, and its cache has the version in the folder's name: links of ours stand between. */
const LINKS = join(ROOT, "build/corpus");

export interface Corpus {
  readonly name: string;
  /** Absolute. */
  readonly includePaths: readonly string[];
  /** All .proto files, as an import would name them, sorted. */
  readonly files: readonly string[];
  /** Imports that are missing on purpose. */
  readonly ignoreImports: readonly string[];
}

/** Why the corpora are left out, or false. In CI a missing Go, or a module that cannot be had, is a failure. */
export function skipCorpora(): string | false {
  try {
    modules();
    return false;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return `Go, or a module of it, is not to be had: the .proto files of real projects are left out: ${String(error)}`;
  }
}

let found: ReadonlyMap<string, string> | undefined;

/** Folders of the modules of test/peers/protos/go.mod by their paths; downloads what is not there yet. */
function modules(): ReadonlyMap<string, string> {
  if (found !== undefined) return found;
  const out = execFileSync("go", ["mod", "download", "-json"], { cwd: SOURCE, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  // One JSON object after the other.
  const list = JSON.parse(`[${out.replaceAll(/\n\}\n\{/g, "\n},{")}]`) as { Path: string; Dir: string }[];
  found = new Map(list.map(({ Path, Dir }) => [Path, Dir]));
  return found;
}

/** Where Go keeps the sources of a module of test/peers/protos/go.mod. */
export function goModule(path: string): string {
  const folder = modules().get(path);
  if (folder === undefined) throw new Error(`${path} is not in test/peers/protos/go.mod`);
  return folder;
}

/** .proto files below `folder`, relative to it. */
function protosBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".proto"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

function plain(name: string, path: string): Corpus {
  const folder = goModule(path);
  return { name, includePaths: [folder], files: protosBelow(folder), ignoreImports: [] };
}

/** A folder in which `path`, a module's path, is that module. */
function linked(path: string): string {
  const root = join(LINKS, path.replaceAll("/", "_"));
  const at = join(root, path);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(goModule(path), at);
  return root;
}

/** containerd's API: 44 files, proto3, none of gogoproto. */
export function containerdApi(): Corpus {
  return plain("containerd", "github.com/containerd/containerd/api");
}

/** NRI's api.proto. */
export function nri(): Corpus {
  return plain("nri", "github.com/containerd/nri");
}

/** What upstream's ttrpc ships: its envelope, its example and the services of its tests. */
export function upstreamTtrpc(): Corpus {
  return plain("upstream-ttrpc", "github.com/containerd/ttrpc");
}

/** containerd 1.4: full of gogoproto's options, imports by module path, weak imports. With gogo.proto, or with its import missing. */
export function gogoContainerd(gogo: "with gogo.proto" | "without gogo.proto"): Corpus {
  const path = "github.com/containerd/containerd";
  const folder = goModule(path);
  const present = gogo === "with gogo.proto";
  return {
    name: present ? "gogo" : "gogo-missing",
    includePaths: [linked(path), ...(present ? [goModule("github.com/gogo/protobuf")] : [])],
    files: protosBelow(folder).map((file) => `${path}/${file}`),
    ignoreImports: present ? [] : ["gogoproto/**"],
  };
}
