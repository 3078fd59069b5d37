// Frames of all native channels of one event loop: what the addon reads and writes, and which socket it concerns.
import { IN_ROW_WORDS } from "../wire/frame.js";
import type { Reference } from "../wire/writer.js";
import type { Binding } from "./binding.js";
import type { ChannelReceiver } from "./channel.js";
import { CONTROL_BACKLOGGED, CONTROL_REFERENCE_ROWS, Outbox } from "./outbox.js";

const SLAB_BYTES = 262_144;
const IN_ROWS = 128;
const REFERENCE_ROWS = 1024;
const SLOT_MASK = 0xfffff;

/** A channel or a listener, as the addon's calls find it. */
export interface NativeSocket {
  readonly handle: number;
  /** Of a channel that has been opened. */
  readonly receiver?: ChannelReceiver | undefined;
  onEvent(kind: number, value: number): void;
}

export class NativeOutbox extends Outbox {
  readonly binding: Binding;
  readonly slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  readonly inTable: Uint32Array = new Uint32Array(IN_ROWS * IN_ROW_WORDS);
  readonly #refTable: Uint32Array = new Uint32Array(REFERENCE_ROWS * 2);
  readonly #refs: Uint8Array[] = [];
  readonly #sockets: (NativeSocket | undefined)[] = [];
  /** Moves on with every flush of ours and every batch: only then can a channel's queue have changed much. */
  epoch = 0;
  #arena: Buffer;

  constructor(binding: Binding) {
    super();
    this.binding = binding;
    this.#arena = this.writer.buf;
    binding.attach({
      slab: this.slab,
      inTable: this.inTable,
      outTable: this.table,
      refTable: this.#refTable,
      refs: this.#refs,
      control: this.control,
      onFrames: (handle, count) => this.#deliver(handle, this.slab, count, false),
      onLargeFrame: (handle, buffer) => this.#deliver(handle, buffer, 1, true),
      onEvent: (kind, handle, value) => this.#sockets[handle & SLOT_MASK]?.onEvent(kind, value),
    });
    binding.setArena(this.#arena);
  }

  #deliver(handle: number, slab: Buffer, count: number, owned: boolean): void {
    this.epoch++;
    this.#sockets[handle & SLOT_MASK]?.receiver?.onFrames(slab, this.inTable, count, owned);
  }

  register(socket: NativeSocket): void {
    this.#sockets[socket.handle & SLOT_MASK] = socket;
  }

  unregister(socket: NativeSocket): void {
    this.#sockets[socket.handle & SLOT_MASK] = undefined;
  }

  get backlogged(): boolean {
    return this.control[CONTROL_BACKLOGGED] !== 0;
  }

  override flush(): void {
    super.flush();
    this.epoch++;
  }

  override abort(): void {
    super.abort();
    // The addon may flush without being asked: it must know where the arena is.
    this.#shareArena();
  }

  #shareArena(): void {
    const { buf } = this.writer;
    if (buf === this.#arena) return;
    this.#arena = buf;
    this.binding.setArena(buf);
  }

  protected override send(): void {
    const { writer } = this;
    this.#shareArena();
    const { references } = writer;
    if (references.length !== 0) this.#putReferences(references);
    this.binding.flush();
    writer.pos = 0;
  }

  #putReferences(references: Reference[]): void {
    const table = this.#refTable;
    for (let i = 0; i < references.length; i++) {
      const { position, bytes } = references[i] as Reference;
      table[i * 2] = position;
      table[i * 2 + 1] = bytes.length;
      this.#refs[i] = bytes;
    }
    this.control[CONTROL_REFERENCE_ROWS] = references.length;
    references.length = 0;
  }
}

/** Kept on the addon: it serves one outbox per event loop, however often this module is loaded there. */
const key = Symbol.for("ttrpc.outbox");

/** This event loop's outbox for native channels. */
export function nativeOutbox(binding: Binding): NativeOutbox {
  const holder = binding as { [key]?: NativeOutbox };
  holder[key] ??= new NativeOutbox(binding);
  return holder[key];
}
