import type { BuildTimeline } from '../../../build/timeline/build-timeline';
import { timelineSvg } from '../../../build/timeline/timeline-svg';
import { spokenComparison, spokenOutcome } from '../../../build/timeline/timeline-text';
import type { FromPage, PageState, ToPage } from '../messages';
import { rowTable } from './row-table';
import { RowTree } from './row-tree';

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

/** Milliseconds between two drawings of a build that runs. */
const tick = 1000;

const editor = acquireVsCodeApi();
let state: PageState = editor.getState() ?? { root: '', folded: [], table: false, focused: undefined };
let shown: ToPage | undefined;
let received = 0;
let announced = '';
let timer: number | undefined;

const chart = element('chart');
const tree = new RowTree(chart, {
  open,
  fold: (key, folded) => {
    const others = state.folded.filter((one) => one !== key);
    keep({ folded: folded ? [...others, key] : others });
    draw();
  },
  focused: (key) => {
    keep({ focused: key });
  },
});

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}.`);
  return found;
}

function keep(change: Partial<PageState>): void {
  state = { ...state, ...change };
  editor.setState(state);
}

function open(key: string): void {
  editor.postMessage({ type: 'open', key });
}

/** A build that runs goes on in the page, until the next word of it comes. */
function upToNow(build: BuildTimeline): BuildTimeline {
  if (build.outcome !== 'running') return build;
  const passed = performance.now() - received;
  return {
    ...build,
    milliseconds: build.milliseconds + passed,
    parts: build.parts.map((part) =>
      part.ended ? part : { ...part, milliseconds: part.milliseconds + passed },
    ),
  };
}

function draw(): void {
  if (shown === undefined) return;
  const { view, words, pageWords, language } = shown;
  const { last } = view;
  const build = view.build && upToNow(view.build);
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const moment = (date: Date): string => format.format(date);
  element('problem').textContent = view.problem ?? '';
  element('nothing').textContent = build === undefined ? pageWords.nothing : '';
  element('content').hidden = build === undefined;
  if (build === undefined) return;
  const outcome = spokenOutcome(build, words);
  element('summary').textContent = `${outcome} · ${spokenComparison(last, words, moment)}`;
  element('summary').className = build.outcome;
  announce(build, outcome);
  drawChoice(moment);
  chart.hidden = state.table;
  element('table').hidden = !state.table;
  element('toggle').textContent = state.table ? pageWords.showChart : pageWords.showTable;
  if (state.table) {
    // A table that is being read stays as it is until something happens.
    if (!element('table').contains(document.activeElement) || build.outcome !== 'running') {
      element('table').replaceChildren(rowTable(build, last, words, open));
    }
    return;
  }
  const svg = timelineSvg(build, last, {
    width: chart.clientWidth,
    words,
    alone: false,
    folded: new Set(state.folded),
    moment,
  });
  const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  if (drawing instanceof SVGSVGElement) tree.show(document.importNode(drawing, true), state.focused);
}

/** Says how a build ends to those who hear the page; not that seconds pass. */
function announce({ id, outcome }: BuildTimeline, words: string): void {
  const now = `${id} ${outcome}`;
  if (now === announced) return;
  if (announced !== '') element('status').textContent = words;
  announced = now;
}

function drawChoice(moment: (date: Date) => string): void {
  const choice = element('choice');
  if (shown === undefined || !(choice instanceof HTMLSelectElement)) return;
  const { builds, build } = shown.view;
  const { words } = shown;
  const names = {
    running: words.running,
    succeeded: words.passed,
    failed: words.failed,
    cancelled: words.stopped,
  };
  const options = builds.map(({ id, variant, began, outcome }) => ({
    id,
    text: `${moment(new Date(began))} · ${variant} · ${names[outcome]}`,
  }));
  const isSame =
    options.length === choice.options.length &&
    options.every(
      ({ id, text }, index) => choice.options[index]?.value === id && choice.options[index].text === text,
    );
  if (!isSame) choice.replaceChildren(...options.map(({ id, text }) => new Option(text, id)));
  if (build !== undefined && document.activeElement !== choice) choice.value = build.id;
}

function follow(): void {
  const runs = shown?.view.build?.outcome === 'running' && document.visibilityState === 'visible';
  if (runs && timer === undefined) timer = window.setInterval(draw, tick);
  if (!runs && timer !== undefined) {
    window.clearInterval(timer);
    timer = undefined;
  }
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  shown = data;
  received = performance.now();
  keep({ root: data.view.root });
  draw();
  follow();
});
document.addEventListener('visibilitychange', follow);
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  editor.postMessage({ type: 'refused', what: `${violatedDirective}: ${blockedURI}` });
});
new ResizeObserver(draw).observe(chart);
element('toggle').addEventListener('click', () => {
  keep({ table: !state.table });
  draw();
});
element('choice').addEventListener('change', ({ target }) => {
  if (target instanceof HTMLSelectElement) editor.postMessage({ type: 'choose', id: target.value });
});
for (const format of ['svg', 'json'] as const) {
  element(`export-${format}`).addEventListener('click', () => {
    editor.postMessage({ type: 'export', format });
  });
}
editor.postMessage({ type: 'ready' });
