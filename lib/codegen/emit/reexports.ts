// What a module passes on: everything of the .proto files that its own imports publicly.
import { globMatcher } from "../glob.js";
import type { ProtoFile } from "../ir.js";
import { type GenerateOptions, wellKnownOptions } from "../options.js";
import { isBundled, modulePath } from "./modules.js";
import { Scope } from "./scope.js";

interface Export {
  readonly kind: "type" | "value";
  /** That declares it. */
  readonly file: ProtoFile;
}

/** @param files by path. Imports that are not among them were ignored or not found: there is no module of them. */
export function reexports(file: ProtoFile, files: ReadonlyMap<string, ProtoFile>, options: GenerateOptions): string[] {
  const passed = publicImports(file, files, options);
  const own = declared(file, options);
  const first = new Map<string, Export & { readonly from: ProtoFile }>();
  const clashing = new Set<string>();
  for (const from of passed) {
    for (const [name, found] of exported(from, files, options)) {
      const known = first.get(name);
      if (known === undefined) first.set(name, { ...found, from });
      else if (known.file !== found.file && !own.has(name)) clashing.add(name);
    }
  }
  return passed.flatMap((from) => {
    const module = JSON.stringify(modulePath(file, from, options));
    // A name that two modules have is in neither `export *`, and an error: packages are no part of it. The first import's is meant.
    const names = [...first]
      .filter(([name, found]) => found.from === from && clashing.has(name))
      .map(([name, { kind }]) => (kind === "type" ? `type ${name}` : name));
    return [...(names.length === 0 ? [] : [`export { ${names.join(", ")} } from ${module};`]), `export * from ${module};`];
  });
}

function publicImports(file: ProtoFile, files: ReadonlyMap<string, ProtoFile>, options: GenerateOptions): ProtoFile[] {
  const ignored = globMatcher(options.ignoreImports);
  return file.imports.flatMap(({ path, public: isPublic }) => (isPublic && !ignored(path) ? (files.get(path) ?? []) : []));
}

/** All that the module of `file` exports. */
function exported(file: ProtoFile, files: ReadonlyMap<string, ProtoFile>, options: GenerateOptions): Map<string, Export> {
  const all = declared(file, options);
  for (const from of publicImports(file, files, options)) {
    for (const [name, found] of exported(from, files, options)) if (!all.has(name)) all.set(name, found);
  }
  return all;
}

/** What it declares itself. */
function declared(file: ProtoFile, options: GenerateOptions): Map<string, Export> {
  const { json } = isBundled(file.path, options) ? wellKnownOptions : options;
  const scope = new Scope(file, options);
  scope.declareTypes();
  scope.declareServices();
  const names = new Map<string, Export>();
  for (const type of scope.types()) {
    names.set(scope.type(type), { kind: "value", file });
    if ("fields" in type) names.set(scope.init(type), { kind: "type", file });
    else if (json) names.set(scope.jsonEnum(type), { kind: "value", file });
  }
  for (const service of file.services) names.set(scope.service(service), { kind: "value", file });
  return names;
}
