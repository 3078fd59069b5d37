// The servers under test, started and stopped: Go's, and ours over each channel.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
import { Server } from "ttrpc";
import { memoryPair } from "ttrpc/testing";
import { freePath } from "../support/channels.js";
import { goProgram, startGoServer } from "../support/go.js";
import { register } from "../support/implementations.js";
import { RawPeer } from "../support/raw.js";
import type { Link } from "../rpc/links.js";
import { registerResults } from "./results-service.js";
import type { Target } from "./server-driver.js";

export interface Running extends Target, AsyncDisposable {}

export async function startGo(): Promise<Running> {
  const server = await startGoServer(`unix://${freePath()}`);
  return {
    connect: () => RawPeer.connect(server.address),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Go's server, in a process that may end before it is told to. */
export async function startGoAlone(): Promise<Running> {
  const server = await startGoServer(`unix://${freePath()}`);
  const exited = new Promise<void>((resolve) => server.process.once("exit", () => resolve()));
  return {
    exited,
    connect: () => RawPeer.connect(server.address),
    async [Symbol.asyncDispose]() {
      server.process.kill("SIGKILL");
      await exited;
    },
  };
}

export interface Faulty extends Running {
  readonly address: string;
}

/** read-error: Go's server, whose reads fail where the client ends. deaf: no server, and writing to it fails. */
export async function startGoFaulty(fault: "read-error" | "deaf"): Promise<Faulty> {
  const child = spawn(goProgram("faulty"), ["-address", `unix://${freePath()}`, "-fault", fault], { stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { address } = JSON.parse(line) as { address: string };
  return {
    address,
    connect: () => RawPeer.connect(address),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

export async function startOurs(link: Link): Promise<Running> {
  const server = registerResults(register(new Server(link === "memory" ? {} : { channel: link })));
  if (link === "memory") {
    return {
      connect: () => {
        const [near, far] = memoryPair();
        server.accept(far);
        return Promise.resolve(new RawPeer(near));
      },
      [Symbol.asyncDispose]: () => server.close(),
    };
  }
  const { address } = await server.listen(`unix://${freePath()}`);
  return {
    connect: () => RawPeer.connect(address),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Ours over a stream of the test's own, whose reads fail where the client ends. */
export function startOursBroken(): Running {
  const server = registerResults(register(new Server()));
  return {
    connect: () => {
      const [near, far] = brokenPair();
      server.accept(far);
      return Promise.resolve(new RawPeer(near));
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** What the first writes the second reads; when the first ends, the second's read fails. */
function brokenPair(): [Duplex, Duplex] {
  const make = (other: () => Duplex, end: (peer: Duplex) => void): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        end(other());
        done();
      },
      destroy(error, done) {
        if (!other().destroyed) other().push(null);
        done(error);
      },
    });
  const near: Duplex = make(
    () => far,
    (peer) => peer.destroy(Object.assign(new Error("read EIO"), { code: "EIO" })),
  );
  const far: Duplex = make(
    () => near,
    (peer) => void peer.push(null),
  );
  return [near, far];
}
