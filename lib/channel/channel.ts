// The seam. A Channel moves frames through a socket; it is the only thing that knows whether the addon is there.
// Two buffers and two tables are its whole contract: frames come up in batches over a receive slab, and go out
// through the outbox's arena and table. Go: channel.go.
import type { Peer } from "../peer.js";
import type { Outbox } from "./outbox.js";

/** Which implementation carries a connection. */
export type ChannelKind = "native" | "node" | "memory";

/** What a connection is told by its channel. */
export interface ChannelReceiver {
  /**
   * Complete frames: `count` rows `[stream id, type | flags << 8 | oversize << 16, payload offset, payload length]` of
   * `table`, payloads in `slab`. Valid only during the call; if `owned`, `slab` is this one frame's for good.
   */
  onFrames(slab: Buffer, table: Uint32Array, count: number, owned: boolean): void;
  /** All that was queued has been given to the system. */
  onDrain(): void;
  /** Nothing more will come, but the peer still reads. `onEnd` follows when it is gone. */
  onHalfClose(): void;
  /** Nothing more will come: the peer hung up, or `cause` broke the connection. Comes once, after the last frame. */
  onEnd(cause: Error | undefined): void;
}

export interface Channel {
  readonly kind: ChannelKind;
  readonly peer: Peer;
  /** Where frames for this channel are encoded; belongs to the event loop. */
  readonly outbox: Outbox;
  /** Names this channel in the outbox's table. */
  readonly handle: number;
  /** Bytes flushed and not yet taken by the system. */
  readonly queuedBytes: number;
  /** Begins to read. */
  open(receiver: ChannelReceiver, maxMessageBytes: number): void;
  /** Looks whether a peer that has ended its sending is still there; if not, `onEnd` follows. */
  probe(): void;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  /** Closes at once; what is queued is dropped, and nothing is called afterwards. */
  close(): void;
}
