// Connecting to a listener whose backlog is full.
import { BACKLOG_RETRY_MS } from "./native.js";

/** A listener whose backlog is full may yet accept: the connection is made when it does, or given up by `signal`. */
export async function inTurn<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, BACKLOG_RETRY_MS));
    }
  }
}
