// All cases.
import { callShapes } from "./call-shapes.js";
import type { ClientCase, ServerCase } from "./cases.js";
import { clientFrames } from "./client-frames.js";
import { handlerResults } from "./handler-results.js";
import { serverConnections } from "./server-connections.js";
import { serverFrames } from "./server-frames.js";

export const serverCases: readonly ServerCase[] = [...serverFrames, ...serverConnections, ...handlerResults, ...callShapes];
export const clientCases: readonly ClientCase[] = clientFrames;
export const allCases: readonly (ServerCase | ClientCase)[] = [...serverCases, ...clientCases];

/** They wait more than they work. */
export const AT_ONCE = 4;
