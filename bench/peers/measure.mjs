// What gRPC's and Connect's programs share, with ours where it can be: the compiled benchmark has the command line and the window.
import { parseFlags } from "../../dist-test/bench/flags.js";
import { Window } from "../../dist-test/bench/window.js";

export { parseFlags, Window };

/** The socket file of an address. */
export function pathOf(address) {
  if (!address?.startsWith("unix://")) throw new Error(`-address ${address}: want unix:///path`);
  return address.slice("unix://".length);
}

export function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Says that a server listens, and calls `close` when standard input ends. */
export function serveUntilStdinEnds(address, close) {
  print({ ready: true, address });
  process.stdin.resume().once("end", () => {
    close();
    process.exit();
  });
}
