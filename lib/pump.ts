// Moves messages from an iterable into a stream, one at a time, as fast as the stream takes them.
import type { Source } from "./call.js";

/** Where messages go. */
export interface Sink {
  /** Undefined if the next message may follow at once. */
  write(message: object): Promise<void> | undefined;
  /** Whether no more messages are wanted. */
  readonly over: boolean;
  /** Called when no more are wanted while the source is being waited for. */
  onOver: (() => void) | undefined;
}

/** Resolves when the source has ended, or the sink is over and the source has been told (`iterator.return()`, once). */
export async function pump(source: Source<object>, sink: Sink): Promise<void> {
  if (Symbol.asyncIterator in source) await pumpAsync(source[Symbol.asyncIterator](), sink);
  else {
    for (const message of source) {
      if (sink.over) break;
      const wait = sink.write(message);
      if (wait !== undefined) await wait;
    }
  }
}

async function pumpAsync(iterator: AsyncIterator<object>, sink: Sink): Promise<void> {
  let told = false;
  const tell = (): unknown => {
    if (told) return undefined;
    told = true;
    return iterator.return?.();
  };
  // A source that waits for something of its own is told at once; what it throws then has nobody to go to.
  sink.onOver = () => void Promise.resolve(tell()).catch(() => {});
  let result: IteratorResult<object> | undefined;
  try {
    while (!sink.over) {
      result = await iterator.next();
      if (result.done === true || sink.over) break;
      const wait = sink.write(result.value);
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    if (result?.done !== true) await Promise.resolve(tell()).catch(() => {});
    throw error;
  } finally {
    sink.onOver = undefined;
  }
  if (result?.done !== true) await tell();
}
