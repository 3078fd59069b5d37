// containerd's Streaming and Transfer services over our server: streams by id, and a transfer that relays what a client imports
// into what it exports.
import { Code, type HandlerContext, type Implementation, type ReceiveStream, type Server, TtrpcError } from "ttrpc";
import { type Any, anyPack, anyUnpack, Empty } from "ttrpc/wkt";
import type { Api, Progress, TransferRequest } from "./api.js";
import { type AnyStream, CONTAINERD_ANY, receiveBytes, sendBytes } from "./byte-stream.js";

/** One client's stream: what is sent into it comes out of the handler's generator. */
class OpenStream implements AnyStream {
  readonly #requests: ReceiveStream<Any>;
  readonly #queue: { message: Any; taken: () => void }[] = [];
  #state: "open" | "closed" = "open";
  #wake: (() => void) | undefined;

  constructor(requests: ReceiveStream<Any>, { signal }: HandlerContext) {
    this.#requests = requests;
    signal.addEventListener("abort", () => this.close(), { once: true });
  }

  /** Resolves when the stream has taken it. */
  send(message: Any): Promise<void> {
    if (this.#state === "closed") return Promise.reject(new TtrpcError(Code.Canceled, "the stream is closed"));
    return new Promise((taken) => {
      this.#queue.push({ message, taken });
      this.#wake?.();
    });
  }

  recv(): Promise<Any | undefined> {
    return this.#requests.recv();
  }

  /** What has been sent still goes out. */
  close(): void {
    this.#state = "closed";
    this.#wake?.();
  }

  async *messages(): AsyncGenerator<Any> {
    try {
      for (;;) {
        for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
          yield next.message;
          next.taken();
          this.#queue.shift();
        }
        if (this.#state === "closed") return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#state = "closed";
      for (const { taken } of this.#queue) taken();
    }
  }
}

export class TransferService {
  readonly #api: Api;
  readonly #streams: Map<string, OpenStream> = new Map();

  constructor(api: Api) {
    this.#api = api;
  }

  register(server: Server): Server {
    const streaming: Implementation<Api["Streaming"]> = { stream: (requests, context) => this.#stream(requests, context) };
    const transfer: Implementation<Api["Transfer"]> = { transfer: (request) => this.#transfer(request) };
    return server.service(this.#api.Streaming, streaming).service(this.#api.Transfer, transfer);
  }

  /** Streams that clients have open. */
  get open(): number {
    return this.#streams.size;
  }

  async *#stream(requests: ReceiveStream<Any>, context: HandlerContext): AsyncGenerator<Any> {
    const first = await requests.recv();
    if (first === undefined) throw new TtrpcError(Code.OutOfRange, "EOF");
    const { id } = anyUnpack(first, this.#api.StreamInit);
    if (this.#streams.has(id)) throw new TtrpcError(Code.AlreadyExists, "already exists");
    const stream = new OpenStream(requests, context);
    this.#streams.set(id, stream);
    try {
      yield anyPack(Empty, {}, CONTAINERD_ANY);
      yield* stream.messages();
    } finally {
      this.#streams.delete(id);
    }
  }

  #get(id: string): OpenStream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw new TtrpcError(Code.NotFound, "not found");
    return stream;
  }

  async #transfer({ source, destination, options }: TransferRequest): Promise<object> {
    const { ImageImportStream, ImageExportStream, Progress } = this.#api;
    const imported = anyUnpack(source ?? {}, ImageImportStream);
    const from = this.#get(imported.stream);
    const to = this.#get(anyUnpack(destination ?? {}, ImageExportStream).stream);
    const progress = options === undefined || options.progressStream === "" ? undefined : this.#get(options.progressStream);
    const report = (fields: Partial<Progress>): Promise<void> | undefined => progress?.send(anyPack(Progress, fields, CONTAINERD_ANY));
    const name = imported.mediaType;
    try {
      await report({ event: "relaying", name });
      const sent = BigInt(await sendBytes(this.#api, to, receiveBytes(this.#api, from)));
      await report({ event: "relayed", name, progress: sent, total: sent });
      return {};
    } finally {
      for (const stream of [from, to, progress]) stream?.close();
    }
  }
}
