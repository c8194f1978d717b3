import type { PreflightFacts } from './facts';
import type { CheckVerdict, VerdictState } from './verdict';

const words: Record<VerdictState, string> = {
  fine: 'ok',
  warning: 'warning',
  fail: 'fails',
  unknown: 'not known',
};

/** The report as Markdown, to be shown in an editor and copied into a bug report. */
export function markdownReport(facts: PreflightFacts, verdicts: readonly CheckVerdict[]): string {
  const { program, engine, machine } = facts;
  const lines = [
    '# pi-gen Stages: environment',
    '',
    summary(verdicts),
    '',
    ...verdicts.flatMap((verdict) => [
      `- **${verdict.title}**: ${words[verdict.state]}. ${escaped(verdict.message)}`,
      ...(verdict.fix === undefined ? [] : [`  - ${escaped(verdict.fix)}`]),
    ]),
    '',
    '| | |',
    '|---|---|',
    `| pi-gen Stages | ${cell(program.version)} on ${cell(program.platform)} |`,
    `| git | ${cell(program.git ?? 'none')} |`,
    ...(engine.ok
      ? [
          `| engine | ${cell(`${engine.facts.product} ${engine.facts.version}, ${engine.facts.operatingSystem}`)} |`,
          `| its machine | ${cell(`${engine.facts.machine}, kernel ${engine.facts.kernel}`)} |`,
        ]
      : []),
    ...(machine?.ok === true ? [`| binfmt_misc | ${cell(formats(machine.facts.formats))} |`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** One sentence on how many checks say what. */
export function summary(verdicts: readonly CheckVerdict[]): string {
  const count = (state: VerdictState): number => verdicts.filter((verdict) => verdict.state === state).length;
  const failing = count('fail');
  const warnings = count('warning');
  const parts = [
    failing === 0
      ? 'Nothing found that would make a build fail'
      : `${failing} of these would make a build fail`,
    ...(warnings === 0 ? [] : [`${warnings} may`]),
    ...(count('unknown') === 0 ? [] : [`${count('unknown')} could not be looked at`]),
  ];
  return `${parts.join('; ')}.`;
}

function formats(all: readonly { readonly name: string; readonly flags: string }[] | undefined): string {
  if (all === undefined) return 'none';
  return all.map(({ name, flags }) => `${name} (${flags})`).join(', ') || 'nothing registered';
}

/** Names of stages and words of an engine must not turn into markup. Code in backticks is ours. */
function escaped(text: string): string {
  const parts = text.replaceAll('\n', ' ').split('`');
  // Every second part is code, which takes characters as they are.
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[<>[\]*_|]/g, '\\$&')))
    .join('`');
}

function cell(text: string): string {
  return escaped(text).trim();
}
