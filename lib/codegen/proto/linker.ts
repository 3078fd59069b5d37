// What names in .proto files mean: every declaration by its full name, and protoc's rules of looking one up.
import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from "../descriptor.js";
import { FieldDescriptorProto_Type as Type } from "../descriptor.js";
import { qualified } from "../names.js";
import type { Place } from "./diagnostics.js";
import type { Option } from "./options.js";
import type { ProtoSource } from "./source.js";

type SymbolKind = "package" | "message" | "enum" | "service" | "other";

interface Declared {
  readonly kind: SymbolKind;
  readonly descriptor: object;
  /** That declares it; of a package the first one. */
  readonly file: ProtoSource;
}

/** Full names without a leading dot. One for all files of a run. */
export class Linker {
  readonly #symbols = new Map<string, Declared>();
  /** Files of each package and of the packages around it. */
  readonly #packages = new Map<string, Set<ProtoSource>>();
  /** Files whose types a file may name: its imports, and what those import publicly. */
  readonly #visible = new Map<ProtoSource, Set<ProtoSource>>();

  /** Takes in the declarations of a file. Its imports have to be in already. */
  declare(file: ProtoSource): void {
    const { descriptor } = file;
    const scope = descriptor.package ?? "";
    if (scope !== "") this.#declarePackage(scope, file);
    for (const message of descriptor.messageType) this.#declareMessage(message, scope, file);
    for (const type of descriptor.enumType) this.#declareEnum(type, scope, file);
    for (const extension of descriptor.extension) this.#add(scope, extension, "other", file);
    for (const service of descriptor.service) {
      const name = this.#add(scope, service, "service", file);
      for (const method of service.method) this.#add(name, method, "other", file);
    }
    const visible = new Set([file]);
    for (const { file: imported } of file.imports) if (imported !== undefined) addPublic(visible, imported);
    this.#visible.set(file, visible);
  }

  /** Resolves all types that a file names; `type` and `typeName` of its fields are then as protoc has them. */
  resolve(file: ProtoSource): void {
    const { descriptor } = file;
    const scope = descriptor.package ?? "";
    for (const message of descriptor.messageType) this.#resolveMessage(message, qualified(scope, message.name), file);
    for (const service of descriptor.service) {
      const inner = qualified(scope, service.name);
      for (const method of service.method) {
        const marks = file.marks.get(method);
        method.inputType = this.#resolveMessageType(method.inputType ?? "", inner, file, marks?.type);
        method.outputType = this.#resolveMessageType(method.outputType ?? "", inner, file, marks?.output);
      }
    }
  }

  /** Names of options that are extensions and of which there is none. Of a file that lacks an import nothing can be said. */
  unknownExtensions(file: ProtoSource): Option[] {
    if (missingImports(file).length > 0) return [];
    const known = new Map<string, boolean>();
    return file.customOptions.filter(({ name: option }) => {
      const name = option.slice(1, option.indexOf(")")).replace(/^\./, "");
      if (!known.has(name)) known.set(name, this.#hasExtension(name, file));
      return known.get(name) === false;
    });
  }

  /** Leniently: in whatever scope. An option that is read over is not worth a wrong warning. */
  #hasExtension(name: string, file: ProtoSource): boolean {
    const visible = this.#visible.get(file) as Set<ProtoSource>;
    for (const [full, { kind, file: owner }] of this.#symbols) {
      if (kind === "other" && visible.has(owner) && (full === name || full.endsWith(`.${name}`))) return true;
    }
    return false;
  }

  #resolveMessage(message: DescriptorProto, name: string, file: ProtoSource): void {
    // What is named in a map entry is named in the message around it.
    const scope = message.options?.mapEntry === true ? name.slice(0, name.lastIndexOf(".")) : name;
    for (const field of message.field) if (field.typeName !== undefined) this.#resolveField(field, scope, file, message.options?.mapEntry === true);
    for (const nested of message.nestedType) this.#resolveMessage(nested, qualified(name, nested.name), file);
  }

  #resolveField(field: FieldDescriptorProto, scope: string, file: ProtoSource, inMap: boolean): void {
    const marks = file.marks.get(field);
    const name = field.typeName ?? "";
    const found = this.#lookup(name, scope, file, marks?.type, true);
    if (found === undefined) return;
    field.typeName = `.${found.name}`;
    if (found.kind === "message") {
      field.type ??= Type.MESSAGE;
      if (field.defaultValue !== undefined) file.report(marks?.default, "messages cannot have default values");
      return;
    }
    if (found.kind !== "enum") {
      file.report(marks?.type, `"${name}" is not a type`);
      return;
    }
    field.type = Type.ENUM;
    const { value } = found.descriptor as EnumDescriptorProto;
    if (inMap && value[0]?.number !== 0) file.report(marks?.type, `enum "${found.name}" cannot be a map's value, as its first value is not 0`);
    if (field.defaultValue !== undefined && !value.some((one) => one.name === field.defaultValue)) {
      file.report(marks?.default, `enum "${found.name}" has no value "${field.defaultValue}"`);
    }
  }

  #resolveMessageType(name: string, scope: string, file: ProtoSource, place: Place | undefined): string {
    const found = this.#lookup(name, scope, file, place, false);
    if (found === undefined) return name;
    if (found.kind !== "message") file.report(place, `"${name}" is not a message type`);
    return `.${found.name}`;
  }

  /**
   * The innermost scope that knows the first part of the name decides.
   * @param onlyTypes whether a name of one part looks past what is no type. Fields do; rpcs do not, in protoc.
   */
  #lookup(name: string, scope: string, file: ProtoSource, place: Place | undefined, onlyTypes: boolean): (Declared & { readonly name: string }) | undefined {
    if (name.startsWith(".")) {
      const symbol = this.#get(name.slice(1), file);
      if (symbol === undefined) this.#reportUnknown(name, name.slice(1), file, place);
      return symbol === undefined ? undefined : { ...symbol, name: name.slice(1) };
    }
    const dot = name.indexOf(".");
    const first = dot < 0 ? name : name.slice(0, dot);
    for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf(".")))) {
      const candidate = qualified(outer, first);
      const symbol = this.#get(candidate, file);
      if (symbol !== undefined) {
        if (dot < 0) {
          if (!onlyTypes || symbol.kind === "message" || symbol.kind === "enum") return { ...symbol, name: candidate };
        } else if (symbol.kind !== "other") {
          const full = candidate + name.slice(dot);
          const inner = this.#get(full, file);
          if (inner !== undefined) return { ...inner, name: full };
          this.#reportUnknown(name, full, file, place);
          return undefined;
        }
      }
      if (outer === "") break;
    }
    this.#reportUnknown(name, name, file, place);
    return undefined;
  }

  /** A symbol that `file` may name. */
  #get(name: string, file: ProtoSource): Declared | undefined {
    const symbol = this.#symbols.get(name);
    if (symbol === undefined) return undefined;
    const visible = this.#visible.get(file) as Set<ProtoSource>;
    if (symbol.kind !== "package") return visible.has(symbol.file) ? symbol : undefined;
    for (const other of this.#packages.get(name) as Set<ProtoSource>) if (visible.has(other)) return symbol;
    return undefined;
  }

  /** @param resolved full name that the innermost scope makes of `name`. */
  #reportUnknown(name: string, resolved: string, file: ProtoSource, place: Place | undefined): void {
    const plain = name.replace(/^\./, "");
    const hidden = [...scopesOf(file.descriptor.package ?? ""), ""]
      .map((scope) => this.#symbols.get(qualified(scope, plain)))
      .find((symbol) => this.#isHidden(symbol, file));
    const missing = missingImports(file);
    let why = "";
    if (missing.length > 0) {
      why = `: it may be in ${missing.map((path) => `"${path}"`).join(" or ")}, which was not found`;
      if (hidden !== undefined) why += `; "${hidden.file.path}" has one of that name`;
    } else if (hidden !== undefined) why = `: it is in "${hidden.file.path}", which "${file.path}" does not import`;
    else if (resolved !== plain) why = `: the innermost scope that has its first part makes it "${resolved}"; ".${plain}" would begin at the outermost`;
    file.report(place, `"${name}" is not defined${why}`);
  }

  /** Whether it is a symbol that `file` could name if it imported more. */
  #isHidden(symbol: Declared | undefined, file: ProtoSource): symbol is Declared {
    return symbol !== undefined && symbol.kind !== "package" && this.#visible.get(file)?.has(symbol.file) !== true;
  }

  #declarePackage(name: string, file: ProtoSource): void {
    for (const scope of scopesOf(name)) {
      const known = this.#symbols.get(scope);
      if (known === undefined) this.#symbols.set(scope, { kind: "package", descriptor: file.descriptor, file });
      else if (known.kind !== "package")
        file.report(file.marks.get(file.descriptor)?.name, `"${scope}" is already defined, and not as a package, in "${known.file.path}"`);
      const files = this.#packages.get(scope);
      if (files === undefined) this.#packages.set(scope, new Set([file]));
      else files.add(file);
    }
  }

  #declareMessage(message: DescriptorProto, scope: string, file: ProtoSource): void {
    const name = this.#add(scope, message, "message", file);
    for (const field of message.field) this.#add(name, field, "other", file);
    for (const oneof of message.oneofDecl) this.#add(name, oneof, "other", file);
    for (const extension of message.extension) this.#add(name, extension, "other", file);
    for (const nested of message.nestedType) this.#declareMessage(nested, name, file);
    for (const type of message.enumType) this.#declareEnum(type, name, file);
  }

  #declareEnum(type: EnumDescriptorProto, scope: string, file: ProtoSource): void {
    this.#add(scope, type, "enum", file);
    // As in C++, values are beside their enum, not in it.
    for (const value of type.value) this.#add(scope, value, "other", file, `: enum values are siblings of their enum "${type.name}", not members of it`);
  }

  #add(scope: string, descriptor: { name?: string }, kind: SymbolKind, file: ProtoSource, note = ""): string {
    const name = qualified(scope, descriptor.name);
    const known = this.#symbols.get(name);
    if (known === undefined) this.#symbols.set(name, { kind, descriptor, file });
    else {
      const where = known.file !== file ? ` in "${known.file.path}"` : scope === "" ? "" : ` in "${scope}"`;
      file.report(file.marks.get(descriptor)?.name, `"${descriptor.name}" is already defined${where}${note}`);
    }
    return name;
  }
}

function addPublic(visible: Set<ProtoSource>, file: ProtoSource): void {
  if (visible.has(file)) return;
  visible.add(file);
  for (const { file: imported, public: again } of file.imports) if (again && imported !== undefined) addPublic(visible, imported);
}

/** Imports of `file` that are not there, and those that files it imports would pass on. */
function missingImports(file: ProtoSource): string[] {
  const missing = new Set<string>();
  const seen = new Set<ProtoSource>();
  const visit = (one: ProtoSource, onlyPublic: boolean): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const { path, file: imported, public: again } of one.imports) {
      if (onlyPublic && !again) continue;
      if (imported === undefined) missing.add(path);
      else visit(imported, true);
    }
  };
  visit(file, false);
  return [...missing];
}

/** "a.b.c", "a.b", "a". */
function scopesOf(name: string): string[] {
  const scopes: string[] = [];
  for (let scope = name; scope !== ""; scope = scope.slice(0, Math.max(0, scope.lastIndexOf(".")))) scopes.push(scope);
  return scopes;
}
