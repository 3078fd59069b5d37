// A reporter for mutate.mjs: the name of the first test that fails is all that it wants to know. Ends the run there.
import { writeSync } from "node:fs";

export default async function* firstFailure(events) {
  for await (const { type, data } of events) {
    // A suite fails because of what is in it, which came before.
    if (type !== "test:fail" || data.details?.type === "suite") continue;
    writeSync(1, data.name);
    process.exit(1);
  }
  yield "";
}
