// Joins the compiled modules into one file per entry and one for what entries share: loading 60 modules one by one costs a
// process 25 ms at its start, loading two costs 8 (docs/performance.md, "Start-up").
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** Generated modules of the well-known types, each a file of its own: whoever uses one loads one. What they import lies beside them in the bundle, too. */
const generated = readdirSync(join(root, "dist/wkt"), { recursive: true })
  .filter((name) => name.endsWith("_ttrpc.js"))
  .map((name) => `dist/wkt/${name}`);

/** Compiled modules that the package's entry points name. */
const library = Object.values(exports)
  .filter((entry) => typeof entry === "object" && !entry.types.includes("*"))
  .map(({ types }) => types.replace(/\.d\.ts$/, ".js"));
const programs = Object.values(bin).map((path) => path.replace("dist/bundle", "dist"));

const options = {
  absWorkingDir: root,
  outbase: "dist",
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  sourcemap: true,
  minifyWhitespace: true,
  // Node prints the line of an uncaught error whole.
  lineLimit: 160,
  logLevel: "warning",
  metafile: true,
};

/**
 * Entries that all reach the whole of `ttrpc`: then that is one file, and importing it finds, reads and links two. Left to itself esbuild
 * cuts it into five, by who shares what with whom, which costs each process 4 ms.
 */
const core = {
  name: "core",
  setup(plugin) {
    plugin.onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice("entry:".length), namespace: "entry" }));
    plugin.onLoad({ filter: /.*/, namespace: "entry" }, ({ path }) => ({
      contents: `import "ttrpc:core"; export * from ${JSON.stringify(path)};`,
      resolveDir: root,
    }));
    // What is imported when it is needed shares parts with the core, too; so does the entry that exports all of modules outside.
    plugin.onLoad({ filter: /hvsock(-dial)?\.js$|wkt[\\/]index\.js$/ }, ({ path }) => ({ contents: `import "ttrpc:core"; ${readFileSync(path, "utf8")}` }));
    // What is beside them in dist is beside them in the bundle; nothing else is sure to be.
    plugin.onResolve({ filter: /_ttrpc\.js$/ }, ({ path, resolveDir }) => {
      if (resolveDir === join(root, "dist/wkt")) return { path, external: true };
      return { path: `ttrpc/${path.slice(path.indexOf("wkt/"), -"_ttrpc.js".length)}`, external: true };
    });
    plugin.onResolve({ filter: /^ttrpc:core$/ }, () => ({ path: join(root, "dist/index.js"), sideEffects: true }));
  },
};
const entries = library.map((path) => ({
  in: path === "./dist/wkt/index.js" ? path : `entry:${path}`,
  out: path.replace(/^\.\/dist\/|\.js$/g, ""),
}));

const results = [
  await build({ ...options, entryPoints: entries, chunkNames: "shared-[hash]", plugins: [core] }),
  await build({ ...options, bundle: false, splitting: false, entryPoints: generated }),
  // The programs share nothing with the library: else what `import "ttrpc"` loads would be cut into more pieces.
  await build({ ...options, entryPoints: programs, chunkNames: "program-[hash]" }),
];
// Of an earlier run; removed only now, so that what runs meanwhile finds its files.
const written = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
for (const name of readdirSync(join(root, "dist/bundle"), { recursive: true })) {
  const path = `dist/bundle/${name.replaceAll("\\", "/")}`;
  if (/\.(js|map)$/.test(name) && !written.has(path)) rmSync(join(root, path));
}
// A class that names itself gets a second name from esbuild, and an error that is printed shows that one.
for (const path of written) {
  if (!path.endsWith(".js")) continue;
  const text = readFileSync(join(root, path), "utf8");
  const names = [...text.matchAll(/=\s?class _(\w+)/g)].map(([, name]) => name);
  if (names.length !== 0)
    writeFileSync(
      join(root, path),
      names.reduce((all, name) => all.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name), text),
    );
}
for (const path of Object.values(bin)) chmodSync(join(root, path), 0o755);
