// The guest's file system: this Node with its libraries, the package as it is built, the tests' programs, Go's peers.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, openSync, closeSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { goProgram } from "../support/go.js";
import { ROOT } from "../support/root.js";
import type { Kernel } from "./packages.js";

/** In the order in which they need each other. */
const MODULES = ["vsock", "vmw_vsock_virtio_transport_common", "vsock_loopback"];
// tsconfig.base.json is what support/root.ts looks for.
const PACKAGE = ["package.json", "tsconfig.base.json", "dist", "prebuilds", "build/Release/ttrpc.node", "dist-test/test", "dist-test/example"];
/** Where the guest has Go's peers. */
const PEERS = "/peers";

const INIT = `#!/bin/busybox sh
export PATH=/bin HOME=/ TTRPC_GO_PEERS=${PEERS}
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
for module in ${MODULES.join(" ")}; do busybox insmod /modules/$module.ko; done
/node /ttrpc/dist-test/test/guest/main.js
busybox poweroff -f
`;

/** Makes the file that the kernel unpacks, in `folder`; returns its path. */
export function guestImage(folder: string, { busybox, modules }: Kernel): string {
  const root = join(folder, "root");
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(from, join(root, to), { recursive: true, dereference: true });
  };
  for (const name of ["proc", "sys", "dev", "tmp"]) mkdirSync(join(root, name), { recursive: true });
  copy(busybox, "bin/busybox");
  for (const name of MODULES) copy(join(modules, `${name}.ko`), `modules/${name}.ko`);
  copy(process.execPath, "node");
  for (const library of librariesOf(process.execPath)) copy(library, library);
  for (const path of PACKAGE) if (existsSync(join(ROOT, path))) copy(join(ROOT, path), join("ttrpc", path));
  for (const name of ["server", "client"] as const) copy(goProgram(name), join(PEERS, name));
  writeFileSync(join(root, "init"), INIT);
  chmodSync(join(root, "init"), 0o755);
  return packed(root, join(folder, "image"), busybox);
}

function librariesOf(program: string): string[] {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
}

function packed(root: string, image: string, busybox: string): string {
  const names = execFileSync("find", ["."], { cwd: root });
  const out = openSync(image, "w");
  try {
    execFileSync(busybox, ["cpio", "-o", "-H", "newc"], { cwd: root, input: names, stdio: ["pipe", out, "ignore"] });
  } finally {
    closeSync(out);
  }
  return image;
}
