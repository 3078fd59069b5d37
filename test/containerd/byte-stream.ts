// Bytes through a stream of Any, as containerd's core/transfer/streaming moves them: Data one way, WindowUpdate the other, and no
// more bytes under way than the receiver has asked for.
import { StreamClosedError } from "ttrpc";
import { anyIs, anyPack, anyUnpack, type Any } from "ttrpc/wkt";
import type { Api } from "./api.js";

/** containerd's sizes. */
export const PIECE_BYTES: number = 32 << 10;
export const WINDOW_BYTES: number = 2 * PIECE_BYTES;

/** Either end of Streaming.Stream, after its first two messages. */
export interface AnyStream {
  send(message: Any): Promise<void>;
  /** Undefined at the end. */
  recv(): Promise<Any | undefined>;
}

/** What containerd writes into an Any: the name of the type and nothing before it. */
export const CONTAINERD_ANY = { typeUrlPrefix: "" };

/** Sends all of it, within the windows that come; gives the number of bytes. */
export async function sendBytes({ Data, WindowUpdate }: Api, stream: AnyStream, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  let window = 0;
  let sent = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      while (window === 0) {
        const message = await stream.recv();
        if (message === undefined) throw new Error(`the receiver ended after ${sent} bytes`);
        window += anyUnpack(message, WindowUpdate).update;
      }
      const data = chunk.subarray(at, at + Math.min(PIECE_BYTES, window));
      await stream.send(anyPack(Data, { data }, CONTAINERD_ANY));
      at += data.length;
      sent += data.length;
      window -= data.length;
    }
  }
  return sent;
}

/** The sender may have ended the stream while its last data waits to be received: then it needs no window. */
function unlessClosed(error: unknown): void {
  if (!(error instanceof StreamClosedError)) throw error;
}

/** Receives until the end. Fails if the sender sends more than it was allowed, or something else. */
export async function* receiveBytes({ Data, WindowUpdate }: Api, stream: AnyStream): AsyncGenerator<Uint8Array> {
  let window = 0;
  for (;;) {
    if (window < WINDOW_BYTES) {
      await stream.send(anyPack(WindowUpdate, { update: WINDOW_BYTES }, CONTAINERD_ANY)).catch(unlessClosed);
      window += WINDOW_BYTES;
    }
    const message = await stream.recv();
    if (message === undefined) return;
    if (!anyIs(message, Data)) throw new Error(`a ${message.typeUrl} came in place of data`);
    const { data } = anyUnpack(message, Data);
    window -= data.length;
    if (window < 0) throw new Error(`the sender is ${-window} bytes ahead of its window`);
    yield data;
  }
}
