// A listener that accepts nobody.
import { connect as netConnect, type Socket } from "node:net";
import { freePath } from "../support/channels.js";
import { type Child, startProgram } from "./children.js";

/** A listener that accepts nobody, with a backlog that is full. */
export interface Stuck extends AsyncDisposable {
  readonly path: string;
  /** Lets it accept. */
  wake(): void;
}

const LISTEN = `
  import { createServer } from "node:net";
  createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log("ready"));`;

export async function stuck(): Promise<Stuck> {
  const path = freePath();
  const child: Child = startProgram(LISTEN, [path]);
  await child.line("ready");
  child.process.kill("SIGSTOP");
  const sockets: Socket[] = [];
  const connects = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = netConnect(path);
      sockets.push(socket);
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  while (await connects());
  return {
    path,
    wake: () => void child.process.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.process.kill("SIGKILL");
      await child.outcome;
    },
  };
}
