import { randomBytes } from 'node:crypto';
import { timelineStyle } from '../../build/timeline/timeline-style';
import type { TimelineColours } from '../../build/timeline/timeline-style';
import { xml } from '../../build/timeline/timeline-svg';
import type { PageWords } from './messages';

/** The editor's own, whatever its theme. */
const themeColours: TimelineColours = {
  text: 'var(--vscode-foreground)',
  faint: 'var(--vscode-descriptionForeground)',
  background: 'transparent',
  grid: 'var(--grid)',
  done: 'var(--vscode-charts-blue)',
  running: 'var(--vscode-charts-yellow)',
  failed: 'var(--vscode-charts-red)',
  stopped: 'var(--vscode-charts-orange)',
  last: 'var(--last)',
  added: 'var(--vscode-charts-green)',
  slower: 'var(--vscode-editorWarning-foreground)',
  faster: 'var(--vscode-charts-green)',
  line: 'var(--vscode-contrastBorder, none)',
};

const pageStyle = `
body {
  --grid: var(--vscode-editorIndentGuide-background1, var(--vscode-panel-border));
  --last: var(--vscode-disabledForeground);
  margin: 0 auto;
  max-width: 1400px;
  padding: 12px 16px 24px;
  color: var(--vscode-foreground);
  font-family: var(--vscode-font-family);
  font-size: var(--vscode-font-size);
}
body.vscode-high-contrast, body.vscode-high-contrast-light {
  --grid: var(--vscode-contrastBorder);
  --last: var(--vscode-foreground);
}
header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: baseline; justify-content: space-between; margin-bottom: 12px; }
h1 { font-size: 1.5em; font-weight: 600; margin: 0; }
#summary { margin: 4px 0 0; color: var(--vscode-descriptionForeground); font-variant-numeric: tabular-nums; }
#summary.failed::before { content: '✕ '; color: var(--vscode-charts-red); }
#summary.succeeded::before { content: '✓ '; color: var(--vscode-testing-iconPassed, var(--vscode-charts-green)); }
#problem:empty, #nothing:empty { display: none; }
#problem { padding: 8px 12px; border-left: 3px solid var(--vscode-editorWarning-foreground); }
.tools { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.tools select, .tools button {
  font: inherit;
  padding: 3px 10px;
  border: 1px solid var(--vscode-button-border, transparent);
  border-radius: 2px;
  color: var(--vscode-button-secondaryForeground);
  background: var(--vscode-button-secondaryBackground);
}
.tools select {
  max-width: 340px;
  padding: 3px 4px;
  color: var(--vscode-dropdown-foreground);
  background: var(--vscode-dropdown-background);
  border-color: var(--vscode-dropdown-border);
}
.tools button { cursor: pointer; }
.tools button:hover { background: var(--vscode-button-secondaryHoverBackground); }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
[hidden] { display: none !important; }
.silent { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
#chart svg { display: block; max-width: none; }
#chart { margin: 0 -16px; overflow-x: auto; }
.row { cursor: pointer; outline: none; }
.row-back { fill: transparent; stroke: transparent; }
.row:hover .row-back { fill: var(--vscode-list-hoverBackground); stroke: var(--vscode-contrastActiveBorder, transparent); }
.row:focus .row-back { stroke: var(--vscode-focusBorder); stroke-width: 1; }
.row:focus-visible .row-back { fill: var(--vscode-list-inactiveSelectionBackground); }
@media (prefers-reduced-motion: no-preference) {
  rect.running { animation: pulse 1.6s ease-in-out infinite; }
  @keyframes pulse { 50% { fill-opacity: 0.55; } }
}
table { border-collapse: collapse; width: 100%; }
th, td { padding: 3px 12px 3px 0; text-align: right; font-variant-numeric: tabular-nums; font-weight: normal; }
th:first-child { text-align: left; }
thead th { color: var(--vscode-descriptionForeground); border-bottom: 1px solid var(--grid); }
tr.stage > * { font-weight: 600; border-top: 1px solid var(--grid); }
tr.step th { padding-left: 18px; }
tr.waiting > * { color: var(--vscode-descriptionForeground); }
button.link { font: inherit; padding: 0; border: 0; color: var(--vscode-textLink-foreground); background: none; cursor: pointer; text-align: left; }
button.link:hover { text-decoration: underline; }
`;

/**
 * The page of the timeline view: loads the one script, and nothing else from anywhere.
 *
 * @param script address of the page's script, as the webview knows it
 * @param title of the page, for people
 */
export function pageHtml(script: string, language: string, title: string, page: PageWords): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${xml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${xml(title)}</title>
<style nonce="${nonce}">${pageStyle}${timelineStyle(themeColours)}</style>
</head>
<body>
<main>
<p id="problem" role="note"></p>
<p id="nothing"></p>
<div id="status" class="silent" role="status"></div>
<div id="content" hidden>
<header>
<div><h1>${xml(title)}</h1><p id="summary"></p></div>
<div class="tools">
<select id="choice" aria-label="${xml(page.chooseBuild)}"></select>
<button id="toggle" type="button">${xml(page.showTable)}</button>
<button id="export-svg" type="button">${xml(page.exportSvg)}</button>
<button id="export-json" type="button">${xml(page.exportJson)}</button>
</div>
</header>
<p id="help" class="silent">${xml(page.help)}</p>
<div id="chart" aria-describedby="help"></div>
<div id="table" hidden></div>
</div>
</main>
<script nonce="${nonce}" src="${xml(script)}"></script>
</body>
</html>`;
}
