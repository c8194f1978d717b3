/** The colours of a timeline, as CSS writes them. */
export interface TimelineColours {
  readonly text: string;
  readonly faint: string;
  readonly background: string;
  readonly grid: string;
  readonly done: string;
  readonly running: string;
  readonly failed: string;
  readonly stopped: string;
  readonly last: string;
  readonly added: string;
  readonly slower: string;
  readonly faster: string;
  /** Around bars; `none` but where a theme draws all by lines. */
  readonly line: string;
}

export const lightColours: TimelineColours = {
  text: '#1f2328',
  faint: '#59636e',
  background: '#ffffff',
  grid: '#e1e4e8',
  done: '#1a85ff',
  running: '#bf8803',
  failed: '#cd2b31',
  stopped: '#b35900',
  last: '#9aa4af',
  added: '#388a34',
  slower: '#b35900',
  faster: '#2f7d2b',
  line: 'none',
};

export const darkColours: TimelineColours = {
  text: '#e6edf3',
  faint: '#9198a1',
  background: '#1f1f1f',
  grid: '#333a42',
  done: '#3794ff',
  running: '#cca700',
  failed: '#f14c4c',
  stopped: '#d18616',
  last: '#6e7781',
  added: '#89d185',
  slower: '#e09b4a',
  faster: '#89d185',
  line: 'none',
};

/** The style sheet of the classes that timelineSvg() writes. */
export function timelineStyle(colours: TimelineColours): string {
  const bars = (['done', 'running', 'failed', 'stopped', 'last', 'added'] as const).map(
    (name) => `.timeline .${name} { fill: ${colours[name]}; stroke: ${colours.line}; }`,
  );
  return [
    `.timeline .back { fill: ${colours.background}; }`,
    `.timeline text { fill: ${colours.text}; font-size: 13px; }`,
    `.timeline .heading { font-size: 18px; font-weight: 600; }`,
    `.timeline .stage-name { font-weight: 600; }`,
    `.timeline .faint { fill: ${colours.faint}; }`,
    `.timeline .small { font-size: 11px; }`,
    `.timeline .number { font-variant-numeric: tabular-nums; }`,
    `.timeline .grid { stroke: ${colours.grid}; stroke-width: 1; }`,
    ...bars,
    `.timeline .whole { fill-opacity: 0.3; }`,
    `.timeline .slower { fill: ${colours.slower}; }`,
    `.timeline .faster { fill: ${colours.faster}; }`,
    `.timeline .bad { fill: ${colours.failed}; }`,
  ].join('\n');
}
