// `ttrpc gen --watch`: generates again when an input changes. Folders are watched rather than files, because editors replace
// a file by renaming another onto it, and a watcher of the file would stay with the old one.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isGlob } from "../codegen/glob.js";
import { FolderWatcher } from "./folder-watcher.js";
import type { GenRequest, Target } from "./gen-request.js";
import { existingFolder, foldersBelow, isProto, splitGlob } from "./paths.js";
import type { Terminal } from "./terminal.js";

/** An editor's save is several events; they are over when none came for this long. */
const QUIET_MS = 50;
/** A storm of events does not put it off for longer. */
const LONGEST_MS = 1_000;
/** Granularity of time stamps in file systems, generously. */
const CLOCK_SLACK_MS = 20;
/** Where a missing import may turn up is searched for only so far. */
const MAX_FOLDERS = 2_000;

/** What a round has to be repeated for. */
interface Subject {
  /** Files that were read, absolute. */
  inputs: readonly string[];
  targets: readonly Target[];
  failed: boolean;
}

/**
 * Runs until SIGINT or SIGTERM.
 * @param round generates, and returns the files it read. What it throws goes to `onError`, and the watching goes on.
 */
export async function watchTargets(
  request: GenRequest,
  round: (targets: readonly Target[]) => readonly string[],
  onError: (error: unknown) => void,
  terminal: Terminal,
): Promise<void> {
  const subject: Subject = { inputs: [], targets: [], failed: false };
  const watcher = new FolderWatcher((folder, name) => concerns(subject, request.config, folder, name));
  const stop = (): void => watcher.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  let announced = false;
  while (!watcher.closed) {
    const startedAt = Date.now();
    try {
      subject.targets = request.targets();
      subject.inputs = round(subject.targets);
      subject.failed = false;
    } catch (error) {
      subject.failed = true;
      onError(error);
    }
    // What changed after it was read and before it was watched.
    if (watcher.follow(folders(subject, request.config)) && !subject.failed && changedSince(startedAt - CLOCK_SLACK_MS, subject.inputs)) continue;
    if (!announced && !request.quiet) terminal.message("watching for changes, Ctrl-C ends");
    announced = true;
    await watcher.changed(QUIET_MS, LONGEST_MS);
  }
  process.off("SIGINT", stop);
  process.off("SIGTERM", stop);
}

/** Folders in which a new file may be one that a target names. */
function searched(targets: readonly Target[]): string[] {
  return targets.flatMap(({ files, base }) =>
    files.filter((name) => isGlob(name) || !isProto(name)).map((name) => resolve(base, isGlob(name) ? splitGlob(name).folder : name)),
  );
}

/** All folders to watch. Of one that does not exist, the nearest above it. */
function folders({ inputs, targets, failed }: Subject, config: string | undefined): Set<string> {
  const found = new Set<string>();
  for (const path of [...inputs, ...(config === undefined ? [] : [config])]) found.add(existingFolder(dirname(path)));
  for (const { files, base, include } of targets) {
    for (const name of files) if (!isGlob(name)) for (const from of [base, ...include]) found.add(existingFolder(dirname(resolve(from, name))));
  }
  for (const folder of searched(targets)) {
    found.add(existingFolder(folder));
    for (const below of foldersBelow(folder)) found.add(below);
  }
  // An import that is missing may come anywhere below the include paths.
  if (failed) for (const { include } of targets) for (const folder of include) for (const below of foldersBelow(folder, MAX_FOLDERS)) found.add(below);
  return found;
}

/** Whether something that happened to `path` can change what is generated. */
function concerns({ inputs, targets, failed }: Subject, config: string | undefined, folder: string, name: string | null): boolean {
  if (name === null) return true;
  const path = resolve(folder, name);
  if (isProto(name) || path === config) return true;
  // A folder: one that came, or one that went with what was in it.
  const known = [...inputs, ...searched(targets), ...(config === undefined ? [] : [config])];
  if (known.some((input) => input === path || input.startsWith(`${path}/`))) return true;
  return (failed || searched(targets).some((top) => path.startsWith(`${top}/`))) && isFolder(path);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function changedSince(time: number, paths: readonly string[]): boolean {
  return paths.some((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined || Math.max(stat.mtimeMs, stat.ctimeMs) >= time;
  });
}
