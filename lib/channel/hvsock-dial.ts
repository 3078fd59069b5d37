// Connects to a guest over hybrid vsock, over the addon or over node:net.
import type { Address } from "../peer.js";
import type { Channel } from "./channel.js";
import { type Chosen, nodePath } from "./choose.js";
import { type Attempts, connectGuest, type Greet, type HvsockAddress } from "./hvsock.js";
import { inTurn } from "./in-turn.js";
import type { BusyPoll } from "./native.js";
import { greetNative } from "./native-greeting.js";
import { greetNode } from "./node-greeting.js";

export function dialGuest(chosen: Chosen, to: HvsockAddress, address: Address, busyPoll: BusyPoll, signal: AbortSignal, attempts: Attempts): Promise<Channel> {
  return connectGuest(greeting(chosen, to, address, busyPoll, signal), to, address, signal, attempts);
}

function greeting(chosen: Chosen, to: HvsockAddress, address: Address, busyPoll: BusyPoll, signal: AbortSignal): Greet {
  if (chosen.kind === "native") {
    return (ask) => inTurn(() => greetNative(chosen.binding, to.socket, address, busyPoll, ask, signal), signal);
  }
  const path = nodePath(to.socket, address);
  return (ask) => inTurn(() => greetNode(path, address, busyPoll, ask, signal), signal);
}
