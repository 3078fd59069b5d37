// The schemas that have every kind of field, generated, reflected, and known to Go.
import type { GenerateOptions } from "#lib/codegen/options.js";
import { GoCodec } from "../support/codec.js";
import { compile, type Generated, load, ownProtos, type Sources, type Written, write } from "./generated.js";
import { reflect, reflectedTypes } from "./reflected.js";
import type { Types } from "./shapes.js";

export interface Kinds extends Generated {
  readonly name: string;
  readonly sources: Sources;
  /** Whether unknown numbers of enums are kept in their fields: by protobufjs only where enums are open. */
  readonly openEnums: boolean;
  readonly reflected: Types;
  readonly go: GoCodec;
}

const SCHEMAS = [
  { name: "proto3", file: "every-kind.proto", openEnums: true },
  { name: "proto2", file: "every-kind2.proto", openEnums: false },
  { name: "edition 2023", file: "every-kind-editions.proto", openEnums: false },
  { name: "features of a file", file: "every-kind-features.proto", openEnums: true },
  { name: "well-known types", file: "every-kind-wkt.proto", openEnums: true },
] as const;

/** All schemas in one compilation, once for each of the generator's options given. `user` is the test file. */
export async function everyKind(user: string, ...options: readonly Partial<GenerateOptions>[]): Promise<Kinds[][]> {
  const written = options.map((each, index) =>
    SCHEMAS.map(({ file, ...schema }) => {
      const sources = ownProtos(file);
      return { ...schema, sources, code: write(`${user}/${index}/${schema.name.replaceAll(" ", "-")}`, sources, each) };
    }),
  );
  compile(...written.flat().map(({ code }) => code));
  return Promise.all(written.map((schemas) => Promise.all(schemas.map(complete))));
}

async function complete({ code, sources, ...schema }: { code: Written; sources: Sources; name: string; openEnums: boolean }): Promise<Kinds> {
  return {
    ...(await load(code)),
    ...schema,
    sources,
    reflected: reflectedTypes(reflect(sources)),
    go: new GoCodec(sources.includePaths, sources.files),
  };
}
