// Where the project is, from wherever the compiled tests are.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "tsconfig.base.json"))) return at;
  }
  throw new Error("the project's root is not above this file");
}

export const ROOT: string = findRoot();
