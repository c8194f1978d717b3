import { actionInputs, removedInputs } from '../../pigen/workflow/action-inputs';
import type { ActionInput } from '../../pigen/workflow/action-inputs';
import { branchOfVersion, configVariablesOf, findBranch } from '../../pigen/branches';
import type { Branch } from '../../pigen/branches';
import type { Fix } from '../../pigen/finding';
import { baseName } from '../../pigen/files/path';
import { isSecretName } from '../../pigen/config/secrets';
import type { StageListEntry } from '../../pigen/tree/stage-tree';
import type { TextRange } from '../../pigen/text';
import type { PiGenActionStep, WorkflowFile, WorkflowInput } from '../../pigen/workflow/workflow';
import { pathWord } from '../../shell/path-word';
import type { Word } from '../../shell/script';
import { nearestName } from '../knowledge/nearest-name';
import type { Report, Rule, ScriptFile, TreeContext } from '../rule';
import { checkQuoting } from '../knowledge/workflow-quoting';
import { switchProblem } from '../knowledge/switch-problem';

export const workflow: Rule = {
  name: 'workflow',
  severity: 'error',
  summary: 'An input of pi-gen-action that it does not know, does not accept, or that names nothing.',
  page: {
    why: `usimd/pi-gen-action checks its inputs before it builds (validateConfig), and GitHub hands it only those that it knows. It clones
\`pi-gen-version\` as a branch or a tag, and mounts each stage of \`stage-list\` alone into the build container: what lies beside a
stage in the repository is not there. What it takes for the config, it writes there as \`NAME="VALUE"\`, with nothing in the value
escaped (writeToFile): bash reads \`"\`, \`$\`, backticks and \`\\\` of a password as its own.`,
    build: `GitHub: \`Unexpected input(s) 'stages'\`, as a warning, and the input has no effect. The action: \`compression must be one of …\`,
\`stage-list must contain valid pi-gen stage names "stage[0-5]" and/or valid directories\`. git: \`Remote branch … not found\` for a
commit’s SHA. build-docker.sh: \`config: line 4: unexpected EOF while looking for matching \`"'\`, or \`ecret: unbound variable\`; or
nothing at all, and another password.`,
    fix: 'Correct the name or the value that the message names. The quick fix puts in the nearest name.',
    silent: [
      'values with `${{ … }}`; of a secret nobody can say here whether it holds such a character',
      'characters that a backslash escapes already: `pa\\$word`',
      'a `$` before which nothing is put in: at the end, or before a blank; variables and commands in `image-name`, `pi-gen-release` and `docker-opts`, which may be meant',
      'other actions; and inputs of forks of this one',
      'stages that an earlier step of the workflow makes or checks out',
      'a release of one’s own with a fork of pi-gen',
    ],
    bad: { tree: 'bad-inputs', show: '.github/workflows/image.yml' },
    good: { tree: 'good-inputs', show: '.github/workflows/image.yml' },
  },
  aboutSurroundings: true,
  reach: 'folders',

  *checkTree({ tree }: TreeContext): Iterable<Report> {
    for (const file of tree.workflows) {
      if (file.broken !== undefined) continue;
      // Two steps may share their inputs, by an alias.
      const told = new Set<string>();
      for (const step of file.steps) {
        for (const report of checkStep(file, step)) {
          const key = JSON.stringify([report.message, report.range]);
          if (!told.has(key)) yield report;
          told.add(key);
        }
      }
      for (const list of tree.stageLists) {
        if (list.file === file.path) yield* checkEntries(file, list.entries);
      }
    }
  },

  *checkScript(file: ScriptFile, { tree }: TreeContext): Iterable<Report> {
    const { stage, subStage } = file;
    if (!file.text.includes('../') || file.place !== 'host') return;
    if (stage === undefined || subStage === undefined) return;
    const list = tree.stageList;
    const isMounted = list.source === 'workflow' && list.entries.some(({ path }) => path === stage.path);
    if (!isMounted || tree.stageLists.some(({ source }) => source === 'config')) return;
    for (const command of file.script.commands) {
      const inputs = command.redirects.flatMap(({ operator, target }) =>
        operator === '<' && target ? [target] : [],
      );
      for (const word of [...command.arguments, ...inputs]) {
        const outside = pathOutside(word);
        if (outside === undefined) continue;
        if (command.ancestors.some(({ type }) => type === 'if_statement' || type === 'list')) continue;
        if (outside.way.startsWith(`${stage.name}/`)) continue;
        yield {
          message: `pi-gen-action mounts each stage alone into the build container, so ${outside.shown}, which lies outside of ${stage.name}, is not there and the build fails. Move it into the stage.`,
          file: file.path,
          span: word.span,
          severity: 'warning',
        };
      }
    }
  },
};

function* checkStep(file: WorkflowFile, step: PiGenActionStep): Iterable<Report> {
  if (step.mergeKey !== undefined) {
    yield {
      message: `GitHub knows YAML's anchors, but not its merge key <<, and does not run a workflow that has one. Write the inputs out, or take all of another step's with an alias: with: *name.`,
      file: file.path,
      range: step.mergeKey,
      severity: 'warning',
    };
    return;
  }
  const known = step.uses.startsWith('usimd/pi-gen-action@');
  for (const input of step.inputs) {
    const reports = [...checkInput(file, step, input, known)];
    yield* reports;
    if (reports.length === 0) yield* checkQuoting(file, input);
  }
  if (known) yield* checkRequired(file, step);
  yield* checkNeeds(file, step);
  yield* checkVersion(file, step);
}

/** A path of a sub-stage's script that leads to beside its stage: `../../shared/x`, `"${STAGE_DIR}/../shared/x"`. */
function pathOutside(word: Word): { readonly way: string; readonly shown: string } | undefined {
  const { variable, rest, quote } = pathWord(word);
  const isOfStage = variable === 'STAGE_DIR' && quote !== "'";
  if (variable !== undefined && !isOfStage) return undefined;
  const found = (isOfStage ? /^\/+\.\.\/([\w.-]+\/.*)$/ : /^(?:\.\/)?\.\.\/\.\.\/([\w.-]+\/.*)$/).exec(rest);
  const way = found?.[1];
  return way === undefined || way.startsWith('../') || /[$`]/.test(way)
    ? undefined
    : { way, shown: isOfStage ? `\${STAGE_DIR}${rest}` : rest };
}

const inputsByName: ReadonlyMap<string, ActionInput> = new Map(
  actionInputs.map((input) => [input.name, input]),
);

function* checkInput(
  file: WorkflowFile,
  step: PiGenActionStep,
  { name, nameRange, value, valueRange }: WorkflowInput,
  known: boolean,
): Iterable<Report> {
  // GitHub takes the names of inputs without regard to case.
  const input = inputsByName.get(name.toLowerCase());
  if (input === undefined) {
    // A pinned older version may still know it.
    if (removedInputs.has(name) && !/@(?:v1|main|master|v1\.(?:9|1\d).*)$/.test(step.uses)) return;
    if (known) yield unknownInput(file, step, name, nameRange);
    return;
  }
  if (value === undefined || (value === '' && input.required !== true)) return;
  const compared = input.foldsCase === true ? value.toLowerCase() : value;
  const accepted = input.values?.includes(compared) !== false && input.pattern?.test(value) !== false;
  if (accepted) return;
  if (input.unchecked === true) {
    yield* checkSwitch(file, step, input, { value, range: valueRange });
    return;
  }
  const shown = isSecretName(name.replaceAll('-', '_')) ? 'This value' : `"${value}"`;
  const near = input.values === undefined ? undefined : nearestName(value, input.values);
  yield {
    message: `${shown} is nothing that the action accepts: ${name} must be ${input.demand ?? 'another value'}, else it stops before it builds.`,
    file: file.path,
    range: valueRange,
    fixes: near === undefined ? [] : [replacement(file, valueRange, near)],
  };
}

function* checkSwitch(
  file: WorkflowFile,
  { inputs }: PiGenActionStep,
  { name, variable = '' }: ActionInput,
  { value, range }: { readonly value: string; readonly range: TextRange },
): Iterable<Report> {
  const hasPassword = inputs.some((one) => one.name.toLowerCase() === 'password');
  const problem = switchProblem({ variable, value, written: `${name}: ${value}`, hasPassword });
  if (problem === undefined) return;
  const { text, instead } = problem;
  yield {
    message: text,
    file: file.path,
    range,
    severity: 'warning',
    fixes: instead === undefined ? [] : [replacement(file, range, instead)],
  };
}

function unknownInput(file: WorkflowFile, step: PiGenActionStep, name: string, range: TextRange): Report {
  const removed = removedInputs.get(name);
  const given = new Set(step.inputs.map((input) => input.name));
  const near = removed === undefined ? nearestName(name, inputsByName.keys()) : undefined;
  const free = near !== undefined && !given.has(near) ? near : undefined;
  const reason = removed === undefined ? '' : ` (${removed})`;
  return {
    message: `pi-gen-action has no input ${name}${reason}, so GitHub leaves it out and it has no effect. ${free === undefined ? 'Remove it.' : `Is ${free} meant?`}`,
    file: file.path,
    range,
    severity: 'warning',
    fixes: free === undefined ? [] : [replacement(file, range, free)],
  };
}

function* checkRequired(file: WorkflowFile, step: PiGenActionStep): Iterable<Report> {
  if (step.inputs.some(({ name }) => name.toLowerCase() === 'image-name' || name === '<<')) return;
  yield {
    message: `pi-gen-action needs an image-name and stops without one. Add image-name below with.`,
    file: file.path,
    range: step.usesRange,
  };
}

/** What build.sh asks of two settings together, in its own words; the action passes both on as they are. */
const needs = [
  {
    input: 'disable-first-boot-user-rename',
    needed: 'password',
    words: 'To disable user rename on first boot, FIRST_USER_PASS needs to be set',
  },
  {
    input: 'pubkey-only-ssh',
    needed: 'pubkey-ssh-first-user',
    words: "Must set 'PUBKEY_SSH_FIRST_USER' to a valid SSH public key if using PUBKEY_ONLY_SSH",
  },
];

function* checkNeeds(file: WorkflowFile, step: PiGenActionStep): Iterable<Report> {
  const inputs = new Map(step.inputs.map((input) => [input.name.toLowerCase(), input]));
  if (inputs.has('<<')) return;
  const branch = branchOf(step);
  for (const { input, needed, words } of needs) {
    const given = inputs.get(input);
    const variable = inputsByName.get(input)?.variable;
    const isKnown = branch && configVariablesOf(branch).some(({ name }) => name === variable);
    if (given?.value !== '1' || isKnown !== true) continue;
    // An expression, such as a secret, may be empty: nothing is known of it.
    const other = inputs.get(needed);
    if (other !== undefined && other.value !== '') continue;
    yield {
      message: `build.sh stops with "${words}". Give ${needed} too.`,
      file: file.path,
      range: given.nameRange,
    };
  }
}

/** Where no version is named, the action takes arm64. Undefined for a fork of pi-gen, and for what is no known branch. */
function branchOf({ inputs }: PiGenActionStep): Branch | undefined {
  const repository = inputs.find(({ name }) => name === 'pi-gen-repository');
  if (repository !== undefined && repository.value !== 'RPi-Distro/pi-gen') return undefined;
  const version = inputs.find(({ name }) => name === 'pi-gen-version');
  return findBranch(branchOfVersion(version === undefined ? 'arm64' : (version.value ?? '')));
}

function* checkVersion(file: WorkflowFile, step: PiGenActionStep): Iterable<Report> {
  const { inputs } = step;
  const version = inputs.find(({ name }) => name === 'pi-gen-version');
  if (version?.value !== undefined && /^[0-9a-f]{40}$/.test(version.value)) {
    yield {
      message: `The action clones pi-gen with git clone --branch, which takes a branch or a tag but no commit: it stops. Name a branch or a tag.`,
      file: file.path,
      range: version.valueRange,
    };
    return;
  }
  const release = inputs.find(({ name }) => name === 'release');
  // The action's default release is the newest.
  const branch = branchOf(step);
  if (branch === undefined || release?.value === undefined || release.value === '') return;
  if (release.value.toLowerCase() === branch.release || !actionReleases.has(release.value.toLowerCase()))
    return;
  yield {
    message: `The branch ${branch.name} of pi-gen builds ${branch.release} alone, so release ${release.value} ends in a system of mixed or missing packages. ${adviceFor(release.value.toLowerCase(), branch.architecture)}`,
    file: file.path,
    range: release.valueRange,
    severity: 'warning',
  };
}

const actionReleases = new Set(actionInputs.find(({ name }) => name === 'release')?.values);

function adviceFor(release: string, architecture: 'armhf' | 'arm64'): string {
  const name = architecture === 'arm64' ? `${release}-arm64` : release;
  return branchOfVersion(name) === undefined
    ? 'Leave release out, or name a pi-gen-version that builds it.'
    : `Set pi-gen-version to ${name}, or leave release out.`;
}

function* checkEntries(file: WorkflowFile, entries: readonly StageListEntry[]): Iterable<Report> {
  // A step before the action may make a stage, or check out another repository; a path of a later step does neither.
  const makes =
    /actions\/checkout(?:(?!\n[ \t]*-[ \t])[^])*\b(?:path|repository):|\bmkdir\b|git clone|download-artifact|\b(?:cp|mv|unzip|tar|rsync) /.test(
      file.text,
    );
  if (makes) return;
  for (const { path, upstream, unknown, text, range } of entries) {
    if (path !== undefined || upstream || unknown === true || range === undefined) continue;
    if (/[*?[$]/.test(text) || text.startsWith('/')) continue;
    yield {
      message: `${baseName(text)} is no folder of this repository and no stage of pi-gen’s (stage0 to stage5), so the action stops. Correct the path: it counts from the root of the repository.`,
      file: file.path,
      range,
    };
  }
}

function replacement(file: WorkflowFile, range: TextRange, text: string): Fix {
  return {
    title: `Change it to ${text}`,
    edits: [{ kind: 'replace', file: file.path, range, text }],
    preferred: true,
  };
}
