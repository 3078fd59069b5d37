// A benchmark client over any RPC library: what it does, by the name of the case.
//
// A connection of a library is `{ echo(request), echoBytes(request), count(request, onMessage), collect(messages), openPingPong(), close() }`:
// `count` ends early when `onMessage` returns false, `openPingPong` gives a function that sends a message and resolves with the one back.
import { parseFlags, pathOf, print, Window } from "./measure.mjs";

/** What every call carries in the case `rich`. */
export const METADATA = { tenant: "benchmark", "request-kind": "echo" };
export const TIMEOUT_MS = 5_000;

/** Few enough messages that a stream ends soon after the window, and enough that its beginning does not count. */
function messagesPerStream(bytes) {
  return Math.min(Math.max(Math.floor((16 << 20) / (bytes + 16)), 100), 100_000);
}

/** Messages between two looks at the clock. */
const CHUNK = 100;

async function repeat(window, call) {
  for (let startMs = performance.now(), more = true; more; ) {
    await call();
    const endMs = performance.now();
    more = window.count(startMs, endMs);
    startMs = endMs;
  }
}

function workers(count, worker) {
  return Promise.all(Array.from({ length: count }, worker));
}

function unary({ connections: [connection], inFlight, msg, window }) {
  const request = { seq: 1, msg };
  return workers(inFlight, () => repeat(window, () => connection.echo(request)));
}

function bytes({ connections: [connection], inFlight, msg, window }) {
  const request = { value: Buffer.from(msg) };
  return workers(inFlight, () => repeat(window, () => connection.echoBytes(request)));
}

function inTurn({ connections, msg, window }) {
  const request = { seq: 1, msg };
  let next = 0;
  return repeat(window, () => connections[next++ % connections.length].echo(request));
}

async function serverStream({ connections: [connection], msg, window }) {
  const seq = messagesPerStream(msg.length);
  let startMs = performance.now();
  for (let more = true; more; ) {
    let count = 0;
    await connection.count({ seq, msg }, () => {
      if (++count < CHUNK) return true;
      const endMs = performance.now();
      more = window.count(startMs, endMs, count);
      startMs = endMs;
      count = 0;
      return more;
    });
  }
}

/** A stream is cut short at both ends of the window. */
async function clientStream({ connections: [connection], msg, window }) {
  const most = messagesPerStream(msg.length);
  let sent = 0;
  function* messages() {
    for (sent = 0; sent < most && (sent % CHUNK !== 0 || !window.atEdge); ) yield { seq: sent++, msg };
  }
  let startMs = performance.now();
  for (let more = true; more; ) {
    const { seq } = await connection.collect(messages());
    if (seq !== sent) throw new Error(`${sent} messages were sent and ${seq} arrived`);
    const endMs = performance.now();
    more = window.count(startMs, endMs, seq);
    startMs = endMs;
  }
}

function bidi({ connections: [connection], inFlight, msg, window }) {
  const request = { seq: 1, msg };
  return workers(inFlight, () => {
    const pingPong = connection.openPingPong();
    return repeat(window, () => pingPong(request));
  });
}

const loads = { unary, bytes, rich: unary, serverStream, clientStream, bidi, connections: inTurn };

/** `open(path, rich)` makes a connection. */
export async function run(open) {
  const flags = parseFlags();
  const { case: name, address } = flags;
  const msg = "x".repeat(Number(flags.size));
  const connections = Array.from({ length: Number(flags.connections) }, () => open(pathOf(address), name === "rich"));
  if (name === "once") {
    await Promise.all(connections.map((connection) => connection.echo({ seq: 1, msg })));
    print({ case: name, calls: connections.length });
  } else {
    const load = loads[name];
    if (load === undefined) throw new Error(`unknown case "${String(name)}"`);
    const window = new Window(Number(flags["warmup-ms"]), Number(flags.seconds));
    await load({ connections, inFlight: Number(flags.inflight), msg, window });
    print({ case: name, inflight: Number(flags.inflight), size: msg.length, connections: connections.length, ...window.report() });
  }
  for (const connection of connections) connection.close();
}
