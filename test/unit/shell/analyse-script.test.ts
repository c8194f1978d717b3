import assert from 'node:assert/strict';
import { analyseScript } from '../../../src/shell/analyse-script';
import type { BashParser } from '../../../src/shell/bash-parser';
import { placeAt } from '../../../src/shell/place-at';
import { commandsDeep, isInside, setsErrexit, shebang, walk } from '../../../src/shell/queries';
import type { Command, Script } from '../../../src/shell/script';
import { loadParser } from './parser';

let parser: BashParser;

before(async () => {
  parser = await loadParser();
});

after(() => {
  parser.dispose();
});

function analyse(text: string): Script {
  return analyseScript(parser, text, 'host');
}

function only<T>(values: readonly T[]): T {
  assert.equal(values.length, 1);
  return values[0]!;
}

/** Place and text of the programs directly inside. */
function inside(text: string): unknown[] {
  return analyse(text).embedded.map((program) => [program.source, program.place, program.text]);
}

function written(command: Command): string {
  return [command.name, ...command.arguments]
    .map((word) => word?.literal ?? `?${word?.text ?? ''}`)
    .join(' ');
}

describe('a program inside a script', () => {
  it('runs in the chroot in every form of on_chroot', () => {
    for (const [text, source, program] of [
      ['on_chroot << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ["on_chroot <<- 'EOF'\n\tls\n\tEOF\n", 'heredoc', 'ls\n'],
      ['on_chroot <<< "ls"\n', 'here-string', 'ls'],
      ['on_chroot -c "ls"\n', 'argument', 'ls'],
      ["on_chroot -e -c 'ls'\n", 'argument', 'ls'],
      ['on_chroot -ec ls\n', 'argument', 'ls'],
      ['cat << EOF | on_chroot\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['cat - <<EOF | on_chroot -s\nls\nEOF\n', 'heredoc', 'ls\n'],
      ["echo 'ls' | on_chroot\n", 'pipe', 'ls'],
      ['printf "%s\\n" ls | on_chroot\n', 'pipe', 'ls\n'],
      ["printf 'ls\\n' | on_chroot\n", 'pipe', 'ls\n'],
      ['! on_chroot << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['A=1 on_chroot << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['time on_chroot << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['sudo -E on_chroot << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['if ! on_chroot << EOF; then\nls\nEOF\n:; fi\n', 'heredoc', 'ls\n'],
      ['f() {\n on_chroot << EOF\nls\nEOF\n}\n', 'heredoc', 'ls\n'],
      ['on_chroot << EOF && a || b\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['on_chroot << EOF | tee log\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['on_chroot << EOF > log 2>&1 &\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['on_chroot > log << EOF; a\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['chroot "${ROOTFS_DIR}" bash << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['chroot "${ROOTFS_DIR}" /bin/sh -c "ls"\n', 'argument', 'ls'],
      ['sudo chroot --userspec=0 x << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['setarch linux32 capsh --drop=x --chroot=x/ -- -e -c "ls"\n', 'argument', 'ls'],
      ['systemd-nspawn -D x bash -c ls\n', 'argument', 'ls'],
    ] as const) {
      assert.deepEqual(inside(text), [[source, 'chroot', program]], text);
    }
  });

  it('runs where its shell is called', () => {
    for (const [text, source, program] of [
      ['bash << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ['sudo bash -s arg << EOF\nls\nEOF\n', 'heredoc', 'ls\n'],
      ["sh -c 'ls'\n", 'argument', 'ls'],
      ["su - user -c 'ls'\n", 'argument', 'ls'],
      ['env A=1 bash -c ls\n', 'argument', 'ls'],
      ['timeout 5 bash -c ls\n', 'argument', 'ls'],
    ] as const) {
      assert.deepEqual(inside(text), [[source, 'host', program]], text);
    }
    const [outer] = analyse("on_chroot << 'A'\nbash -c ls\nA\n").embedded;
    assert.equal(only(outer!.embedded).place, 'chroot');
  });

  it('is not what other commands read or print', () => {
    for (const text of [
      'cat > f << EOF\nls\nEOF\n',
      'tee f << EOF\nls\nEOF\n',
      'on_chroot < files/x.sh\n',
      'on_chroot apt-get update\n',
      'bash script.sh << EOF\nls\nEOF\n',
      'echo "on_chroot << EOF"\n',
      'cat f | on_chroot\n',
      'echo -e "a\\nb" | on_chroot\n',
      'printf "%d" 1 | on_chroot\n',
      'on_chroot 3<< EOF < f\nls\nEOF\n',
    ]) {
      assert.deepEqual(inside(text), [], text);
    }
  });

  it('leaves the substitutions of an unquoted heredoc to the host', () => {
    const text = 'on_chroot << EOF\na $(b) \\$(c) `d \\`e\\``\nEOF\n';
    assert.deepEqual(inside(text), [
      ['heredoc', 'chroot', 'a $(b) $(c) `d \\`e\\``\n'],
      ['substitution', 'host', 'b'],
      ['substitution', 'host', 'd `e`'],
    ]);
    const commands = [...commandsDeep(analyse(text))].map(({ script, command }) => [
      script.place,
      command.name?.text,
    ]);
    assert.deepEqual(commands, [
      ['host', 'on_chroot'],
      ['chroot', 'a'],
      ['chroot', 'c'],
      ['host', 'b'],
      ['host', 'd'],
      ['host', 'e'],
    ]);
    assert.deepEqual(inside('cat > f << EOF\n$(a)\nEOF\n'), [['substitution', 'host', 'a']]);
    assert.deepEqual(inside("cat > f << 'EOF'\n$(a)\nEOF\n"), []);
  });

  it('is followed into heredocs of heredocs, each unit at its place in the file', () => {
    const text =
      'on_chroot <<- A\n\ton_chroot <<- B\n\t\tcat > x <<- C\n\t\t\t\\\\\\$y\n\t\tC\n\t\tls \\\\\\$z\n\tB\nA\n';
    const outer = only(analyse(text).embedded);
    const inner = only(outer.embedded);
    assert.equal(inner.text, 'cat > x <<- C\n$y\nC\nls $z\n');
    for (let at = 0; at < inner.text.length; at++) assert.equal(text[inner.toFile(at)], inner.text[at]);
    const ls = inner.commands[1]!;
    const span = inner.toFileSpan(ls.name!.span);
    assert.equal(text.slice(span.start, span.end), 'ls');
    assert.deepEqual([inner.parent, outer.parent?.source], [outer, 'file']);
    assert.equal(inner.runBy, outer.commands[0]);
  });

  it('has marked what the host replaces in it', () => {
    const program = only(analyse('on_chroot -c "echo $A \\$B \'$C\' $(d)"\n').embedded);
    assert.equal(program.text, "echo $A $B '$C' $(d)");
    const expansions = program.hostExpansions.map(({ span, name }) => [
      program.text.slice(span.start, span.end),
      name,
    ]);
    assert.deepEqual(expansions, [
      ['$A', 'A'],
      ['$C', 'C'],
      ['$(d)', undefined],
    ]);
    // Quotes of the program do not keep the host from replacing what is in them.
    assert.equal(program.commands[0]!.arguments[2]!.literal, undefined);
  });
});

describe('a command', () => {
  it('has its words, their values without quotes, and its redirects', () => {
    const text = `A=1 B='x y' sudo "ap"t-get install -y 'a b' "$c" *.deb ~/x {a,b} \\$d > log 2>&1 << E\nE\n`;
    const command = only(analyse(text).commands);
    assert.equal(written(command), 'sudo apt-get install -y a b ?"$c" ?*.deb ?~/x ?{a,b} $d');
    assert.deepEqual(
      command.assignments.map(({ name, literal }) => [name, literal]),
      [
        ['A', '1'],
        ['B', 'x y'],
      ],
    );
    assert.deepEqual(
      command.redirects.map(({ operator, descriptor, target, heredoc }) => [
        operator,
        descriptor,
        target?.text ?? heredoc?.delimiter,
      ]),
      [
        ['>', undefined, 'log'],
        ['>&', 2, '1'],
        ['<<', undefined, 'E'],
      ],
    );
  });

  it('keeps the arguments that stand behind a redirect', () => {
    const command = only(analyse('cat << E -n > f -A\nE\n').commands);
    assert.equal(written(command), 'cat -n -A');
    assert.deepEqual(
      command.redirects.map(({ operator }) => operator),
      ['<<', '>'],
    );
  });

  it('knows what is piped into it', () => {
    const [a, b, c, d] = analyse('a | b 2>&1 | ! c; d\n').commands;
    assert.deepEqual([a!.pipedFrom, b!.pipedFrom, c!.pipedFrom, d!.pipedFrom], [undefined, a, b, undefined]);
    const [cat, chroot] = analyse('cat << E | on_chroot\nx\nE\n').commands;
    assert.equal(chroot!.pipedFrom, cat);
  });

  it('is found in functions, conditions, substitutions and assignments', () => {
    const script = analyse(
      'f() { a; }\nif b; then c; else d; fi\nX=$(e "$(g)")\nexport Y=$(h)\ncase i in j) k;; esac\n[[ -n $(l) ]] && m\n',
    );
    assert.deepEqual(
      script.commands.flatMap(({ name }) => (name === undefined ? [] : [name.text])),
      ['a', 'b', 'c', 'd', 'e', 'g', 'export', 'h', 'k', 'l', 'm'],
    );
    assert.deepEqual([...script.functions], ['f']);
    const [a, b, c] = script.commands;
    assert.ok(isInside(a!, 'function_definition') && !isInside(b!, 'function_definition'));
    assert.ok(isInside(c!, 'if_statement', 'while_statement'));
    assert.equal(a!.ancestors.at(-1)?.type, 'program');
  });

  it('can be a declaration, an assignment or a redirect alone', () => {
    const [declaration, assignment, redirect] = analyse('export A=1 B\nC=2 D="e f"\n> f\n').commands;
    assert.equal(written(declaration!), 'export B');
    assert.deepEqual(
      declaration!.assignments.map(({ name, literal }) => `${name}=${literal}`),
      ['A=1'],
    );
    assert.equal(assignment!.name, undefined);
    assert.deepEqual(
      assignment!.assignments.map(({ name, literal }) => `${name}=${literal}`),
      ['C=2', 'D=e f'],
    );
    assert.deepEqual(
      redirect!.redirects.map(({ target }) => target?.text),
      ['f'],
    );
  });

  it('is read right behind forms that the grammar does not know', () => {
    const text = [
      'if [[ $x = *" "* ]]; then a; fi',
      'cat << A; b',
      '  A',
      'A',
      'cat << A << B &',
      '',
      'A',
      '  indented',
      'B',
      'c << A | d && e',
      '\\first',
      'A',
      'f',
      '',
    ].join('\n');
    const script = analyse(text);
    assert.deepEqual(
      script.commands.map(({ name }) => name?.text),
      ['a', 'cat', 'b', 'cat', 'c', 'd', 'e', 'f'],
    );
    assert.ok([...walk(script.root)].every(({ type }) => type !== 'ERROR'));
  });

  it('is read behind a statement that cannot be read', () => {
    const script = analyse('if a; then\n  b\n\non_chroot << EOF\nls\nEOF\nc "$d"\n');
    assert.equal(only(script.embedded).place, 'chroot');
    assert.ok(script.commands.some((command) => written(command) === 'c ?"$d"'));
  });
});

describe('every position of a script', () => {
  it('is known to run on the host or in the chroot', () => {
    const text = 'a\non_chroot << EOF\nb ${C} $(d)\nEOF\ne\n';
    const script = analyse(text);
    const at = (needle: string) => {
      const { place, hostExpanded } = placeAt(script, text.indexOf(needle));
      return [place, hostExpanded];
    };
    assert.deepEqual(at('a\n'), ['host', false]);
    assert.deepEqual(at('on_chroot'), ['host', false]);
    assert.deepEqual(at('b '), ['chroot', false]);
    assert.deepEqual(at('C}'), ['chroot', true]);
    assert.deepEqual(at('d)'), ['host', true]);
    assert.deepEqual(at('e\n'), ['host', false]);
    assert.deepEqual(placeAt(script, text.length + 5).place, 'host');
  });
});

describe('what is asked of a script', () => {
  it('is its first line', () => {
    const line = shebang(analyse('#! /usr/bin/env  bash -e\r\nls\n'));
    assert.deepEqual(line, {
      span: { start: 0, end: 24 },
      interpreter: '/usr/bin/env',
      arguments: ['bash', '-e'],
    });
    assert.equal(shebang(analyse('\n#!/bin/sh\n')), undefined);
  });

  it('is where it turns errexit on', () => {
    const script = analyse(
      'set -e\nset -euo pipefail\nset -o errexit\nset -x\nset +e\nset -o pipefail\necho set -e\n',
    );
    assert.deepEqual(
      setsErrexit(script).map(({ span }) => script.text.slice(span.start, span.end)),
      ['set -e', 'set -euo pipefail', 'set -o errexit'],
    );
  });
});
