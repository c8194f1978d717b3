import assert from 'node:assert/strict';
import type { BashParser } from '../../../src/shell/bash-parser';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { Script } from '../../../src/shell/script';
import { setVariables, setVariablesAround } from '../../../src/shell/set-variables';
import { invocationOf } from '../../../src/shell/shell-invocation';
import { sourcedPath, sourcedWords } from '../../../src/shell/sourced-path';
import { hasOwnInput, inputReader } from '../../../src/shell/standard-input';
import { writtenPaths } from '../../../src/shell/written-paths';
import { loadParser } from './parser';

describe('the context of a script', () => {
  let parser: BashParser;

  before(async () => {
    parser = await loadParser();
  });

  after(() => {
    parser.dispose();
  });

  function read(text: string): Script {
    return analyseScript(parser, text, 'host');
  }

  describe('variables', () => {
    const ways: readonly (readonly [string, readonly string[]])[] = [
      ['A=1 B+=2', ['A', 'B']],
      ['for A in x y; do :; done', ['A']],
      ['for ((i = 0; i < 3; i++)); do :; done', ['i']],
      ['select A in x; do break; done', ['A']],
      ['read -r -p "name? " A B', ['A', 'B']],
      ['IFS=: read -ra LIST <<< "$PATH"', ['LIST']],
      ['mapfile -t LINES_READ < file', ['LINES_READ']],
      ['while getopts ab: option; do :; done', ['option']],
      ['printf -v A "%s" x', ['A']],
      ['declare -a A=(1 2); local B; export C=1; readonly D=2', ['A', 'B', 'C', 'D']],
      ['A[0]=1', ['A']],
      ['((n = 3))', ['n']],
      ['let n=3', ['n']],
      [': "${A:=x}"', ['A']],
      ['f() { A=1; }', ['A']],
      ['echo "$(A=1; echo "$A")"', ['A']],
    ];
    for (const [text, expected] of ways) {
      it(`knows those of ${text}`, () => {
        const { names, more } = setVariables(read(text));
        for (const name of expected) assert.ok(names.has(name), `${name} in ${[...names].join(' ')}`);
        assert.equal(more, false);
      });
    }

    it('knows when there may be more', () => {
      for (const text of ['source', 'eval "$x"', 'read -r "$name"', 'declare "$name=1"']) {
        assert.equal(setVariables(read(text)).more, true, text);
      }
    });

    it('does not take a use for an assignment', () => {
      const { names } = setVariables(
        read('echo "$A" "${B:-x}" "${C:+y}"; [ "$D" = 1 ]; test E == F; cmd G=1'),
      );
      for (const name of ['A', 'B', 'C', 'D', 'E', 'F', 'G']) assert.ok(!names.has(name), name);
    });

    it('adds those of the programs around', () => {
      const script = read("A=1\non_chroot << 'EOF'\nB=2\nEOF\n");
      const [body] = script.embedded;
      assert.ok(body !== undefined);
      assert.deepEqual([...setVariablesAround(body).names].sort(), ['A', 'B']);
      assert.deepEqual([...setVariables(script).names], ['A']);
    });

    it('adds those of the files that it sources, and knows when one is not known', () => {
      const files = new Map([
        ['./x', read('B=2\n. ./y\n')],
        ['./y', read('C=3\nsource ./x\n')],
      ]);
      const find = (word: string): Script | undefined => files.get(word);
      const known = setVariablesAround(read('A=1\nsource ./x\n'), find);
      assert.deepEqual([...known.names].sort(), ['A', 'B', 'C']);
      assert.equal(known.more, false);
      assert.equal(setVariablesAround(read('. "$file"'), find).more, true);
      assert.equal(setVariablesAround(read('source ./z'), find).more, true);
      assert.equal(setVariablesAround(read('source ./x')).more, true);
    });
  });

  describe('sourced paths', () => {
    const folders = { script: '/s/00-a', variables: new Map([['STAGE_DIR', '/s']]) };
    const paths: readonly (readonly [string, string | undefined])[] = [
      ['./x', './x'],
      ['"../common.sh"', '../common.sh'],
      ["'../common.sh'", '../common.sh'],
      ['/etc/os-release', '/etc/os-release'],
      ['"${STAGE_DIR}/files/x"', '/s/files/x'],
      ['${STAGE_DIR}/x', '/s/x'],
      ['$STAGE_DIR/x', '/s/x'],
      ['"${STAGE_DIR}"/x', '/s/x'],
      ['"$(dirname "$0")/x"', '/s/00-a/x'],
      ['"$(dirname "${BASH_SOURCE[0]}")/../x"', '/s/00-a/../x'],
      ['"${BASH_SOURCE%/*}/x"', '/s/00-a/x'],
      ['"$OTHER/x"', undefined],
      ['"${STAGE_DIR}/$name"', undefined],
      ["'${STAGE_DIR}/x'", undefined],
      ['<(cat x)', undefined],
      ['~/x', undefined],
    ];
    for (const [word, path] of paths) {
      it(`of ${word}`, () => {
        assert.equal(sourcedPath(word, folders), path);
        assert.deepEqual(sourcedWords(`true && source ${word} arg\n`).slice(0, 1), [word.split(' x)')[0]]);
      });
    }
  });

  describe('written paths', () => {
    const commands: readonly (readonly [string, readonly string[]])[] = [
      ['cp a b /etc/x', ['/etc/x']],
      ['cp -t /etc a b', ['/etc']],
      ['cp --target-directory=/etc a', ['/etc']],
      ['mv -S .bak a /etc/x', ['/etc/x']],
      ['install -m 644 -o root a /etc/x', ['/etc/x']],
      ['install -d -m 755 /etc/a /etc/b', ['/etc/a', '/etc/b']],
      ['install -Dm644 a /etc/x', ['/etc/x']],
      ['ln -s /usr/a /etc/x', ['/etc/x']],
      ['ln -s /usr/a', []],
      ['mkdir -p -m 700 /etc/a /etc/b', ['/etc/a', '/etc/b']],
      ['touch -d yesterday /etc/a', ['/etc/a']],
      ['rm -rf -- /etc/a', ['/etc/a']],
      ['chmod -R u+x /etc/a', ['/etc/a']],
      ['chown --reference=/etc/b /etc/a', ['/etc/a']],
      ['rsync -a --exclude /var/x src/ /opt/x/', ['/opt/x/']],
      ['rsync -a src/ host:/opt/x', []],
      ['sed -i "s/a/b/" /etc/x', ['/etc/x']],
      ['sed -i.bak -e s/a/b/ -e s/c/d/ /etc/x /etc/y', ['/etc/x', '/etc/y']],
      ['sed "s|/etc/a|b|" /etc/x', []],
      ['tar -xzf a.tar.gz -C /opt', ['/opt']],
      ['tar xf a.tar --directory=/opt', ['/opt']],
      ['tar -czf /tmp/a.tar.gz -C /etc .', []],
      ['echo x | tee -a /etc/x', ['/etc/x']],
      ['dd if=/dev/zero of=/etc/x bs=1', ['/etc/x']],
      ['echo x > /etc/x 2>> /var/log/y', ['/etc/x', '/var/log/y']],
      ['echo x 2>&1', []],
      ['cat < /etc/x', []],
      ['sudo -u root env A=1 cp a /etc/x', ['/etc/x']],
    ];
    for (const [text, expected] of commands) {
      it(`of ${text}`, () => {
        const paths = read(text).commands.flatMap((command) => writtenPaths(command));
        assert.deepEqual(
          paths.map(({ rest }) => rest),
          expected,
        );
      });
    }

    it('tells the variable in front and where the path stands', () => {
      const text = 'dd of="${ROOTFS_DIR}"/etc/x';
      const [path] = read(text).commands.flatMap((command) => writtenPaths(command));
      assert.equal(path?.variable, 'ROOTFS_DIR');
      assert.equal(path.rest, '/etc/x');
      assert.equal(text.slice(path.span.start, path.span.end), '"${ROOTFS_DIR}"/etc/x');
    });
  });

  it('puts wrappers aside', () => {
    const names = [
      'sudo -u pi pip install x',
      'env A=1 pip',
      'timeout 10 nice -n 5 pip',
      '/usr/bin/pip',
      'pip',
    ];
    for (const text of names) {
      const [command] = read(text).commands;
      assert.ok(command !== undefined);
      assert.equal(invocationOf(command)?.name, 'pip', text);
    }
    const [unknown] = read('"$tool" install').commands;
    assert.ok(unknown !== undefined);
    assert.equal(invocationOf(unknown), undefined);
  });

  describe('standard input', () => {
    function takesInput(text: string): boolean {
      return read(text).commands.some(
        (command) => inputReader(command) !== undefined && !hasOwnInput(command),
      );
    }

    it('is read', () => {
      for (const text of [
        'cat > x',
        'read -r a',
        'ssh host true',
        'apt-get install x',
        'sudo apt install x',
        'tee x',
        'if true; then cat > x; fi',
      ]) {
        assert.ok(takesInput(text), text);
      }
    });

    it('is not read, or is another one', () => {
      for (const text of [
        'cat a > x',
        'cat > x < a',
        'cat > x << EOF\na\nEOF',
        'read -r a <<< b',
        'echo a | cat',
        'echo a | { read -r b; }',
        'while read -r a; do read -r b; done < x',
        'ssh -n host true',
        'apt-get -y install x',
        'apt-get install $OPTIONS x',
        'apt-get update',
        'adduser app group',
      ]) {
        assert.ok(!takesInput(text), text);
      }
    });
  });
});
