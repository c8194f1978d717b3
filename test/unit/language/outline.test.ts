import assert from 'node:assert/strict';
import { foldsOf } from '../../../src/language/folding';
import { semanticTokens } from '../../../src/language/semantic-tokens';
import { outlineOf } from '../../../src/language/symbols';
import type { OutlineEntry } from '../../../src/language/symbols';
import { Signage } from './signage';

const run = 'stage-player/00-service/00-run.sh';

function drawn(entries: readonly OutlineEntry[], depth = 0): string[] {
  return entries.flatMap(({ name, detail, kind, children }) => [
    `${'  '.repeat(depth)}${kind} ${name}${detail === '' ? '' : `: ${detail}`}`,
    ...drawn(children, depth + 1),
  ]);
}

describe('the outline of a file', () => {
  let signage: Signage;
  before(async () => {
    signage = await Signage.load();
  });
  after(() => {
    signage.dispose();
  });

  it('holds functions and chroot blocks', async () => {
    assert.deepEqual(drawn(outlineOf(await signage.open(run))), [
      'function enable_player',
      '  chroot on_chroot: systemctl enable player.service',
      'chroot on_chroot: apt-get install -y mpv',
    ]);
  });

  it('holds the variables of config, packages and patches', async () => {
    assert.deepEqual(drawn(outlineOf(await signage.open('config'))), [
      'variable IMG_NAME',
      'variable FIRST_USER_NAME',
      'variable FIRST_USER_PASS',
      'variable STAGE_LIST',
    ]);
    assert.deepEqual(drawn(outlineOf(await signage.open('stage-player/00-service/00-packages'))), [
      'package mpv',
      'package libc6:arm64',
      'package vlc=3.0',
    ]);
    assert.deepEqual(drawn(outlineOf(await signage.open('stage-player/00-service/00-patches/series'))), [
      'patch motd.diff',
    ]);
  });

  it('folds functions, chroot blocks, comments and what has several lines', async () => {
    const file = await signage.open(run);
    const folds = foldsOf(file).map(
      ({ start, end, kind }) => `${start + 1}-${end + 1}${kind === undefined ? '' : ` ${kind}`}`,
    );
    assert.deepEqual(folds, ['3-4 comment', '10-14', '11-13', '19-21']);
    const text =
      'if a; then\n  b\nelif c; then\n  d\nelse\n  e\nfi\ncase x in\na)\n  b\n  ;;\nesac\ncat << EOF > f\n1\n2\nEOF\n#region r\ntrue\n#endregion\ncp \\\n  a \\\n  b\n';
    const others = foldsOf(signage.edited(run, text)).map(({ start, end }) => `${start + 1}-${end + 1}`);
    assert.deepEqual(others, ['1-2', '3-4', '5-6', '8-11', '9-11', '13-15', '17-19', '20-22']);
  });

  it('sets the chroot’s commands apart from the host’s, and what the host puts in', async () => {
    const file = await signage.open(run);
    const tokens = semanticTokens(file).map(
      ({ span, type, modifiers }) =>
        `${file.text.slice(span.start, span.end)} ${[type, ...modifiers].join('.')}`,
    );
    assert.deepEqual(tokens, [
      'source hostCommand',
      'put hostCommand',
      'install hostCommand',
      'ROOTFS_DIR piGenVariable',
      'on_chroot piGenFunction',
      'systemctl chrootCommand.chroot',
      'chown chrootCommand.chroot',
      '${FIRST_USER_NAME} hostExpansion.hostExpanded',
      '$(id -u) hostExpansion.hostExpanded',
      '${ROOTFS_DIR} hostExpansion.hostExpanded',
      'enable_player hostCommand',
      'on_chroot piGenFunction',
      'apt-get chrootCommand.chroot',
      'mkdir chrootCommand.chroot',
      'ROOTFS_DIR piGenVariable.chroot',
      'log piGenFunction',
      'STAGE piGenVariable',
    ]);
  });

  it('takes for the host’s doing only what a shell on the host replaces', () => {
    const text = 'on_chroot << EOF\necho $STAGE\nEOF\n';
    const types = (name: string): string[] =>
      semanticTokens(signage.edited(name, text)).map(({ type }) => type);
    assert.ok(types(run).includes('hostExpansion'));
    assert.ok(!types('stage-player/00-service/01-run-chroot.sh').includes('hostExpansion'));
  });
});
