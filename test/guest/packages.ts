// Debian's packages, unpacked into .cache on first use: a kernel with vsock, busybox, and qemu where it is not installed.
// Nothing is installed, and nothing needs rights; only lists of packages that are not there are fetched, which does.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.js";

const FOLDER = join(ROOT, ".cache/guest");
const KERNEL_PACKAGE = "linux-image-cloud-amd64";
const QEMU_PACKAGE = "qemu-system-x86";

/** A folder that packages were unpacked into. */
function unpacked(name: string, packages: () => readonly string[]): string {
  const folder = join(FOLDER, name);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  const archives = join(making, "archives");
  mkdirSync(archives, { recursive: true });
  try {
    download(archives, packages);
    for (const archive of readdirSync(archives)) execFileSync("dpkg-deb", ["-x", join(archives, archive), making]);
    rmSync(archives, { recursive: true });
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}

/** A machine may have no lists of packages, or old ones, whose packages are gone from the servers. */
function download(folder: string, packages: () => readonly string[]): void {
  const attempt = (): void => void apt("apt-get", ["download", "-q", ...packages()], folder);
  try {
    attempt();
  } catch {
    apt("apt-get", ["update", "-q"]);
    attempt();
  }
}

function apt(command: string, args: readonly string[], cwd?: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The package of the kernel itself, which the general one depends on. */
function kernelPackage(): string {
  const name = /Depends: (linux-image-\S+)/.exec(apt("apt-cache", ["depends", KERNEL_PACKAGE]))?.[1];
  if (name === undefined) throw new Error(`${KERNEL_PACKAGE} depends on no kernel`);
  return name;
}

/** qemu's package, and those it needs that are not installed here. */
function qemuPackages(): string[] {
  const plan = apt("apt-get", ["install", "--simulate", "--no-install-recommends", QEMU_PACKAGE]);
  return [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name as string);
}

export interface Kernel {
  readonly image: string;
  readonly modules: string;
  readonly busybox: string;
}

export function kernel(): Kernel {
  const folder = unpacked("kernel", () => [kernelPackage(), "busybox-static"]);
  const release = readdirSync(join(folder, "lib/modules"))[0] as string;
  return {
    image: join(folder, `boot/vmlinuz-${release}`),
    modules: join(folder, `lib/modules/${release}/kernel/net/vmw_vsock`),
    busybox: join(folder, "bin/busybox"),
  };
}

export interface Qemu {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export function qemu(): Qemu {
  const name = "qemu-system-x86_64";
  if (spawnSync(name, ["--version"]).status === 0) return { command: name, args: [], env: process.env };
  const folder = unpacked("qemu", qemuPackages);
  const libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"].map((path) => join(folder, path));
  return {
    command: join(folder, "usr/bin", name),
    args: ["qemu", "seabios"].flatMap((part) => ["-L", join(folder, "usr/share", part)]),
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(":"), QEMU_MODULE_DIR: join(libraries[0] as string, "qemu") },
  };
}
