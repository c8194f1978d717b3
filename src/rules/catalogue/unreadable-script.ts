import type { Severity } from '../../pigen/finding';
import { baseName } from '../../pigen/files/path';
import { scriptSizeLimit } from '../inputs/read-script';
import type { Report, Rule, TreeContext, UnreadableReason } from '../rule';
import { scriptSlots } from '../inputs/script-slots';

export const unreadableScript: Rule = {
  name: 'unreadable-script',
  severity: 'information',
  summary: 'A step that bears a script’s name but cannot be checked as one.',
  page: {
    why: `The rules read what pi-gen would run. A file that is binary, larger than ${scriptSizeLimit / 1024 / 1024} MiB, or closed to the user who
checks, says nothing to them.`,
    build: `A binary \`NN-run.sh\` may well run on the build host. A binary \`NN-run-chroot.sh\` fails: pi-gen feeds it to bash as its input
(\`on_chroot < NN-run-chroot.sh\`). The build itself runs as root and reads what this check could not.`,
    fix: 'Keep scripts small and data in `files/`. Give yourself the right to read the file.',
    silent: ['scripts with bytes that are no UTF-8: they are read all the same'],
    bad: { tree: 'bad-binary', show: 'stage-app/00-service' },
    good: { tree: 'good-latin-1', show: 'stage-app/00-service' },
  },
  aboutSurroundings: true,

  *checkTree({ tree, unreadable }: TreeContext): Iterable<Report> {
    for (const { path, place } of scriptSlots(tree)) {
      const reason = unreadable.get(path);
      if (reason === undefined) continue;
      const fails = reason === 'binary' && place === 'chroot';
      const severity: Severity = fails ? 'warning' : 'information';
      const effect = fails ? ' pi-gen feeds it to bash inside the chroot, which cannot run it.' : '';
      yield { message: `${baseName(path)} ${words[reason]}${effect}`, file: path, severity };
    }
  },
};

const words: Record<UnreadableReason, string> = {
  binary: 'is a binary file with the name of a script, so it was not checked.',
  'too-large': `is larger than ${scriptSizeLimit / 1024 / 1024} MiB, so it was not checked. Keep data in files/ and the script small.`,
  'no-permission':
    'may not be read by the current user, so it was not checked; the build, as root, runs it all the same.',
  'is-folder': 'is a folder with the name of a script, so it was not checked; pi-gen fails to run it.',
  unreadable: 'could not be read, so it was not checked.',
  'not-found': 'is gone, so it was not checked.',
};
