// Runs test/native/program.ts in a process of its own, for what ends a process or changes its limits.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { encode, socketPath, until } from "./harness.js";

export const programFile = fileURLToPath(new URL("./program.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

export async function runProgram(mode: string): Promise<Outcome> {
  // Every program gets a connected socket as descriptor 3 and a listening one as descriptor 4.
  const path = socketPath();
  const server = net.createServer().listen(path);
  await until(() => server.listening);
  const inherited = net.connect(path);
  const [far] = (await once(server, "connection")) as [net.Socket];
  far.on("error", () => {});
  far.write(encode(1, 1, 0, Buffer.from("first")));
  const listeningPath = socketPath();
  const listening = net.createServer().listen(listeningPath);
  await until(() => listening.listening);
  linkSync(listeningPath, `${listeningPath}.link`); // close() takes the path away
  const fd = (socket: object): number => (socket as { _handle: { fd: number } })._handle.fd;
  const child = spawn(process.execPath, ["--expose-gc", programFile, mode], {
    stdio: ["ignore", "pipe", "inherit", fd(inherited), fd(listening)],
  });
  inherited.destroy();
  listening.close();
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  far.destroy();
  server.close();
  return { code, signal, output };
}
