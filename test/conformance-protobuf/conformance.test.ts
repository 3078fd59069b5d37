// The protobuf project's own conformance suite against generated code: binary and JSON, proto2, proto3 and edition 2023.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { generated } from "../codegen/generated.js";
import { ROOT } from "../support/root.js";
import { conformanceRunner, skipConformance } from "./runner.js";

/** Tests that fail on purpose, with their reasons. */
const KNOWN = join(ROOT, "test/conformance-protobuf/known-failures.txt");

/** Editions later than this are not in the suite's files. */
const EDITION = "2023";

const skip = skipConformance();

describe("protobuf's conformance suite", { skip }, () => {
  it("passes, but for the known failures", async (t) => {
    const runner = conformanceRunner();
    if (typeof runner === "string") return t.skip(runner);
    const sources = {
      includePaths: [runner.include],
      files: [
        "conformance/conformance.proto",
        "google/protobuf/test_messages_proto2.proto",
        "google/protobuf/test_messages_proto3.proto",
        "google/protobuf/test_messages_proto2_editions.proto",
        "google/protobuf/test_messages_proto3_editions.proto",
        "google/protobuf/test_messages_edition2023.proto",
      ],
    };
    const { compiled } = await generated("conformance", sources, { json: true, unknownFields: "keep" });

    const results = join(compiled, "results");
    mkdirSync(results);
    const testee = join(compiled, "testee");
    const program = join(ROOT, "dist-test/test/conformance-protobuf/testee.js");
    writeFileSync(testee, `#!/bin/sh\nunset LD_PRELOAD\nexec "${process.execPath}" "${program}" "${compiled}"\n`, { mode: 0o755 });
    const flags = ["--enforce_recommended", "--maximum_edition", EDITION, "--failure_list", KNOWN, "--output_dir", `${results}/`];
    const { status, stdout, stderr, error } = spawnSync(runner.program, [...flags, testee], {
      env: { ...process.env, ...runner.env },
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      timeout: 300_000,
    });
    if (error !== undefined) throw error;
    const text = `${stdout}${stderr}`;
    const summaries = [...text.matchAll(/CONFORMANCE SUITE (\w+): (\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/g)];
    for (const [line] of summaries) t.diagnostic(line);
    assert.equal(status, 0, text.slice(-8000));
    // One of binary and JSON, one of the text format, which all skip.
    const [main] = summaries;
    assert.ok(main !== undefined, text.slice(-8000));
    assert.ok(Number(main[2]) > 2000, "most tests are run, not skipped");
    assert.equal(Number(main[4]), knownFailures().length, "each known failure still fails");
  });
});

function knownFailures(): string[] {
  return readFileSync(KNOWN, "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}
