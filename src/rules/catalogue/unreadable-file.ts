import type { Report, Rule, TreeContext } from '../rule';

export const unreadableFile: Rule = {
  name: 'unreadable-file',
  severity: 'warning',
  summary: 'A folder, config or workflow of the tree that could not be read.',
  page: {
    why: `Which stages run, and in which order, stands in \`config\`, in a file given with \`-c\`, or in a workflow that uses
pi-gen-action. Where one of these, or a folder of a stage, cannot be read, the order and the stages behind it are unknown.`,
    build: `Broken YAML keeps the workflow from running. What only the current user may not read, the build reads as root.`,
    fix: 'Correct the place that the message names, or give yourself the right to read the file.',
    silent: ['files that do not exist: pi-gen asks for most of them only if they are there'],
    bad: { tree: 'bad-workflow', show: '.github/workflows/image.yml' },
    good: { tree: 'good-workflow', show: '.github/workflows/image.yml' },
  },
  aboutSurroundings: true,

  *checkTree({ tree }: TreeContext): Iterable<Report> {
    for (const { path, message, range } of tree.problems) {
      yield { message, file: path, ...(range === undefined ? {} : { range }) };
    }
  },
};
