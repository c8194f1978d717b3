import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow, fixtureTrees } from '../../rules/harness';

/** The files of a generated tree, by absolute path below `treeRoot`. */
export interface AnyTree {
  readonly files: Map<string, string>;
  /** Files that lack the execute bit though they end in `.sh`. */
  readonly plain: ReadonlySet<string>;
}

export const treeRoot = '/repo';

/** Texts of the fixtures, by the kind of file that they are. */
export type Samples = ReadonlyMap<string, readonly string[]>;

/** Reads the texts of all failing fixtures, in which the rules have something to find and to mend. */
export async function readSamples(): Promise<Samples> {
  const samples = new Map<string, string[]>();
  for (const { folder } of fixtureTrees()) {
    for (const file of await filesBelow(folder)) {
      const text = await readFile(path.join(folder, file), 'utf8');
      if (text.length > 4000) continue;
      const kind = kindOf(file);
      samples.set(kind, [...(samples.get(kind) ?? []), text]);
    }
  }
  return samples;
}

/** The kind of text that stands in a file of this name; `other` where rules ask for none. */
export function kindOf(file: string): string {
  const name = path.posix.basename(file);
  if (name.endsWith('run-chroot.sh')) return 'chroot';
  if (name.endsWith('.sh')) return 'script';
  if (/packages(?:-nr)?$/.test(name)) return 'packages';
  if (/\.pigen\.ya?ml$/.test(name)) return 'settings';
  if (/\.ya?ml$/.test(name)) return 'workflow';
  if (/\.(?:patch|diff)$/.test(name)) return 'patch';
  return ['debconf', 'series', 'config', 'EXPORT_IMAGE'].find((kind) => name.endsWith(kind)) ?? 'other';
}

/** One change to a text: as a person, a merge or a broken disk makes it. */
export interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const inserts = [
  ...['', '', '\n', '"', "'", '`', '\\', '$', '#', '(', ')', '{', '}', ';', '&&', '|', '<', '>', '\t', ' '],
  ...[
    'EOF\n',
    '<< EOF\n',
    "<<- 'EOF'\n",
    'fi\n',
    'done\n',
    'if true; then\n',
    '\r\n',
    '\r',
    '\uFEFF',
    '\u{1F600}',
  ],
  ...[
    '${ROOTFS_DIR}',
    'on_chroot ',
    'files/',
    'é',
    '\0',
    ': ',
    '- ',
    '[',
    '# pigen: disable=',
    '$(',
    '$((',
    '\\\n',
  ],
];

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  remove: fc.constantFrom(0, 0, 0, 1, 1, 2, 5, 30),
  insert: fc.constantFrom(...inserts),
});

export function mutate(text: string, { at, remove, insert }: Mutation): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + remove);
}

const stageNames = ['stage0', 'stage2', 'stage-app', 'stage10', 'files', 'stage-b c', 'export-image'];
const subStageNames = ['00-a', '01-b', 'files', '00-packages', 'x y'];
const stepNames = [
  ...[
    '00-run.sh',
    '00-run.sh',
    '00-run-chroot.sh',
    '00-run-chroot.sh',
    '01-run.sh',
    '00-packages',
    '00-packages-nr',
  ],
  ...['00-debconf', '00-patches/series', '00-patches/a.patch', '00-patches/EDIT', 'SKIP', 'files/app.conf'],
  ...['0-run.sh', '00-run_chroot.sh', '00-packaages', 'prerun.sh', 'helper.sh', 'README.md'],
];
const stageFiles = [
  'prerun.sh',
  'Prerun.sh',
  'EXPORT_IMAGE',
  'SKIP',
  'SKIP_IMAGES',
  'EXPORT_NOOBS',
  '00-run.sh',
];
const rootFiles = [
  ...[
    'config',
    'config-lite',
    'build.sh',
    '.pigen.yaml',
    '.github/workflows/image.yml',
    '.gitignore',
    '.gitattributes',
  ],
  ...['scripts/common', 'Makefile', 'postrun.sh'],
];

/** Trees with the layout of stages, in which every text is that of some fixture, changed in a few places. */
export function anyTrees(samples: Samples): fc.Arbitrary<AnyTree> {
  const inStage = fc.tuple(
    fc.constantFrom(...stageNames),
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(...stageFiles) },
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.constantFrom(...subStageNames), fc.constantFrom(...stepNames))
          .map((parts) => parts.join('/')),
      },
    ),
  );
  const names = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...rootFiles) },
    { weight: 4, arbitrary: inStage.map((parts) => parts.join('/')) },
  );
  const file = names.chain((name) => fc.tuple(fc.constant(name), textFor(name, samples), fc.nat(9)));
  return fc.array(file, { minLength: 1, maxLength: 14 }).map((files) => {
    const texts = new Map<string, string>();
    const plain = new Set<string>();
    for (const [name, text, chance] of files) {
      const whole = `${treeRoot}/${name}`;
      // A file and a folder of one name cannot both be there.
      if (
        [...texts.keys()].some(
          (other) => `${other}/`.startsWith(`${whole}/`) || whole.startsWith(`${other}/`),
        )
      )
        continue;
      texts.set(whole, text);
      if (chance === 0) plain.add(whole);
    }
    // So that there is a stage at all.
    if (texts.size === 1) texts.set(`${treeRoot}/stage-app/00-a/05-run.sh`, '#!/bin/bash -e\n');
    return { files: texts, plain };
  });
}

function textFor(name: string, samples: Samples): fc.Arbitrary<string> {
  const all = samples.get(kindOf(name)) ?? [''];
  const own = fc.constantFrom(...all);
  const foreign = fc.constantFrom(...[...samples.values()].flat());
  const base = fc.oneof({ weight: 9, arbitrary: own }, { weight: 1, arbitrary: foreign });
  return fc
    .tuple(base, fc.array(mutations, { maxLength: 4 }))
    .map(([text, changes]) => changes.reduce(mutate, text));
}
