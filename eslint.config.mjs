import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The arrows between the rooms of src/: features, cli → build, explain, rules, shellcheck, scaffold → shell → pigen.
 * packages/ and workflow-runs/, which reach into the network as only build/ does besides, hang below features and cli alone.
 * Each room lists what it must not reach.
 */
const closed = {
  pigen: ['shell', 'rules', 'shellcheck', 'explain', 'build', 'packages', 'scaffold', 'features', 'cli'],
  shell: ['rules', 'shellcheck', 'explain', 'build', 'packages', 'scaffold', 'features', 'cli'],
  rules: ['shellcheck', 'explain', 'build', 'packages', 'scaffold', 'features', 'cli'],
  shellcheck: ['rules', 'explain', 'build', 'packages', 'scaffold', 'features', 'cli'],
  explain: ['rules', 'shellcheck', 'build', 'packages', 'scaffold', 'features', 'cli'],
  packages: ['shell', 'rules', 'shellcheck', 'explain', 'build', 'scaffold', 'features', 'cli'],
  'workflow-runs': [
    'shell',
    'rules',
    'shellcheck',
    'explain',
    'build',
    'packages',
    'scaffold',
    'features',
    'cli',
  ],
  scaffold: ['rules', 'shellcheck', 'explain', 'build', 'packages', 'features', 'cli'],
  build: ['rules', 'shellcheck', 'packages', 'scaffold', 'features', 'cli'],
  language: ['rules', 'shellcheck', 'explain', 'build', 'packages', 'scaffold', 'features', 'cli'],
  features: ['cli'],
  cli: ['features'],
};

/** All others must not reach workflow-runs/. */
const mayFetchRuns = ['features', 'cli', 'workflow-runs'];

const vscode = { group: ['vscode'], message: 'Only src/extension.ts and src/features/ know the editor.' };
const dockerode = { group: ['dockerode', 'dockerode/*'], message: 'Only src/build/ knows the engine API.' };
const treeSitter = {
  group: ['web-tree-sitter', 'tree-sitter-bash'],
  message: 'Only src/shell/ knows tree-sitter.',
};
const shellCheckPackage = {
  regex: '^shellcheck$',
  message:
    'It can end the process that imports it: scripts/shellcheck-download.mjs runs it as a program of its own.',
};
const synchronous = [
  {
    selector:
      'MemberExpression[property.name=/^(readFile|writeFile|exists|stat|lstat|readdir|exec|execFile|spawn)Sync$/]',
    message: 'Synchronous file and process calls block the extension host.',
  },
];

/** What an editor shows of a tree, language/, is for features alone. */
const mayShow = ['features', 'language'];

/** @param {string} room @param {string[]} rooms */
function arrows(room, rooms) {
  const all = mayShow.includes(room) ? rooms : [...rooms, 'language'];
  const patterns = all.map((name) => ({
    group: [`**/${name}/**`, `**/${name}`],
    message: `src/${room}/ must not import from src/${name}/.`,
  }));
  patterns.push(shellCheckPackage);
  if (room !== 'features') patterns.push(vscode);
  if (room !== 'build') patterns.push(dockerode);
  if (room !== 'shell') patterns.push(treeSitter);
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      'no-restricted-syntax': ['error', ...synchronous],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      'coverage/',
      'node_modules/',
      'test/fixtures/',
      'test/rules/*/',
      'test/host/node_modules/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  ...Object.entries(closed).map(([room, rooms]) =>
    arrows(room, mayFetchRuns.includes(room) ? rooms : [...rooms, 'workflow-runs']),
  ),
);
