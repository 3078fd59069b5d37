// Draws Vega-Lite specifications as SVG, without a browser. The only file that needs the packages of this folder.
import { parse, View } from "vega";
import { compile } from "vega-lite";

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** What a mark says of itself becomes what a browser shows where the mouse rests. */
function titled(svg) {
  return svg.replace(/<path aria-label="([^"]*)" role="graphics-symbol"([^>]*)\/>/g, "<path$2><title>$1</title></path>");
}

/** The drawing of one plot. */
export async function render({ spec, description }) {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  const svg = titled(await view.toSVG());
  view.finalize();
  return svg.replace(/<svg ([^>]*)>/, (_, attributes) => `<svg role="img" aria-label="${escape(description)}" ${attributes}>`);
}
