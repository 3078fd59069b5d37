// How the report looks. Plots are drawn in the light colours; a style sheet in each swaps them in the dark.

/** Light, dark. */
type Colours = readonly [light: string, dark: string];

const chrome = {
  paper: ["#ffffff", "#12171d"],
  text: ["#1f2933", "#e6e9ee"],
  muted: ["#5b6673", "#a3adba"],
  axis: ["#9aa5b1", "#56616e"],
  grid: ["#e6e9ed", "#29313a"],
} as const satisfies Record<string, Colours>;

export interface Style {
  readonly colours: Colours;
  /** Variants of a system share its hue and differ in their dash. Empty: a whole line. */
  readonly dash: readonly number[];
  /** Told apart without colours too. */
  readonly shape: "circle" | "diamond" | "square" | "triangle-up" | "cross";
}

const styles: Readonly<Record<string, Style>> = {
  ours: { colours: ["#1d4ed8", "#7aa5ff"], dash: [], shape: "circle" },
  "ours-poll": { colours: ["#0e7fc2", "#4fc0ff"], dash: [6, 3], shape: "circle" },
  "ours-nopoll": { colours: ["#6f8fd6", "#a9bdf0"], dash: [2, 3], shape: "circle" },
  "ours-node": { colours: ["#6d3fc4", "#b79bff"], dash: [8, 3, 2, 3], shape: "circle" },
  go: { colours: ["#d9660a", "#ff9d4d"], dash: [], shape: "diamond" },
  rust: { colours: ["#a61b1b", "#ff7b72"], dash: [], shape: "square" },
  "rust-mt": { colours: ["#d76a6a", "#ffb3ad"], dash: [6, 3], shape: "square" },
  "ours->go": { colours: ["#0f8a6a", "#3fd0a5"], dash: [6, 3], shape: "diamond" },
  "go->ours": { colours: ["#7c9a1e", "#b5d34c"], dash: [2, 3], shape: "diamond" },
  "grpc-js": { colours: ["#a8328f", "#f08bd8"], dash: [], shape: "triangle-up" },
  connect: { colours: ["#8a6d1a", "#dcb84f"], dash: [], shape: "triangle-up" },
  raw: { colours: ["#6b7280", "#98a2b0"], dash: [1, 3], shape: "cross" },
};
const STRANGER: Style = { colours: ["#4b5563", "#c3cad4"], dash: [4, 2], shape: "cross" };

export function styleOf(system: string): Style {
  return styles[system] ?? STRANGER;
}

export function colourOf(system: string): string {
  return styleOf(system).colours[0];
}

export const PAPER: string = chrome.paper[0];
export const TEXT: string = chrome.text[0];
export const MUTED: string = chrome.muted[0];
export const AXIS: string = chrome.axis[0];
const FONT = "system-ui, sans-serif";

/** Of Vega-Lite. */
export const CONFIG = {
  background: PAPER,
  font: FONT,
  view: { stroke: null },
  axis: {
    labelColor: MUTED,
    labelFontSize: 12,
    titleColor: MUTED,
    titleFontSize: 12,
    titleFontWeight: "normal",
    domainColor: AXIS,
    gridColor: chrome.grid[0],
    ticks: false,
    labelPadding: 7,
  },
  title: { fontSize: 13, fontWeight: 600, color: TEXT, subtitleFontSize: 12, subtitleColor: MUTED, subtitlePadding: 5 },
  text: { fontSize: 12 },
} as const;

const swaps: readonly Colours[] = [...Object.values(chrome), ...Object.values(styles).map(({ colours }) => colours), STRANGER.colours];

/** For each SVG: a rule beats the attribute that it selects by. */
export const PLOT_CSS = `@media (prefers-color-scheme: dark) {${swaps
  .map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
  .join("")}}`;

const variables = (index: 0 | 1): string =>
  Object.entries(chrome)
    .map(([name, colours]) => `--${name}:${colours[index]}`)
    .join(";");

export const PAGE_CSS = `
:root{color-scheme:light dark;${variables(0)};--good:#10784a;--bad:#b3261e}
@media (prefers-color-scheme: dark){:root{${variables(1)};--good:#5fd79b;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:90rem;background:var(--paper);color:var(--text);font:15px/1.5 ${FONT}}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.25rem;margin:3rem 0 .2rem;padding-top:1rem;border-top:1px solid var(--grid)}
h3{font-size:.95rem;margin:1.3rem 0 .4rem}
p,ul{margin:.3rem 0;max-width:48rem}
ul{padding-left:1.1rem}
.muted{color:var(--muted)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:1.2rem 0}
dt{color:var(--muted)}dd{margin:0}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;margin:1rem 0;padding:0;list-style:none;max-width:none}
.key svg{width:30px;height:12px;margin-right:.45rem;vertical-align:-1px}
.plots{margin-top:1.2rem;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1.6rem 2rem}
.plots svg{display:block;width:100%;max-width:31rem;height:auto}
figure{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .9rem;text-align:right;vertical-align:top;white-space:nowrap;border-bottom:1px solid var(--grid)}
th:first-child{position:sticky;left:0;background:var(--paper);text-align:left;font-weight:500;white-space:normal;min-width:8rem;padding-left:0}
@media (min-width:60rem){th:first-child{white-space:nowrap}}
thead th,td.ours b{font-weight:700}
td b{font-weight:500}
td small{display:block;color:var(--muted);font-size:.76rem}
.good{color:var(--good)}.bad{color:var(--bad)}
.good,.bad,.even{margin-left:.5rem}
`;
