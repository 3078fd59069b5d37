// Where this package is, from wherever the code runs: as single modules or joined into a bundle.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this package's package.json. */
export function packageRoot(): string {
  const here = fileURLToPath(import.meta.url);
  for (let at = dirname(here); at !== dirname(at); at = dirname(at)) if (existsSync(join(at, "package.json"))) return at;
  throw new Error(`no package.json above ${here}`);
}

/** As in package.json: "0.1.0". */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { readonly version: string };
  return version;
}
