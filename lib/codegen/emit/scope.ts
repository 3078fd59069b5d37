// The names of one generated module: what it declares, what it imports, and what of JavaScript's own they hide.
import type { Enum, Message, ProtoFile, ServiceDeclaration } from "../ir.js";
import { nestedName, topLevelName } from "../names.js";
import type { GenerateOptions } from "../options.js";
import { modulePath, relativeModule } from "./modules.js";

interface Import {
  readonly name: string;
  readonly local: string;
  type: "type" | "value";
}

export class Scope {
  readonly file: ProtoFile;
  readonly options: GenerateOptions;
  readonly #taken = new Set<string>();
  readonly #declared = new Map<Message | Enum | ServiceDeclaration, string>();
  readonly #imports = new Map<string, Map<string, Import>>();

  constructor(file: ProtoFile, options: GenerateOptions) {
    this.file = file;
    this.options = options;
  }

  /** Gives all types of the file their names, before anything can be imported under one of them. Before `declareServices`. */
  declareTypes(): void {
    for (const type of this.types()) this.declare(type, nestedName(type));
  }

  /** The same for its services. */
  declareServices(): void {
    for (const service of this.file.services) this.declare(service, this.options.servicePrefix + service.name);
  }

  types(): readonly (Message | Enum)[] {
    return typesOf(this.file);
  }

  /** The constant that holds an enum's names in JSON. No .proto can name anything so. */
  jsonEnum(type: Enum): string {
    const suffix = "$json";
    return this.#declared.has(type) ? `${this.type(type)}${suffix}` : this.#foreign(type, "value", suffix);
  }

  /** Gives `declaration` its name in this module. */
  declare(declaration: Message | Enum | ServiceDeclaration, wanted: string): string {
    const name = take(this.#taken, declaration, wanted);
    this.#declared.set(declaration, name);
    return name;
  }

  /** The name here of a message or enum of any file. */
  type(type: Message | Enum): string {
    return this.#declared.get(type) ?? this.#foreign(type, "value", "");
  }

  /** The name here of a service of this file. */
  service(service: ServiceDeclaration): string {
    return this.#declared.get(service) as string;
  }

  /** The name here of what a message can be made from. */
  init(message: Message): string {
    const declared = this.#declared.get(message);
    return declared === undefined ? this.#foreign(message, "type", "Init") : `${declared}Init`;
  }

  #foreign(type: Message | Enum, kind: "type" | "value", suffix: string): string {
    return this.import(modulePath(this.file, type.file, this.options), declaredName(type) + suffix, kind);
  }

  /** The local name of what `module` exports as `name`. */
  import(module: string, name: string, kind: "type" | "value"): string {
    let names = this.#imports.get(module);
    if (names === undefined) this.#imports.set(module, (names = new Map<string, Import>()));
    const known = names.get(name);
    if (known !== undefined) {
      if (kind === "value") known.type = "value";
      return known.local;
    }
    let local = name;
    while (this.#taken.has(local)) local += "$";
    this.#taken.add(local);
    names.set(name, { name, local, type: kind });
    return local;
  }

  /** Something of ttrpc's runtime entry. */
  runtime(name: string, kind: "type" | "value" = "value"): string {
    const { runtimeModule } = this.options;
    return this.import(runtimeModule.startsWith(".") ? relativeModule(this.file.path, runtimeModule, this.options) : runtimeModule, name, kind);
  }

  /** A global of JavaScript, which a message may have taken the name of. */
  global(name: string): string {
    return this.#taken.has(name) ? `globalThis.${name}` : name;
  }

  importLines(): string[] {
    const lines: string[] = [];
    const modules = [...this.#imports].sort(([a], [b]) => order(a, b));
    for (const [module, names] of modules) {
      const all = [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      const types = all.every(({ type }) => type === "type");
      const list = all.map(({ name, local, type }) => `${type === "type" && !types ? "type " : ""}${name}${local === name ? "" : ` as ${local}`}`);
      lines.push(`import ${types ? "type " : ""}{ ${list.join(", ")} } from ${JSON.stringify(module)};`);
    }
    return lines;
  }
}

/** Packages before relative paths, each by name. */
function order(a: string, b: string): number {
  const relative = Number(a.startsWith(".")) - Number(b.startsWith("."));
  return relative !== 0 ? relative : a < b ? -1 : 1;
}

const namesOfFiles = new WeakMap<ProtoFile, Map<Message | Enum, string>>();

/** The name that a type's own module gives it. */
export function declaredName(type: Message | Enum): string {
  let names = namesOfFiles.get(type.file);
  if (names === undefined) {
    names = new Map();
    namesOfFiles.set(type.file, names);
    const taken = new Set<string>();
    for (const each of typesOf(type.file)) names.set(each, take(taken, each, nestedName(each)));
  }
  return names.get(type) as string;
}

/** A free name as close to `wanted` as can be. A message takes the name of its `Init`, too. */
function take(taken: Set<string>, declaration: object, wanted: string): string {
  const suffixes = "fields" in declaration ? ["", "Init"] : [""];
  let name = topLevelName(wanted);
  while (suffixes.some((suffix) => taken.has(name + suffix))) name += "$";
  for (const suffix of suffixes) taken.add(name + suffix);
  return name;
}

/** All messages and enums of a file, outer ones before inner ones, in order of declaration. */
export function typesOf(file: ProtoFile): (Message | Enum)[] {
  const types: (Message | Enum)[] = [];
  const visit = (message: Message): void => {
    types.push(message, ...message.enums);
    message.messages.forEach(visit);
  };
  file.messages.forEach(visit);
  types.push(...file.enums);
  return types;
}
