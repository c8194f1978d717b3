import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../../package.json';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import { prettyFinding } from '../../src/pigen/pretty-finding';

const logs = join(import.meta.dirname, '../fixtures/logs');

/** As VS Code matches a pattern of two lines whose last one loops: `file:line message`. */
function matches(text: string, called = 'pi-gen'): string[] {
  const matcher = manifest.contributes.problemMatchers.find(({ name }) => name === called);
  const [first, second] = matcher?.pattern.map(({ regexp }) => new RegExp(regexp)) ?? [];
  assert.ok(first && second);
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    const file = first.exec(line)?.[1];
    if (file === undefined) return [];
    const found: string[] = [];
    for (const next of lines.slice(i + 1)) {
      const match = second.exec(next);
      if (match === null) break;
      found.push(`${file}:${match[1] ?? ''} ${match[2] ?? ''}`);
    }
    return found;
  });
}

describe('the problem matcher $pi-gen', () => {
  it('finds the script, with its folder, and the line that bash complains about', async () => {
    const found = matches(await readFile(join(logs, 'syntax.log'), 'utf8'));
    assert.equal(found[0], "stage-syntax/00-app/00-run.sh:5 syntax error near unexpected token `)'");
    assert.ok(found.every((one) => one.startsWith('stage-syntax/00-app/00-run.sh:')));
    assert.deepEqual(matches(await readFile(join(logs, 'host-command.log'), 'utf8')), [
      'stage-host-command/00-app/00-run.sh:4 raspi-config: command not found',
    ]);
  });

  it('keeps the real path of a tree that is built without Docker', () => {
    const text =
      '[10:00:00] Begin /home/u/tree/stage2/00-a/prerun.sh\r\n./prerun.sh: line 2: no: command not found\r';
    assert.deepEqual(matches(text), ['/home/u/tree/stage2/00-a/prerun.sh:2 no: command not found']);
  });

  it('says nothing of lines of the rootfs, whose script is not known, nor of builds that passed', async () => {
    for (const name of ['command', 'passed', 'nested', 'bodies']) {
      assert.deepEqual(matches(await readFile(join(logs, `${name}.log`), 'utf8')), [], name);
    }
  });
});

describe('the problem matcher $pi-gen-chroot', () => {
  const of = async (name: string): Promise<string[]> =>
    matches(await readFile(join(logs, `${name}.log`), 'utf8'), 'pi-gen-chroot');

  it('finds the line of a NN-run-chroot.sh, which names no file of its own', async () => {
    assert.deepEqual(await of('command'), [
      'stage-command/00-app/00-run-chroot.sh:5 pm2-installer: command not found',
    ]);
    const [first] = await of('syntax-chroot');
    assert.match(first ?? '', /^stage-syntax-chroot\/00-app\/00-run-chroot\.sh:\d+ syntax error/);
  });

  it('says nothing of the on_chroot bodies of a NN-run.sh, whose lines are others, nor of other steps', async () => {
    for (const name of ['bodies', 'syntax', 'passed', 'debconf-tick', 'nested']) {
      assert.deepEqual(await of(name), [], name);
    }
  });
});

describe('the problem matcher $pi-gen-check', () => {
  it('reads what pigen explain prints of a place', async () => {
    const matcher = manifest.contributes.problemMatchers.find(({ name }) => name === 'pi-gen-check');
    const pattern = new RegExp(matcher?.pattern[0]?.regexp ?? '$^');
    const file = join(import.meta.dirname, '../fixtures/explain/tree/stage-command/00-app/00-run-chroot.sh');
    const range = { start: { line: 4, column: 0 }, end: { line: 4, column: 13 } };
    const finding = {
      file,
      range,
      rule: 'command-not-found',
      severity: 'error',
      message: 'It is not installed.',
    } as const;
    const text = await prettyFinding(finding, new NodeFileSystem(), undefined, false);
    const [match] = text.split('\n').flatMap((line) => pattern.exec(line) ?? []);
    assert.ok(match?.endsWith(':5:1: error: It is not installed. [command-not-found]'), text);
  });

  it('reads what the check prints of a finding, and nothing else of it', async () => {
    const matcher = manifest.contributes.problemMatchers.find(({ name }) => name === 'pi-gen-check');
    const pattern = new RegExp(matcher?.pattern[0]?.regexp ?? '$^');
    const file = join(import.meta.dirname, '../fixtures/workspaces/stages/stage-radio/00-tuner/01-run.sh');
    const range = { start: { line: 0, column: 0 }, end: { line: 0, column: 11 } };
    const base = { file, range, message: 'It goes on [after] errors.', severity: 'warning' } as const;
    const text =
      (await prettyFinding({ ...base, rule: 'missing-errexit' }, new NodeFileSystem(), undefined, false)) +
      (await prettyFinding(
        { ...base, rule: 'shellcheck', code: { name: 'SC2086', page: '' } },
        new NodeFileSystem(),
        undefined,
        false,
      ));
    const found = text.split('\n').flatMap((line) => {
      const match = pattern.exec(line);
      return match === null ? [] : [match.slice(1)];
    });
    assert.deepEqual(found, [
      [file, '1', '1', 'warning', 'It goes on [after] errors.', 'missing-errexit'],
      [file, '1', '1', 'warning', 'It goes on [after] errors.', 'shellcheck SC2086'],
    ]);
  });
});
