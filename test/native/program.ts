// A process or worker in one of several states of life, for lifetime.test.ts and sockets.test.ts.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import {
  ACCEPT,
  ACCEPT_ERROR,
  attach,
  BACKLOGGED,
  control,
  encode,
  logOf,
  native,
  opened,
  pair,
  pattern,
  put,
  rawPeer,
  Ref,
  socketPath,
  until,
} from "./harness.js";

const mode = isMainThread ? process.argv[2] : (workerData as { mode: string }).mode;

function ready(): void {
  parentPort?.postMessage("ready");
}

function portOf(listener: number): number {
  return Number(native.localAddress(listener).split(":").at(-1));
}

/** Two connections which never stop talking to each other. */
async function chatter(): Promise<number[]> {
  const { client, server } = await pair();
  for (const handle of [client, server]) {
    logOf(handle).onBatch = (frames) => {
      for (const frame of frames) put(handle, frame.streamId, 1, frame.payload);
      logOf(handle).frames.length = 0;
      logOf(handle).batches.length = 0;
    };
    native.start(handle);
  }
  for (let i = 0; i < 10; ++i) put(client, i, 1, pattern(i * 1000, i));
  native.flush();
  return [client, server];
}

const modes: Record<string, () => Promise<void> | void> = {
  loaded() {},
  attached() {},

  async talking() {
    await chatter();
  },

  async reading() {
    const { handle, socket } = await rawPeer();
    native.start(handle);
    socket.write(encode(1, 1, 0, Buffer.alloc(1_000_000)).subarray(0, 500_000)); // half a large frame
    await until(() => socket.writableLength === 0);
  },

  async writing() {
    const { client } = await pair();
    put(client, 1, 1, pattern(100_000, 1), new Ref(Buffer.alloc(5_000_000)));
    native.flush();
    if (control[BACKLOGGED] !== 1) throw new Error("not backlogged");
  },

  connecting() {
    const listener = opened(native.listenTcp("127.0.0.1", 0, 1));
    const port = portOf(listener);
    for (let i = 0; i < 20; ++i) put(opened(native.connectTcp("127.0.0.1", port)), 1, 1, pattern(10, 1));
    native.flush();
  },

  async accepting() {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 100));
    native.start(listener);
    logOf(listener).onEvent = (event) => {
      native.close(event.value);
      native.connectUnix(path);
    };
    for (let i = 0; i < 20; ++i) native.connectUnix(path);
    await until(() => logOf(listener).events.length > 100);
  },

  // A wake-up which polls for as long as the worker lives.
  async polling() {
    const { client, server } = await pair();
    native.setBusyPoll(server, 2 ** 31 - 1);
    native.start(server);
    for (let i = 0; i < 3; ++i) {
      put(client, i, 1, pattern(10, i));
      native.flush();
      await until(() => logOf(server).frames.length === i + 1);
    }
  },

  // Answers every frame, on the path which it posts.
  echo() {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 10));
    native.start(listener);
    logOf(listener).onEvent = (event) => {
      const server = event.value;
      logOf(server).onBatch = (frames) => {
        for (const frame of frames) put(server, frame.streamId, 2, frame.payload);
        logOf(server).frames.length = 0;
      };
      native.start(server);
    };
    parentPort?.postMessage(path);
  },

  async exitInCallback() {
    const { client, server } = await pair();
    logOf(server).onBatch = () => process.exit(7);
    native.start(server);
    put(client, 1, 1, pattern(10, 1));
    native.flush();
  },

  async throwInCallback() {
    const { client, server } = await pair();
    logOf(server).onBatch = () => {
      throw new Error("thrown in a callback");
    };
    native.start(server);
    for (let i = 0; i < 100; ++i) put(client, i, 1, pattern(10, i));
    native.flush();
  },

  // Everything unref'd, with events waiting which fire while the process is being taken down.
  async unrefd() {
    const handles = await chatter();
    const listener = opened(native.listenUnix(socketPath(), 0o600, 10));
    native.start(listener);
    for (const handle of [...handles, listener]) native.unref(handle);
    process.stdout.write("unref'd\n");
  },

  async refd() {
    const { client, server } = await pair();
    native.start(server);
    native.unref(server);
    native.ref(server);
    setTimeout(() => {
      process.stdout.write("still alive\n");
      native.close(server);
      native.close(client);
    }, 20).unref();
  },

  async adopt() {
    const inodes = [readlinkSync("/proc/self/fd/3"), readlinkSync("/proc/self/fd/4")];
    const connection = opened(native.adopt(3));
    const listener = opened(native.adoptListener(4));
    native.start(connection);
    native.start(listener);
    await until(() => logOf(connection).frames.length === 1);
    const client = opened(native.connectUnix(`${native.localAddress(listener).slice("unix:".length)}.link`));
    put(client, 2, 1, pattern(10, 2));
    native.flush();
    await until(() => logOf(listener).values(ACCEPT).length === 1);
    const server = logOf(listener).values(ACCEPT)[0] ?? 0;
    native.start(server);
    await until(() => logOf(server).frames.length === 1);
    // Ours now: close-on-exec like every other.
    const inherited = execFileSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    if (inodes.some((inode) => inherited.includes(inode))) throw new Error(`inherited: ${inherited}`);
    process.stdout.write("adopted 2 frames\n");
    for (const handle of [connection, listener, client, server]) native.close(handle);
  },

  async emfile() {
    const path = socketPath();
    const listener = opened(native.listenUnix(path, 0o600, 10));
    native.start(listener);
    execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=200:200"]);
    const client = opened(native.connectUnix(path));
    const files: number[] = [];
    try {
      for (;;) files.push(openSync("/dev/null", "r"));
    } catch {
      // every descriptor is taken
    }
    await until(() => logOf(listener).events.length === 1);
    const [event] = logOf(listener).events;
    process.stdout.write(`event ${event?.kind} ${event?.value}\n`);
    for (let i = 0; i < 10; ++i) await new Promise((resolve) => setImmediate(resolve));
    if (logOf(listener).events.length !== 1) throw new Error("not paused");
    for (const file of files) closeSync(file);
    native.resume(listener);
    await until(() => logOf(listener).values(ACCEPT).length === 1);
    if (logOf(listener).values(ACCEPT_ERROR).length === 1) process.stdout.write("accepted after resume\n");
    for (const handle of [listener, client, ...logOf(listener).values(ACCEPT)]) native.close(handle);
  },
};

if (mode !== "loaded") attach();
await modes[mode ?? ""]?.();
ready();
