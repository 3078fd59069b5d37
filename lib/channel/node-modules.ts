// Node's own modules that only some channels need, loaded by whom they serve: node:net alone costs a process 3 ms at its
// start, and a client over the addon never asks for it.

type Net = typeof import("node:net");
type WorkerThreads = typeof import("node:worker_threads");

export function net(): Net {
  return process.getBuiltinModule("node:net");
}

export function workerThreads(): WorkerThreads {
  return process.getBuiltinModule("node:worker_threads");
}
