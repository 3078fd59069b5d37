// Node's own modules, loaded where they serve. An `import` of node:fs, node:util or node:buffer reads all that they
// export, and so loads streams, MIME types and argument parsing with them: 4 ms of a process's start, and node:net 3 more
// (docs/performance.md, "Start-up"). A client over the addon needs none of it.
import type * as Buffers from "node:buffer";
import type * as Fs from "node:fs";
import type * as Net from "node:net";
import type * as Util from "node:util";
import type * as WorkerThreads from "node:worker_threads";

export const buffers = (): typeof Buffers => process.getBuiltinModule("node:buffer");
export const fs = (): typeof Fs => process.getBuiltinModule("node:fs");
export const createRequire = (from: string): NodeJS.Require => process.getBuiltinModule("node:module").createRequire(from);
export const net = (): typeof Net => process.getBuiltinModule("node:net");
export const util = (): typeof Util => process.getBuiltinModule("node:util");
export const workerThreads = (): typeof WorkerThreads => process.getBuiltinModule("node:worker_threads");
