// vsock, inside of an emulated virtual machine: on a machine itself such a socket's peer would be its host.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, it } from "node:test";
import { channels } from "../support/channels.js";
import { skipGo } from "../support/go.js";
import { checks } from "./checks.js";
import { type GuestRun, runGuest } from "./machine.js";
import { kernel, qemu } from "./packages.js";

/** Why there is no guest, or false. In CI there must be one. */
function skipGuest(): string | false {
  if (!channels.includes("native")) return "vsock is the native channel's";
  const why = missing();
  if (why !== false && process.env["CI"] === "true") throw new Error(`${why}, and CI needs it: vsock is part of the suite`);
  return why;
}

function missing(): string | false {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `the guest is Linux on x64, and this is ${process.platform} on ${process.arch}: vsock is left out`;
  const withoutGo = skipGo();
  if (withoutGo !== false) return withoutGo;
  for (const program of ["apt-get", "dpkg-deb"]) {
    if (spawnSync(program, ["--version"]).status !== 0)
      return `${program} is not there, and the guest's kernel comes with Debian's packages: vsock is left out`;
  }
  try {
    kernel();
    qemu();
    return false;
  } catch (error) {
    return `the guest's kernel and qemu cannot be fetched: vsock is left out: ${String(error)}`;
  }
}

describe("vsock in a guest", { skip: skipGuest() }, () => {
  let run: GuestRun;
  before(async () => {
    run = await runGuest();
  });
  for (const [name] of checks) {
    it(name, () => {
      const report = run.reports.get(name);
      assert.ok(report !== undefined, `the guest did not get there:\n${run.log}`);
      assert.equal(report.error, undefined);
    });
  }
});
