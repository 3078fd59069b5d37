// Draws a benchmark's results: `node bench/report/main.mjs RESULTS.json [--out DIR]` writes DIR/index.html and the plots as DIR/*.svg.
// Needs `npm run compile:test`; installs its plotting packages beside itself on first use.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));

/** Writes the report of `results` into `folder`; resolves to the path of its page. */
export async function report(results, folder) {
  if (!existsSync(join(here, "node_modules/vega-lite"))) {
    execFileSync("npm", ["ci", "--prefix", here, "--silent", "--no-audit", "--no-fund"], { stdio: ["ignore", "inherit", "inherit"] });
  }
  const { render } = await import("./render.mjs");
  const { figuresOf } = await import("../../dist-test/bench/report/figures.js");
  const { page } = await import("../../dist-test/bench/report/page.js");
  const { PLOT_CSS } = await import("../../dist-test/bench/report/theme.js");

  mkdirSync(folder, { recursive: true });
  const figures = figuresOf(results);
  const svgs = new Map();
  for (const plot of figures.flatMap(({ plots }) => plots)) {
    const svg = await render(plot);
    svgs.set(plot.name, svg);
    // A file alone needs the style sheet that the page has for all.
    writeFileSync(join(folder, `${plot.name}.svg`), svg.replace(">", `><style>${PLOT_CSS}</style>`));
  }
  const index = join(folder, "index.html");
  writeFileSync(index, page(results, figures, svgs));
  return index;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string", default: ".cache/bench/report" } } });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Error("node bench/report/main.mjs RESULTS.json [--out DIR]");
  console.log(await report(JSON.parse(readFileSync(file, "utf8")), values.out));
}
