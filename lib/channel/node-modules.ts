// Node's own modules that only some channels need, loaded by whom they serve: node:net alone costs a process 3 ms at its
// start, and a client over the addon never asks for it.
import type * as Net from "node:net";
import type * as WorkerThreads from "node:worker_threads";

export function net(): typeof Net {
  return process.getBuiltinModule("node:net");
}

export function workerThreads(): typeof WorkerThreads {
  return process.getBuiltinModule("node:worker_threads");
}
