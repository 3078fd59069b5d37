// What a user can ask of the generator; the same keys in plugin parameters, flags and ttrpc.config.json.

export interface GenerateOptions {
  /** Whose messages the services are over. `ttrpc`: our own, in the same file. Else only services are written. */
  readonly messages: "ttrpc" | "protobuf-es" | "protobufjs";
  /** What 64-bit integers are, where the .proto does not say (`jstype`). */
  readonly int64: "bigint" | "number" | "string";
  /** What map fields are. */
  readonly maps: "object" | "map";
  /** How generated files import each other. */
  readonly importExtension: ".js" | ".ts" | "none";
  /** Whether fields that the .proto does not know survive decoding and encoding. */
  readonly unknownFields: "drop" | "keep";
  /** Whether messages carry what `toJson` and `fromJson` need. */
  readonly json: boolean;
  /** Only services, as `*_service_ttrpc.ts`, over the messages of `*_ttrpc.ts`. */
  readonly servicesOnly: boolean;
  /** Before each service's name, so that two stacks can live side by side. */
  readonly servicePrefix: string;
  /** Imports that nothing is generated for or imported from: globs over their paths. */
  readonly ignoreImports: readonly string[];
  /** With `messages: "protobufjs"`: the pbjs static module, relative to the output folder, without extension. */
  readonly messagesModule: string;
  /** What the output imports ttrpc's runtime as; with a leading dot relative to the output folder. For ttrpc's own files. */
  readonly runtimeModule: string;
  /** What well-known types are imported from; "" for relative paths. For ttrpc's own files. */
  readonly wellKnownModules: string;
}

export const defaultOptions: GenerateOptions = {
  messages: "ttrpc",
  int64: "bigint",
  maps: "object",
  importExtension: ".js",
  unknownFields: "drop",
  json: false,
  servicesOnly: false,
  servicePrefix: "",
  ignoreImports: [],
  messagesModule: "messages",
  runtimeModule: "ttrpc/runtime",
  wellKnownModules: "ttrpc/wkt",
};

/** For the well-known types themselves: lib/wkt, one folder below the runtime. */
export const wellKnownOptions: GenerateOptions = { ...defaultOptions, json: true, runtimeModule: "../runtime", wellKnownModules: "" };
