// Generated files on disk: what differs, and writing it, never outside the output folder.
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { FailureError } from "./command.js";
import { existingFolder, shown } from "./paths.js";

export interface OutputFile {
  /** Absolute folder. */
  readonly out: string;
  /** Within it, with forward slashes. */
  readonly name: string;
  readonly content: string;
}

export type Difference = "missing" | "differs" | "same";

/** Absolute path of the file. @throws FailureError if its name leads out of the folder. */
export function outputPath({ out, name }: OutputFile): string {
  if (name === "" || isAbsolute(name) || name.includes("\\") || name.split("/").includes("..")) {
    throw new FailureError(`${JSON.stringify(name)} would not be inside ${shown(out)}`);
  }
  return join(out, name);
}

/** How what is on disk compares with `file`. */
export function compareOutput(file: OutputFile): Difference {
  const path = outputPath(file);
  try {
    // Not through a link: it may lead out of the folder, and is then replaced.
    return lstatSync(path).isFile() && readFileSync(path, "utf8") === file.content ? "same" : "differs";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "missing";
    throw error;
  }
}

/** Writes the file whole: who reads it meanwhile sees the old text or the new. Makes its folders. @throws FailureError */
export function writeOutput(file: OutputFile): void {
  const path = outputPath(file);
  const folder = dirname(path);
  try {
    checkFolder(file.out, folder);
    makeFolders(folder);
    replace(path, join(folder, `.${basename(path)}.${process.pid}.tmp`), file.content);
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(`cannot write ${shown(path)}: ${(error as Error).message}`, { cause: error });
  }
}

/** One by one: told to make all at once, Node 20 never ends where the system refuses a folder with ENOENT, as /proc does. */
function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.push(at);
  for (const path of missing.toReversed()) makeFolder(path);
}

/** Somebody else may make it, too. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function replace(path: string, temporary: string, content: string): void {
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A folder below `out` may be a link to elsewhere: nothing is written there. */
function checkFolder(out: string, folder: string): void {
  const within = relative(realpathSync(existingFolder(out)), realpathSync(existingFolder(folder)));
  if (within === ".." || within.startsWith(`..${sep}`) || isAbsolute(within)) {
    throw new FailureError(`${shown(folder)} is a link that leads out of ${shown(out)}: nothing is written there`);
  }
}
