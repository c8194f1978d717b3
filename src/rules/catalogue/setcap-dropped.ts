import type { Fix, FixEdit, Severity } from '../../pigen/finding';
import { staticValue } from '../../pigen/config/config';
import type { ConfigFile } from '../../pigen/config/config';
import { LineIndex } from '../../pigen/text';
import type { WorkflowFile } from '../../pigen/workflow/workflow';
import { programsOf } from '../../shell/queries';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { Command, Script } from '../../shell/script';
import { invocationOf } from '../../shell/shell-invocation';
import { placeOf } from '../../shell/place-at';
import { definesFunction, textOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';

export const setcapDropped: Rule = {
  name: 'setcap-dropped',
  severity: 'warning',
  summary: '`setcap` inside the chroot, which may not set capabilities unless config says `SETFCAP=1`.',
  page: {
    why: `build.sh sets \`CAPSH_ARG="--drop=cap_setfcap"\` unless \`SETFCAP=1\`, and \`on_chroot\` (scripts/common) starts its bash with that:
no program inside the chroot may give capabilities to a file.`,
    build: `The build stops here:

\`\`\`
unable to set CAP_SETFCAP effective capability: Operation not permitted
\`\`\``,
    fix: 'Put `SETFCAP=1` into config (with pi-gen-action: `setfcap: 1`), or let a unit on the Raspberry Pi grant the capability: `AmbientCapabilities=`. The quick fix turns it on; pi-gen warns that such an image may not run from a file system without capabilities, such as NFS.',
    silent: [
      'a config or a workflow that turns it on, or whose value cannot be known',
      'trees with neither a config nor a workflow',
      '`setcap -r`, `getcap`, and `setcap` on the build host',
      '`|| true` behind it: information only',
    ],
    bad: { tree: 'bad-setcap', show: 'stage-app/00-service/00-run-chroot.sh' },
    good: { tree: 'good-setcap', show: 'stage-app/00-service/00-run-chroot.sh' },
  },

  *checkScript(file: ScriptFile, context: TreeContext): Iterable<Report> {
    if (!file.text.includes('setcap') || !isDropped(context.tree)) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'chroot') continue;
      for (const command of program.commands) {
        const invocation = invocationOf(command);
        if (invocation?.name !== 'setcap' || definesFunction(program, 'setcap')) continue;
        if (invocation.arguments.some(({ text }) => /^-[rvh]$/.test(text))) continue;
        if (placeOf(program, invocation.nameWord.span) !== 'chroot') continue;
        yield {
          message:
            'pi-gen takes the right to set capabilities away from everything inside the chroot, so setcap fails with "Operation not permitted". Put SETFCAP=1 into config.',
          severity: severityOf(program, command),
          file: file.path,
          span: program.toFileSpan(invocation.nameWord.span),
          fixes: turnOn(context.tree),
        };
      }
    }
  },
};

/** Whether the tree surely builds without SETFCAP=1: every config and workflow that it has says nothing of it, or no. */
function isDropped({ configs, workflows }: StageTree): boolean {
  const steps = workflows.flatMap((workflow) => workflow.steps);
  if (configs.length === 0 && steps.length === 0) return false;
  const inConfigs = configs.every(
    (config) =>
      !config.assignments.some(({ name }) => name === 'SETFCAP') || staticValue(config, 'SETFCAP') === '0',
  );
  const inputs = steps.flatMap((step) => step.inputs.filter(({ name }) => name === 'setfcap'));
  return inConfigs && inputs.every(({ value }) => value === '0' || value === 'false' || value === '');
}

/** Says SETFCAP=1 wherever the tree configures a build; none where one of these places is written in another way than usual. */
function turnOn({ configs, workflows }: StageTree): readonly Fix[] {
  const edits = [...configs.map(inConfig), ...workflows.flatMap(inWorkflow)];
  return edits.every((edit) => edit !== undefined)
    ? [{ title: 'Turn SETFCAP on in the configuration', edits }]
    : [];
}

function inConfig({ path, text, assignments }: ConfigFile): FixEdit | undefined {
  const lines = new LineIndex(text);
  const own = assignments.filter(({ name }) => name === 'SETFCAP');
  const [only] = own;
  if (own.length > 1) return undefined;
  if (only !== undefined)
    return { kind: 'replace', file: path, range: lines.range(only.valueSpan), text: '1' };
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  const range = lines.range({ start: text.length, end: text.length });
  return { kind: 'replace', file: path, range, text: `${gap}SETFCAP=1\n` };
}

/** `setfcap: 1` as the first input of each step. */
function inWorkflow({ path, text, steps }: WorkflowFile): readonly (FixEdit | undefined)[] {
  const lines = new LineIndex(text);
  // Two steps may share their inputs, by an alias.
  const own = new Map(steps.map((step) => [step.inputs[0]?.nameRange.start.line, step]));
  return [...own.values()].map(({ inputs }) => {
    const given = inputs.find(({ name }) => name === 'setfcap');
    const first = inputs[0];
    if (given !== undefined || first === undefined) return undefined;
    const start = lines.lineStart(first.nameRange.start.line);
    const indentation = text.slice(start, lines.offset(first.nameRange.start));
    if (!/^ +$/.test(indentation)) return undefined;
    return {
      kind: 'replace',
      file: path,
      range: lines.range({ start, end: start }),
      text: `${indentation}setfcap: 1\n`,
    };
  });
}

/** Whether a failure of it is provided for. */
function severityOf(program: Script, command: Command): Severity {
  const list = command.ancestors.find(({ type }) => type === 'list');
  return list !== undefined && textOf(program, list).includes('||') ? 'information' : 'warning';
}
