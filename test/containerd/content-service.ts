// containerd's content service over our server: what its contentserver does, over a store in memory.
import { Code, type Implementation, type ReceiveStream, TtrpcError } from "ttrpc";
import { COMMIT, type Content, type Info, type ReadRequest, type ReadResponse, STAT, type WriteRequest, type WriteResponse } from "./api.js";
import { alreadyExists, type ContentStore, type Ingest } from "./content-store.js";

/** Bytes of one message of Read: containerd's buffer. */
const READ_BYTES = 1 << 20;
/** Blobs in one message of List. */
const LIST_BLOCK = 100;

/** `FIELD==VALUE`, of containerd's filters: fields are ref, digest and labels.KEY. */
function matches(filters: readonly string[], fields: Readonly<Record<string, string>>): boolean {
  return (
    filters.length === 0 ||
    filters.some((filter) => {
      if (filter === "") return true;
      const [, field, value] = /^([\w.]+)==([^,]*)$/.exec(filter) ?? [];
      if (field === undefined) throw new TtrpcError(Code.InvalidArgument, `filter ${JSON.stringify(filter)} is not known here`);
      return fields[field] === value;
    })
  );
}

function fieldsOf({ digest, labels }: Info): Record<string, string> {
  return { digest, ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`labels.${key}`, value])) };
}

function* read(store: ContentStore, { digest, offset, size }: ReadRequest): Generator<ReadResponse> {
  const data = store.data(digest);
  const begin = offset < 0n ? 0 : Number(offset);
  if (begin > data.length) throw new TtrpcError(Code.OutOfRange, `read past object length ${data.length} bytes`);
  const end = size <= 0n ? data.length : Math.min(data.length, begin + Number(size));
  // Offsets count from where the reader began, as containerd's do.
  for (let at = begin; at < end; at += READ_BYTES) yield { offset: BigInt(at - begin), data: data.subarray(at, Math.min(at + READ_BYTES, end)) };
}

/** Refuses a position that is not the end, but for 0: there it all begins anew. */
function seek(ingest: Ingest, offset: bigint): void {
  if (offset > 0n && offset !== BigInt(ingest.offset)) throw new TtrpcError(Code.OutOfRange, `write @${offset} must occur at current offset ${ingest.offset}`);
  if (offset === 0n && ingest.offset > 0) ingest.truncate();
}

/** One answer for each request. */
async function* writeSteps(store: ContentStore, ingest: Ingest, first: WriteRequest, requests: ReceiveStream<WriteRequest>): AsyncGenerator<WriteResponse> {
  let { total, expected } = first;
  for (let request: WriteRequest | undefined = first; request !== undefined; request = await requests.recv()) {
    const { action, data, labels } = request;
    if (request.expected !== "") {
      expected = request.expected;
      if (store.has(expected)) {
        store.abort(ingest.ref);
        throw alreadyExists(expected);
      }
    }
    if (request.total > 0n) total = request.total;
    if (action !== STAT) {
      seek(ingest, request.offset);
      if (data.length > 0) ingest.write(data);
    }
    const { digest, startedAt, updatedAt } = ingest;
    const answer = { action, digest, startedAt, updatedAt, offset: BigInt(ingest.offset), total };
    if (action === COMMIT) store.commit(ingest, total, expected, labels);
    yield answer;
    if (action === COMMIT) return;
  }
}

async function* write(store: ContentStore, requests: ReceiveStream<WriteRequest>): AsyncGenerator<WriteResponse> {
  const first = await requests.recv();
  if (first === undefined) throw new TtrpcError(Code.OutOfRange, "EOF");
  if (first.ref === "") throw new TtrpcError(Code.InvalidArgument, "first message must have a reference");
  const ingest = store.open(first.ref, first.total, first.expected);
  try {
    yield* writeSteps(store, ingest, first, requests);
  } finally {
    store.unlock(ingest);
  }
}

export function contentService(store: ContentStore): Implementation<Content> {
  return {
    info: ({ digest }) => ({ info: store.info(digest) }),
    update: ({ info, updateMask }) => ({ info: store.update(info?.digest ?? "", info?.labels ?? {}, updateMask?.paths ?? []) }),
    *list({ filters }) {
      const found = store.all().filter((info) => matches(filters, fieldsOf(info)));
      for (let at = 0; at < found.length; at += LIST_BLOCK) yield { info: found.slice(at, at + LIST_BLOCK) };
    },
    delete({ digest }) {
      store.delete(digest);
      return {};
    },
    read: (request) => read(store, request),
    status: ({ ref }) => ({ status: store.status(ref) }),
    listStatuses: ({ filters }) => ({ statuses: store.statuses().filter(({ ref }) => matches(filters, { ref })) }),
    write: (requests) => write(store, requests),
    abort({ ref }) {
      store.abort(ref);
      return {};
    },
  };
}
