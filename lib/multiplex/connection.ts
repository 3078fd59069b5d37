// One connection of a multiplexer, as a Duplex.
import { Duplex } from "node:stream";
import { startTimer } from "../deadlines.js";
import { ProtocolError, StreamFullError } from "../errors.js";
import { FrameCutter } from "./frame-cutter.js";

/** A queued piece counts this much beside its bytes: small pieces are small on the wire, not in memory. */
const PIECE_OVERHEAD_BYTES = 64;
/** A piece that is less than this part of the memory it is a view of is copied before it is kept. */
const VIEW_SHARE = 4;

type Done = (error?: Error | null) => void;

/** What a connection needs of its multiplexer. */
export interface Trunk {
  readonly maxPayloadBytes: number;
  readonly inboxBytes: number;
  readonly stallMs: number;
  /** Writes whole payloads for the connection; `done` when the system has them. */
  write(id: number, payloads: readonly (readonly Buffer[])[], done: Done): void;
  /** The connection has more unread than is good, or no longer. */
  onFlow(connection: MuxConnection, flow: "full" | "flowing"): void;
  onClosed(connection: MuxConnection): void;
  /** Ends the trunk, and all connections. */
  fail(error: Error): void;
}

export class MuxConnection extends Duplex {
  readonly id: number;
  readonly #trunk: Trunk;
  readonly #cutter: FrameCutter;
  readonly #payloads: (readonly Buffer[])[] = [];
  /** Pieces that nobody has asked for yet. */
  readonly #inbox: Buffer[] = [];
  #inboxBytes = 0;
  #reader: "waits" | "busy" = "busy";
  /** full: the trunk is paused for it. */
  #flow: "flowing" | "full" = "flowing";
  #stall: NodeJS.Timeout | undefined;

  constructor(id: number, trunk: Trunk) {
    // The trunk has one end for all of its connections: none can end its sending alone.
    super({ allowHalfOpen: false });
    this.id = id;
    this.#trunk = trunk;
    this.#cutter = new FrameCutter((_, parts) => this.#payloads.push(parts), trunk.maxPayloadBytes);
    // The end of the trunk must not be the end of a process that has not used the connection yet.
    this.on("error", () => {});
  }

  /** A piece has come, a view of what was read. */
  deliver(piece: Buffer): void {
    if (this.#reader === "waits") {
      const passesThrough = this.readableFlowing === true && this.readableLength === 0;
      if (!this.push(passesThrough ? piece : owned(piece))) this.#reader = "busy";
      return;
    }
    this.#inbox.push(owned(piece));
    this.#inboxBytes += piece.length + PIECE_OVERHEAD_BYTES;
    if (this.#inboxBytes > this.#trunk.inboxBytes) this.#setFlow("full");
  }

  /** The trunk has ended: what has come is delivered, then the end. */
  finish(): void {
    if (this.#inbox.length === 0) this.push(null);
    else this.#inbox.push(END);
  }

  override _read(): void {
    this.#reader = "waits";
    while (this.#reader === "waits") {
      const piece = this.#inbox.shift();
      if (piece === undefined) break;
      if (piece === END) {
        this.push(null);
        break;
      }
      this.#inboxBytes -= piece.length + PIECE_OVERHEAD_BYTES;
      if (!this.push(piece)) this.#reader = "busy";
      // A slow reader is slow, not dead.
      this.#stall?.refresh();
    }
    if (this.#inboxBytes <= this.#trunk.inboxBytes / 2) this.#setFlow("flowing");
  }

  #setFlow(flow: "flowing" | "full"): void {
    if (this.#flow === flow) return;
    this.#flow = flow;
    clearTimeout(this.#stall);
    this.#stall = flow === "full" ? startTimer(this.#trunk.stallMs, () => this.#onStall())?.unref() : undefined;
    this.#trunk.onFlow(this, flow);
  }

  #onStall(): void {
    // The wire has no end of one connection: its peer would wait in vain.
    this.#trunk.fail(new StreamFullError(`nothing of connection ${this.id} was read for ${this.#trunk.stallMs} ms, with ${this.#inboxBytes} bytes waiting`));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #send(chunks: readonly Buffer[], done: Done): void {
    this.#cutter.push(chunks);
    this.#trunk.write(this.id, this.#payloads.splice(0), done);
  }

  override _final(done: Done): void {
    done(this.#cutter.partial ? new ProtocolError(`connection ${this.id} was ended in the middle of a ttrpc frame: protocol error`) : null);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#inbox.length = 0;
    this.#setFlow("flowing");
    this.#trunk.onClosed(this);
    done(error);
  }
}

/** Stands for the end in an inbox. */
const END = Buffer.alloc(0);

/** The piece, in memory that is not much more than its own. */
function owned(piece: Buffer): Buffer {
  return piece.length * VIEW_SHARE < piece.buffer.byteLength ? Buffer.from(piece) : piece;
}
