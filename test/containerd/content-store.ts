// A content store in memory, with the rules of containerd's: blobs by digest, ingests by ref, one writer for each ref at a time.
import { createHash, type Hash } from "node:crypto";
import { Code, TtrpcError } from "ttrpc";
import type { Timestamp } from "ttrpc/wkt";
import type { Info, Status } from "./api.js";
import { makeClock } from "./clock.js";

type Labels = Readonly<Record<string, string>>;

interface Blob {
  readonly data: Buffer;
  readonly createdAt: Timestamp;
  updatedAt: Timestamp;
  labels: Labels;
}

export function sha256(data: Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

function notFound(what: string): TtrpcError {
  return new TtrpcError(Code.NotFound, `${what}: not found`);
}

export function alreadyExists(digest: string): TtrpcError {
  return new TtrpcError(Code.AlreadyExists, `content ${digest}: already exists`);
}

function checkDigest(digest: string): void {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new TtrpcError(Code.InvalidArgument, `${JSON.stringify(digest)} failed validation`);
}

/** What has been written under one ref, and not committed. */
class Ingest {
  readonly ref: string;
  readonly total: bigint;
  readonly startedAt: Timestamp;
  updatedAt: Timestamp;
  state: "idle" | "locked" = "idle";
  readonly #now: () => Timestamp;
  #pieces: Uint8Array[] = [];
  #hash: Hash = createHash("sha256");
  offset = 0;

  constructor(ref: string, total: bigint, now: () => Timestamp) {
    this.ref = ref;
    this.total = total;
    this.#now = now;
    this.startedAt = this.updatedAt = now();
  }

  write(data: Uint8Array): void {
    // The message's bytes may be a view of a larger buffer.
    this.#pieces.push(Uint8Array.from(data));
    this.#hash.update(data);
    this.offset += data.length;
    this.updatedAt = this.#now();
  }

  truncate(): void {
    this.#pieces = [];
    this.#hash = createHash("sha256");
    this.offset = 0;
  }

  get digest(): string {
    return `sha256:${this.#hash.copy().digest("hex")}`;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

export type { Ingest };

export class ContentStore {
  readonly #blobs: Map<string, Blob> = new Map();
  readonly #ingests: Map<string, Ingest> = new Map();
  readonly #now: () => Timestamp = makeClock();

  /** What is there: of use when everything should be gone. */
  get left(): { readonly blobs: number; readonly ingests: number; readonly locked: number } {
    const ingests = [...this.#ingests.values()];
    return { blobs: this.#blobs.size, ingests: ingests.length, locked: ingests.filter(({ state }) => state === "locked").length };
  }

  #blob(digest: string): Blob {
    checkDigest(digest);
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw notFound(`content ${digest}`);
    return blob;
  }

  has(digest: string): boolean {
    return this.#blobs.has(digest);
  }

  info(digest: string): Info {
    const { data, createdAt, updatedAt, labels } = this.#blob(digest);
    return { digest, size: BigInt(data.length), createdAt, updatedAt, labels };
  }

  all(): Info[] {
    return [...this.#blobs.keys()].map((digest) => this.info(digest));
  }

  data(digest: string): Buffer {
    return this.#blob(digest).data;
  }

  /** As in containerd's local store, what is not there is gone already. */
  delete(digest: string): void {
    checkDigest(digest);
    this.#blobs.delete(digest);
  }

  /** `paths` as a field mask has them: "labels", "labels.KEY"; none of them is all labels. */
  update(digest: string, labels: Labels, paths: readonly string[]): Info {
    const blob = this.#blob(digest);
    let next = { ...blob.labels };
    for (const path of paths.length === 0 ? ["labels"] : paths) {
      const key = path.startsWith("labels.") ? path.slice("labels.".length) : undefined;
      if (path === "labels") next = { ...labels };
      else if (key === undefined) throw new TtrpcError(Code.InvalidArgument, `cannot update ${JSON.stringify(path)} field on content info`);
      else next[key] = labels[key] ?? "";
    }
    // An empty value removes a label.
    blob.labels = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ""));
    blob.updatedAt = this.#now();
    return this.info(digest);
  }

  #ingest(ref: string): Ingest {
    const ingest = this.#ingests.get(ref);
    if (ingest === undefined) throw notFound(`ingest ref ${JSON.stringify(ref)}`);
    return ingest;
  }

  status(ref: string): Status {
    const { offset, total, startedAt, updatedAt } = this.#ingest(ref);
    return { ref, offset: BigInt(offset), total, expected: "", startedAt, updatedAt };
  }

  statuses(): Status[] {
    return [...this.#ingests.keys()].map((ref) => this.status(ref));
  }

  abort(ref: string): void {
    this.#ingests.delete(ref);
  }

  /** Begins or resumes an ingest, and locks it: `unlock` in the end. */
  open(ref: string, total: bigint, expected: string): Ingest {
    if (this.#ingests.get(ref)?.state === "locked") throw new TtrpcError(Code.Unavailable, `ref ${ref} locked: unavailable`);
    if (expected !== "" && this.has(expected)) throw alreadyExists(expected);
    let ingest = this.#ingests.get(ref);
    // Another total is another thing: it is begun anew.
    if (ingest === undefined || (total > 0n && ingest.total > 0n && total !== ingest.total)) {
      ingest = new Ingest(ref, total, this.#now);
      this.#ingests.set(ref, ingest);
    }
    ingest.state = "locked";
    return ingest;
  }

  unlock(ingest: Ingest): void {
    ingest.state = "idle";
  }

  /** Makes a blob of an ingest. On a wrong size or digest the ingest stays as it is. */
  commit(ingest: Ingest, size: bigint, expected: string, labels: Labels): void {
    const failed = (text: string): TtrpcError => new TtrpcError(Code.FailedPrecondition, `${text}: failed precondition`);
    if (size > 0n && size !== BigInt(ingest.offset)) throw failed(`unexpected commit size ${ingest.offset}, expected ${size}`);
    const { digest } = ingest;
    if (expected !== "" && expected !== digest) throw failed(`unexpected commit digest ${digest}, expected ${expected}`);
    this.#ingests.delete(ingest.ref);
    if (this.has(digest)) throw alreadyExists(digest);
    const at = this.#now();
    this.#blobs.set(digest, { data: ingest.bytes(), createdAt: at, updatedAt: at, labels });
  }
}
