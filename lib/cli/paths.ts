// Paths as messages show them, and the files that paths, folders and globs on a command line stand for.
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { globToRegExp, isGlob } from "../codegen/glob.js";
import { FailureError } from "./command.js";

/** Relative to the working folder if inside it, else absolute. */
export function shown(path: string): string {
  const text = relative(process.cwd(), path);
  if (text === "") return ".";
  return text === ".." || text.startsWith(`..${sep}`) ? path : text;
}

/** A glob as the folder that its plain first segments name, and the rest: where to search, and for what. */
export function splitGlob(glob: string): { readonly folder: string; readonly rest: string } {
  const segments = glob.split("/");
  const plain = segments.findIndex(isGlob);
  return { folder: segments.slice(0, plain).join("/") || (glob.startsWith("/") ? "/" : "."), rest: segments.slice(plain).join("/") };
}

/**
 * The .proto files that `names` stand for, absolute, sorted per name and each once. A name is a path from `base`, a path
 * from one of `include`, a folder, which stands for all below it, or a glob from `base`. Folders that begin with a dot and
 * `node_modules` are not searched. A path that does not exist is given back for the reader of files to complain about.
 * @throws FailureError for a glob or folder without a .proto file, or one that cannot be read.
 */
export function expandFiles(names: readonly string[], base: string, include: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const path = [base, ...include].map((folder) => resolve(folder, name)).find((candidate) => existsSync(candidate));
    if (path !== undefined && !statSync(path).isDirectory()) {
      found.add(path);
      continue;
    }
    if (path === undefined && !isGlob(name)) {
      found.add(resolve(base, name));
      continue;
    }
    const matches = path === undefined ? globbed(name, base) : protosBelow(path);
    if (matches.length === 0) throw new FailureError(`no .proto file ${path === undefined ? "matches" : "in"} ${name}`);
    for (const match of matches) found.add(match);
  }
  return [...found];
}

function globbed(glob: string, base: string): string[] {
  const { folder, rest } = splitGlob(glob);
  const search = resolve(base, folder);
  const pattern = expression(rest);
  return protosBelow(search).filter((path) => pattern.test(relative(search, path).replaceAll(sep, "/")));
}

function expression(glob: string): RegExp {
  try {
    return globToRegExp(glob);
  } catch (error) {
    throw new FailureError((error as Error).message, { cause: error });
  }
}

function protosBelow(folder: string): string[] {
  checkReadable(folder);
  return foldersBelow(folder)
    .flatMap((path) =>
      readdirSync(path, { withFileTypes: true }).flatMap((entry) => (isProto(entry.name) && !entry.isDirectory() ? [join(path, entry.name)] : [])),
    )
    .sort();
}

/** @throws FailureError for a folder that is there and cannot be read: not the same as one without a .proto file. */
function checkReadable(folder: string): void {
  try {
    readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw new FailureError(`${shown(folder)} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

export function isProto(name: string): boolean {
  return name.endsWith(".proto");
}

/** `folder` and those below it, without `node_modules` and such as begin with a dot; none if it does not exist. */
export function foldersBelow(folder: string, limit: number = Infinity): string[] {
  const found = [folder];
  for (let i = 0; i < found.length && found.length < limit; i++) {
    const at = found[i] ?? folder;
    try {
      for (const entry of readdirSync(at, { withFileTypes: true })) {
        if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") found.push(join(at, entry.name));
      }
    } catch (error) {
      if (at === folder) return [];
      // Gone since its parent was read, or not readable: nothing in it can be named either.
      if (!["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}

/** The nearest folder at or above `path` that exists. */
export function existingFolder(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}
