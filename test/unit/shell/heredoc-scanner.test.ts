import assert from 'node:assert/strict';
import { findHostExpansions, scanShell } from '../../../src/shell/heredoc-scanner';
import { heredocText } from '../../../src/shell/program-text';

/** What is found of each heredoc: `<<` or `<<-`, delimiter, body, and whether it is literal and terminated. */
function found(text: string): unknown[] {
  return scanShell(text).heredocs.map((heredoc) => {
    const { operator, word, delimiter, quoted, stripsTabs, body, terminator } = heredoc;
    assert.equal(text.slice(operator.start, operator.start + 2), '<<');
    assert.equal(word.end, operator.end);
    return [
      stripsTabs ? '<<-' : '<<',
      delimiter,
      text.slice(body.start, body.end),
      ...(quoted ? ['quoted'] : []),
      ...(terminator === undefined ? ['open'] : []),
    ];
  });
}

function kinds(text: string): unknown[] {
  return findHostExpansions(text, { start: 0, end: text.length }).map(({ span, kind, name }) => [
    text.slice(span.start, span.end),
    kind,
    ...(name === undefined ? [] : [name]),
  ]);
}

describe('a heredoc', () => {
  it('is found in its plain forms', () => {
    assert.deepEqual(found('on_chroot << EOF\nls\nEOF\n'), [['<<', 'EOF', 'ls\n']]);
    assert.deepEqual(found('on_chroot <<EOF\nls\nEOF'), [['<<', 'EOF', 'ls\n']]);
    assert.deepEqual(found('on_chroot <<EOF\nEOF\n'), [['<<', 'EOF', '']]);
    assert.deepEqual(found('cat 3<<EOF\nx\nEOF\n'), [['<<', 'EOF', 'x\n']]);
  });

  it('is literal where any part of its delimiter is quoted', () => {
    for (const written of ["'EOF'", '"EOF"', '\\EOF', 'E"O"F', "E'OF'", "$'EOF'", '$"EOF"', "$'\\x45OF'"]) {
      assert.deepEqual(found(`cat << ${written}\nx\nEOF\n`), [['<<', 'EOF', 'x\n', 'quoted']], written);
    }
    assert.deepEqual(found('cat << "a b"\nx\na b\n'), [['<<', 'a b', 'x\n', 'quoted']]);
    assert.deepEqual(found("cat << ''\nx\n\n"), [['<<', '', 'x\n', 'quoted']]);
  });

  it('ends only at a line that is the delimiter, tabs left out for <<-', () => {
    assert.deepEqual(found('cat << EOF\n  EOF\n\tEOF\nEOF \nEOF\n'), [['<<', 'EOF', '  EOF\n\tEOF\nEOF \n']]);
    assert.deepEqual(found('cat <<- EOF\n\tx\n  EOF\n\t\tEOF\n'), [['<<-', 'EOF', '\tx\n  EOF\n']]);
    assert.deepEqual(found('cat << EOF\nx\n'), [['<<', 'EOF', 'x\n', 'open']]);
    assert.deepEqual(found('cat << EOF'), [['<<', 'EOF', '', 'open']]);
  });

  it('takes a carriage return for a part of the line and of the delimiter', () => {
    assert.deepEqual(found('cat << EOF\nx\nEOF\r\n'), [['<<', 'EOF', 'x\nEOF\r\n', 'open']]);
    assert.deepEqual(found('cat << EOF\r\nx\r\nEOF\r\n'), [['<<', 'EOF\r', 'x\r\n']]);
  });

  it('joins escaped lines before it looks for the terminator, unless it is literal', () => {
    assert.deepEqual(found('cat << EOF\nx\\\nEOF\nEOF\n'), [['<<', 'EOF', 'x\\\nEOF\n']]);
    assert.deepEqual(found('cat << EOF\nx\\\\\nEOF\n'), [['<<', 'EOF', 'x\\\\\n']]);
    assert.deepEqual(found('cat << EOF\nx\nE\\\nOF\n'), [['<<', 'EOF', 'x\n']]);
    assert.deepEqual(found("cat << 'EOF'\nx\\\nEOF\n"), [['<<', 'EOF', 'x\\\n', 'quoted']]);
  });

  it('may share its line with others and with more of the command', () => {
    const text = "cat << A - <<'B' | tee x; on_chroot <<-C && y\n1\nA\n2\nB\n\t3\n\tC\nz\n";
    assert.deepEqual(found(text), [
      ['<<', 'A', '1\n'],
      ['<<', 'B', '2\n', 'quoted'],
      ['<<-', 'C', '\t3\n'],
    ]);
    assert.deepEqual(found('cat << \\\n A \\\n > x\n1\nA\n'), [['<<', 'A', '1\n']]);
  });

  it('is found in substitutions, functions, conditions and groups', () => {
    for (const [before, after] of [
      ['x=$(', ')'],
      ['echo "a $(', ') b"'],
      ['echo "${x:-$(', ')}"'],
      ['diff <(', ') y'],
      ['x=`', '`'],
      ['f() { ', '}'],
      ['if ! ', 'then :; fi'],
      ['x=$(case a in b) ', ';; esac)'],
      ['( ', ')'],
      ['((echo a); ', ')'],
      ['a=(x\n$(', '))'],
    ]) {
      assert.deepEqual(found(`${before}cat << EOF\nx )\nEOF\n${after}\n`), [['<<', 'EOF', 'x )\n']], before);
    }
    assert.deepEqual(found('x=$(cat << EOF\ny\nEOF)\nz\n'), [['<<', 'EOF', 'y\n']]);
    assert.deepEqual(found('x=$(cat << EOF)\ny\nEOF\nz\n'), [['<<', 'EOF', 'y\n']]);
  });

  it('is told from what looks like one', () => {
    for (const text of [
      'cat <<< EOF',
      'x=$((1<<2))',
      'echo "$((1<<2))" $[1<<2]',
      '((x<<=2))',
      'for ((i=1<<2; i<9; i++)); do :; done',
      'a[1<<2]=3',
      'let "x=1<<2"',
      '# cat << EOF',
      'echo a # << EOF',
      'echo "<< EOF"',
      "echo '<< EOF'",
      "echo $'\\'<< EOF'",
      'echo \\<\\< EOF',
      'echo ${x#<<EOF}',
      '[[ a < b && $x =~ <<EOF ]]',
      'x=(a "<<EOF")',
    ]) {
      assert.deepEqual(found(`${text}\nEOF\n`), [], text);
    }
    assert.equal(found('echo a#b << EOF\nEOF\n').length, 1);
    assert.equal(found('echo ${#x} $# << EOF\nEOF\n').length, 1);
    // bash reads this as a heredoc: let is a command like any other.
    assert.deepEqual(found('let x<<2\n1\n2\n'), [['<<', '2', '1\n']]);
  });
});

describe('a comment', () => {
  it('begins where a word could', () => {
    const text = '#!/bin/bash\necho a#b "# c" # d\r\ncat << E\n# body\nE\nx=$(y # z\n)\n';
    const comments = scanShell(text).comments.map(({ start, end }) => text.slice(start, end));
    assert.deepEqual(comments, ['#!/bin/bash', '# d', '# z']);
  });
});

describe('the body of an unquoted heredoc', () => {
  it('has its expansions found', () => {
    assert.deepEqual(kinds('$x ${y} $1 $? $@ $$ ${10}'), [
      ['$x', 'parameter', 'x'],
      ['${y}', 'parameter', 'y'],
      ['$1', 'parameter', '1'],
      ['$?', 'parameter', '?'],
      ['$@', 'parameter', '@'],
      ['$$', 'parameter', '$'],
      ['${10}', 'parameter', '10'],
    ]);
    assert.deepEqual(kinds('${x:-y} ${x#"}"} ${x:-$(z)}'), [
      ['${x:-y}', 'parameter'],
      ['${x#"}"}', 'parameter'],
      ['${x:-$(z)}', 'parameter'],
    ]);
    assert.deepEqual(kinds("$(a ')' b) `c \\` d` $((1+2)) $[3]"), [
      ["$(a ')' b)", 'command'],
      ['`c \\` d`', 'command'],
      ['$((1+2))', 'arithmetic'],
      ['$[3]', 'arithmetic'],
    ]);
  });

  it('protects with a backslash and with nothing else', () => {
    assert.deepEqual(kinds('\\$x \\\\$y \\`z\\` $ a$'), [['$y', 'parameter', 'y']]);
    assert.deepEqual(kinds(`'$x' "$y" # $z`), [
      ['$x', 'parameter', 'x'],
      ['$y', 'parameter', 'y'],
      ['$z', 'parameter', 'z'],
    ]);
    assert.deepEqual(kinds("${x:-it's} $y"), [
      ["${x:-it's}", 'parameter'],
      ['$y', 'parameter', 'y'],
    ]);
  });

  it('arrives with its escapes undone, each unit at its place', () => {
    const text = 'cat <<- EOF\n\ta \\$x \\\\ \\w \\\n\tb\n\t${c}\nEOF\n';
    const [heredoc] = scanShell(text).heredocs;
    const { text: body, map, hostExpansions } = heredocText(text, heredoc!);
    assert.equal(body, 'a $x \\ \\w \tb\n${c}\n');
    for (let at = 0; at < body.length; at++) assert.equal(text[map.toOuter(at)], body[at]);
    assert.deepEqual(
      hostExpansions.map(({ span }) => body.slice(span.start, span.end)),
      ['${c}'],
    );
    assert.deepEqual(map.toOuterSpan({ start: 2, end: 4 }), {
      start: text.indexOf('$x'),
      end: text.indexOf('$x') + 2,
    });
  });
});
