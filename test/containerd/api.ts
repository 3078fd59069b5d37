// containerd's services, generated from its own .proto files when a test asks: what is used of them, as types.
import type { MessageType, Method, MethodKind, Service } from "ttrpc";
import type { Any, Empty, FieldMask, Timestamp } from "ttrpc/wkt";
import { generated } from "../codegen/generated.js";
import { containerdApi } from "../support/corpus.js";

type Type<T extends object> = MessageType<T, Partial<T>>;
type Rpc<I extends object, O extends object, K extends MethodKind> = Method<Type<I>, Type<O>, K>;

export interface Info {
  readonly digest: string;
  readonly size: bigint;
  readonly createdAt?: Timestamp;
  readonly updatedAt?: Timestamp;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Status {
  readonly ref: string;
  readonly offset: bigint;
  readonly total: bigint;
  readonly expected: string;
  readonly startedAt?: Timestamp;
  readonly updatedAt?: Timestamp;
}

/** Values of WriteAction. */
export const STAT = 0;
export const WRITE = 1;
export const COMMIT = 2;

export interface WriteRequest {
  readonly action: number;
  readonly ref: string;
  readonly total: bigint;
  readonly expected: string;
  readonly offset: bigint;
  readonly data: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
}

export interface WriteResponse {
  readonly action: number;
  readonly startedAt?: Timestamp;
  readonly updatedAt?: Timestamp;
  readonly offset: bigint;
  readonly total: bigint;
  readonly digest: string;
}

export interface ReadRequest {
  readonly digest: string;
  readonly offset: bigint;
  readonly size: bigint;
}

export interface ReadResponse {
  readonly offset: bigint;
  readonly data: Uint8Array;
}

interface Filters {
  readonly filters: readonly string[];
}

interface Ref {
  readonly ref: string;
}

interface Digest {
  readonly digest: string;
}

export interface UpdateRequest {
  readonly info?: Partial<Info>;
  readonly updateMask?: FieldMask;
}

/** A message around an Info. */
export interface WithInfo {
  readonly info?: Info;
}

export type Content = Service<{
  readonly info: Rpc<Digest, WithInfo, "unary">;
  readonly update: Rpc<UpdateRequest, WithInfo, "unary">;
  readonly list: Rpc<Filters, { readonly info: readonly Info[] }, "serverStream">;
  readonly delete: Rpc<Digest, Empty, "unary">;
  readonly read: Rpc<ReadRequest, ReadResponse, "serverStream">;
  readonly status: Rpc<Ref, { readonly status?: Status }, "unary">;
  readonly listStatuses: Rpc<Filters, { readonly statuses: readonly Status[] }, "unary">;
  readonly write: Rpc<WriteRequest, WriteResponse, "bidi">;
  readonly abort: Rpc<Ref, Empty, "unary">;
}>;

export type Streaming = Service<{ readonly stream: Rpc<Any, Any, "bidi"> }>;

export interface TransferRequest {
  readonly source?: Any;
  readonly destination?: Any;
  readonly options?: { readonly progressStream: string };
}

export type Transfer = Service<{ readonly transfer: Rpc<TransferRequest, Empty, "unary"> }>;

interface StreamAndMediaType {
  readonly stream: string;
  readonly mediaType: string;
}

export interface Progress {
  readonly event: string;
  readonly name: string;
  readonly progress: bigint;
  readonly total: bigint;
}

export interface Api {
  readonly Content: Content;
  readonly Streaming: Streaming;
  readonly Transfer: Transfer;
  readonly StreamInit: Type<{ readonly id: string }>;
  readonly Data: Type<{ readonly data: Uint8Array }>;
  readonly WindowUpdate: Type<{ readonly update: number }>;
  readonly ImageImportStream: Type<StreamAndMediaType>;
  readonly ImageExportStream: Type<StreamAndMediaType>;
  readonly Progress: Type<Progress>;
}

const FILES = ["content/v1/content", "streaming/v1/streaming", "transfer/v1/transfer"].map((name) => `services/${name}.proto`);
const TYPES = ["streaming", "importexport", "progress"].map((name) => `types/transfer/${name}.proto`);

/** Generates, compiles and loads them. `name` must differ between test files. */
export async function containerdServices(name: string): Promise<Api> {
  const { module } = await generated(name, { includePaths: containerdApi().includePaths, files: [...FILES, ...TYPES] });
  return Object.assign({}, ...[...FILES, ...TYPES].map(module)) as Api;
}
