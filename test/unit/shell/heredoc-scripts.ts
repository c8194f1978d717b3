import fc from 'fast-check';

/**
 * Scripts full of heredocs that are safe to run: `d ID` writes the heredoc that it reads to descriptor 9, `:` does nothing,
 * and everything else is structure around them. All of it is carried out exactly once.
 */
export function heredocScripts(): fc.Arbitrary<string> {
  const choices = fc.infiniteStream(fc.nat(9999));
  return choices.map((stream) => new ScriptWriter(stream).script());
}

const delimiters: readonly (readonly [written: string, delimiter: string])[] = [
  ['EOF', 'EOF'],
  ["'EOF'", 'EOF'],
  ['"EOF"', 'EOF'],
  ['\\EOF', 'EOF'],
  ['E"O"F', 'EOF'],
  ["$'E\\x4fF'", 'EOF'],
  ["'E F'", 'E F'],
  ['E\\ F', 'E F'],
  ['E#F', 'E#F'],
  ['-x', '-x'],
  ['E-1.2', 'E-1.2'],
  ["''", ''],
  ['"a\\"b\\c"', 'a"b\\c'],
  ['E\\\nF', 'EF'],
  ['$X', '$X'],
  ['${X}', '${X}'],
];

/** Statements without a heredoc that look as if they had one, or that upset a careless reader. */
export const decoys = [
  ': <<< EOF',
  ': <<<"EOF"',
  ': $((1<<2))',
  ': $(( (1<<2) + 3 ))',
  ': "$((1<<2))"',
  '((x=1<<2)) || :',
  '((x = (1<<2)))',
  ': "<<EOF"',
  ": '<<EOF'",
  ": $'<<\\'EOF'",
  ': \\<\\<EOF',
  ': # <<EOF',
  ': a#<<<x',
  ': ${x#<<EOF}',
  ': "${x:-<<EOF}"',
  ": ${#x} $# ${x#'}'}",
  'a=(x "<<EOF" # <<EOF\n y)',
  'b[1<<2]=3',
  'let "x=1<<2"',
  '[[ a < b ]] || :',
  '[[ a == *"<<EOF"* ]] || :',
  '[[ a =~ ^(b|c)$ ]] || :',
  '[[ a == b &&\n c == d ]] || :',
  'case a in (a) : ;; b|c) : ;; esac',
  'case a in\na) : ;;&\n*) : ;;\nesac',
  ': `: "<<EOF"`',
  ': "`: a`"',
  ': $(: "<<EOF" ) "$(: ")")"',
  ': $(case a in a) : ;; esac)',
  ': $( (:) )',
  ': "it\'s"',
  ': \\" \\\' \\` \\$',
  '! : || :',
  'for i in 1; do :; done',
  'for ((i=0; i<1<<0; i++)); do :; done',
  'while false; do :; done',
  'g() { :; }',
  'function h { :; }',
  ': a\\\n<<<b',
  '# it\'s "a comment',
  ': >&2',
  ': 2>/dev/null &>/dev/null',
];

/** Lines of bodies: near misses of terminators above all. */
const lines = [
  'text',
  '',
  ' EOF',
  'EOF ',
  '\tEOF',
  'EOFX',
  'xEOF',
  '\t\ttabs',
  "it's",
  'say "hi',
  '# no comment',
  ')',
  'esac',
  '}',
  'a\\\\',
  '\\$x \\`y\\` \\"z\\" \\w',
  'EOF\r',
  'carriage\r',
  '<< EOF',
  'd 9999 <<EOF',
];

const literalLines = ['$(unclosed', '${x', '`tick', '$((', '\\', 'ends in \\', '$x'];

class ScriptWriter {
  #ids = 0;

  constructor(private readonly stream: fc.Stream<number>) {}

  /** bash 5.2 prints a `$(…)` anew before it runs it, and gets unusual delimiters and `<<E && …` wrong at that. */
  #plain = 0;

  script(): string {
    const count = 1 + this.#below(5);
    let text = '';
    for (let i = 0; i < count; i++) text += this.#statement(0);
    return this.#below(12) === 0 ? `${text}d ${++this.#ids} <<END\nopen\nbody` : text;
  }

  #below(limit: number): number {
    const next = this.stream.next();
    return next.done === true ? 0 : next.value % limit;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  #statement(depth: number): string {
    const kind = this.#below(depth > 3 ? 5 : 12);
    if (kind < 3) return this.#heredocLine();
    if (kind < 5) return `${this.#pick(decoys)}\n`;
    const body = (): string => `:\n${this.#statement(depth + 1)}${this.#statement(depth + 1)}`;
    const substituted = (): string => {
      this.#plain++;
      const text = body();
      this.#plain--;
      return text;
    };
    switch (kind) {
      case 5:
        return `{ ${body()}}\n`;
      case 6:
        return `( ${body()})\n`;
      case 7:
        return `x=$(${substituted()})\n`;
      case 8:
        return `: "a $(${substituted()}) b"\n`;
      case 9:
        return `if :; then ${body()}fi\n`;
      case 10:
        return this.#pick([
          `case a in a) ${body()};; esac\n`,
          `x=$(case a in a) ${substituted()};; b) : ;; esac)\n`,
        ]).replace(/\n;;/, '\n:;;');
      default:
        return this.#pick([
          `f() {\n${body()}}\nf\n`,
          `for i in 1; do ${body()}done\n`,
          `x=\`d ${++this.#ids} <<EOF\nin backticks\nEOF\n\`\n`,
          `: "\${y:-$(${substituted()})}"\n`,
        ]);
    }
  }

  /** One line with one to three heredocs, and their bodies. */
  #heredocLine(): string {
    const plain = this.#plain > 0;
    const count = plain ? 1 : this.#pick([1, 1, 1, 2, 3]);
    let line = '';
    let bodies = '';
    for (let i = 0; i < count; i++) {
      const [written, delimiter] = this.#pick(plain ? delimiters.slice(0, 4) : delimiters);
      const stripsTabs = this.#below(3) === 0;
      const gap = written.startsWith('-') ? ' ' : this.#pick(['', ' ', '\t', ' \\\n ']);
      const after = plain
        ? ''
        : this.#pick(['', '', ' ', ' # <<NOT', ' 2>&1', ' >&2', ' && :', ' || :', ' | :']);
      const before = this.#pick(['', '', '', 'A=1 ', '! ', ': && ', ': | ']);
      const last = i === count - 1;
      const tail = last ? after : after.includes('#') ? '' : after;
      line += `${before}d ${++this.#ids} <<${stripsTabs ? '-' : ''}${gap}${written}${tail}${last ? '\n' : '; '}`;
      bodies += this.#body(delimiter, /['"\\]/.test(written.replace('\\\n', '')), stripsTabs);
    }
    return line + bodies;
  }

  #body(delimiter: string, quoted: boolean, stripsTabs: boolean): string {
    let body = '';
    const count = this.#below(5);
    for (let i = 0; i < count; i++) {
      const line = quoted && this.#below(3) === 0 ? this.#pick(literalLines) : this.#pick(lines);
      if (line === delimiter || (line.trim() === delimiter && stripsTabs) || line === '') {
        if (delimiter === '' || line !== '') continue;
      }
      body += `${line}\n`;
      if (!quoted && !delimiter.startsWith('$') && this.#below(6) === 0) body += `joined \\\n${delimiter}\n`;
    }
    if (stripsTabs) body += this.#pick(['', '\t', '\t\t']);
    if (!quoted && delimiter.length > 1 && this.#below(8) === 0) {
      return `${body}${delimiter.slice(0, 1)}\\\n${delimiter.slice(1)}\n`;
    }
    return `${body}${delimiter}\n`;
  }
}
