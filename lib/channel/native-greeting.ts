// One request and one line over a socket of the addon, which then carries the connection.
import type { UnixAddress } from "./address.js";
import type { Binding } from "./binding.js";
import type { Ask, Greeted } from "./hvsock.js";
import { type BusyPoll, NativeChannel, socketName } from "./native.js";
import { nativeOutbox, type NativeSocket } from "./native-outbox.js";
import { errnoError } from "./system-error.js";

/** Connects, and asks. Rejects with a system error or the signal's reason; undefined if the peer hangs up before its line. */
export async function greetNative(
  binding: Binding,
  to: UnixAddress,
  address: string,
  busyPoll: BusyPoll,
  { request, maxLineBytes }: Ask,
  signal: AbortSignal,
): Promise<Greeted | undefined> {
  const outbox = nativeOutbox(binding);
  const handle = binding.greetUnix(socketName(to), request, maxLineBytes);
  if (handle < 0) throw errnoError("connect", handle);
  return new Promise((resolve, reject) => {
    const release = (): void => {
      signal.removeEventListener("abort", abort);
      outbox.unregister(greeting);
    };
    const abort = (): void => {
      release();
      binding.close(handle);
      reject(signal.reason as Error);
    };
    const greeting: NativeSocket = {
      handle,
      onEvent: (_, bytes) => {
        release();
        if (bytes <= 0) {
          binding.close(handle);
          return bytes === 0 ? resolve(undefined) : reject(errnoError("read", bytes));
        }
        const line = binding.greetingLine(handle);
        const connection = binding.carry(handle);
        if (connection < 0) reject(errnoError("connect", connection));
        else resolve({ line, channel: new NativeChannel(outbox, connection, busyPoll, address) });
      },
    };
    outbox.register(greeting);
    signal.addEventListener("abort", abort, { once: true });
    binding.start(handle);
  });
}
