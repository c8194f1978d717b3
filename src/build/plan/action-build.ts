import { actionConfig } from '../../pigen/workflow/action-config';
import type { ActionConfig } from '../../pigen/workflow/action-config';
import type { FileSystem } from '../../pigen/files/file-system';
import { baseName, joinPath, relativePath, isWithin, resolvePath } from '../../pigen/files/path';
import { upstreamStage } from '../../pigen/tree/stage-list';
import { stageTarget } from '../../pigen/tree/stage-target';
import type { Stage, StageList } from '../../pigen/tree/stage-tree';
import { evaluateText } from '../../pigen/workflow/workflow-expression';
import type { ExpressionContext, ExpressionValue } from '../../pigen/workflow/workflow-expression';
import type { ActionRun } from '../../pigen/workflow/workflow-jobs';
import { containerPath } from './build-plan';
import type { BuildPlan } from './build-plan';
import type { BuildProblem } from '../build-problem';
import { shellWords, singleQuoted } from './shell-words';

/** What a step of pi-gen-action builds, on this machine. */
export interface ActionBuild {
  readonly name: string;
  /** Absolute: the file that the step stands in. */
  readonly workflow: string;
  /** Absolute: the workspace of the action. */
  readonly workspace: string;
  readonly action: ActionConfig;
  /** Variables of the workflow, the job and the step, for `-e NAME` in docker-opts. */
  readonly environment: Readonly<Record<string, string>>;
  /** What GitHub would mask: values that come from its secrets. */
  readonly secrets: readonly string[];
}

export type ActionBuildResult =
  | { readonly ok: true; readonly build: ActionBuild }
  | {
      readonly ok: false;
      readonly problem: BuildProblem;
      /** The expression whose value has to be given first, where that is what is missing. */
      readonly unknown?: UnknownExpression;
    };

/** An expression of a step that nobody here can tell the value of. */
export interface UnknownExpression {
  /** What to give a value for in ActionRequest.values: `github.ref_name`. */
  readonly expression: string;
  /** The input that needs it. */
  readonly input: string;
  /** Its value must not be shown. */
  readonly secret: boolean;
}

export interface ActionRequest {
  readonly run: ActionRun;
  readonly workflow: string;
  readonly workspace: string;
  /** Values that the user gives for expressions, by the text of these: `github.ref_name`. */
  readonly values: ReadonlyMap<string, string>;
  /** For `secrets.NAME`, `vars.NAME` and `env.NAME`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Replaces the expressions of a step's inputs, and turns these into what the action would build. */
export function actionBuild(request: ActionRequest): ActionBuildResult {
  const { run, workflow, workspace } = request;
  const context = new ActionContext(request);
  const inputs: Record<string, string> = {};
  for (const [name, text] of Object.entries(run.inputs)) {
    if (unusedInputs.has(name.toLowerCase())) continue;
    const evaluated = evaluateText(text, context.value);
    if (!evaluated.ok) return unknownValue(run, name, evaluated.unknown);
    inputs[name] = evaluated.text;
  }
  const handed = handedEnvironment(request, context, inputs);
  if (!handed.ok) return handed.missing;
  const result = actionConfig(inputs, run.uses);
  if (!result.ok) {
    return {
      ok: false,
      problem: {
        kind: 'bad-plan',
        message: `${run.name} in ${workflow} would not be built by CI either: ${result.reason}.`,
        wayOut: 'Correct the input of the step.',
      },
    };
  }
  const { environment } = handed;
  const secrets = [...context.secrets];
  return {
    ok: true,
    build: { name: run.name, workflow, workspace, action: result.action, environment, secrets },
  };
}

/** Of the runner alone. */
const unusedInputs: ReadonlySet<string> = new Set([
  ...['github-token', 'internal-matrix-context', 'extra-host-dependencies', 'extra-host-modules'],
  ...['increase-runner-disk-size', 'enable-pigen-cache', 'cache-read-only', 'verbose-output', 'temp-repo'],
]);

/** The contexts of GitHub's expressions, as far as this machine knows them. */
class ActionContext {
  /** Values that were taken from GitHub's secrets. */
  readonly secrets = new Set<string>();

  constructor(private readonly request: ActionRequest) {}

  readonly value: ExpressionContext = (path) => {
    const value = this.#known(path);
    if (isSecretExpression(path) && typeof value === 'string' && value !== '') this.secrets.add(value);
    return value;
  };

  #known(path: string): ExpressionValue | undefined {
    const { run, workspace, values, environment } = this.request;
    const given = values.get(path);
    if (given !== undefined) return given;
    // A whole expression: only the user can have given its value.
    if (!/^[\w-]+(?:\.[\w-]+)*$/.test(path)) return undefined;
    const [context = '', ...rest] = path.split('.');
    const name = rest.join('.');
    switch (context) {
      case 'matrix':
        return run.matrix[name] ?? (run.matrixIsKnown ? null : undefined);
      case 'inputs':
        return run.workflowInputs[name];
      case 'env':
        return this.environment(name) ?? environment[name];
      case 'secrets':
      case 'vars':
        return environment[name];
      case 'github':
        if (name.startsWith('event.inputs.')) return run.workflowInputs[name.slice('event.inputs.'.length)];
        return name === 'workspace' ? workspace : undefined;
      default:
        return undefined;
    }
  }

  /** A variable of the workflow; undefined where there is none, or its own expressions cannot be told. */
  environment(name: string): string | undefined {
    const text = this.request.run.environment[name];
    const evaluated = text === undefined ? undefined : evaluateText(text, this.#withoutEnvironment);
    return evaluated?.ok === true ? evaluated.text : undefined;
  }

  /** In `env:` there is no `env` context, so that nothing can go round in circles. */
  readonly #withoutEnvironment: ExpressionContext = (path) =>
    path.startsWith('env.') ? undefined : this.value(path);
}

function isSecretExpression(path: string): boolean {
  return /\bsecrets\b/.test(path);
}

type HandedEnvironment =
  | { readonly ok: true; readonly environment: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly missing: ActionBuildResult & { readonly ok: false } };

/** The environment of build-docker.sh in CI: what docker-opts hands on with `-e NAME` has to be known. */
function handedEnvironment(
  { run, environment }: ActionRequest,
  context: ActionContext,
  inputs: Readonly<Record<string, string>>,
): HandedEnvironment {
  const options = shellWords(inputs['docker-opts'] ?? '');
  const words = new Set(options.ok ? options.words : []);
  const known: Record<string, string> = {};
  for (const [name, text] of Object.entries(run.environment)) {
    // The action writes its own into its place.
    if (name === 'PIGEN_DOCKER_OPTS') continue;
    const value = context.environment(name) ?? environment[name];
    if (value !== undefined) known[name] = value;
    else if (words.has(name) || words.has(`-e${name}`) || words.has(`--env=${name}`)) {
      const evaluated = evaluateText(text, context.value);
      if (!evaluated.ok) return { ok: false, missing: unknownValue(run, 'docker-opts', evaluated.unknown) };
    }
  }
  return { ok: true, environment: known };
}

function unknownValue(
  run: ActionRun,
  input: string,
  unknown: string,
): ActionBuildResult & { readonly ok: false } {
  const name = /^(?:secrets|vars|env)\.(\w+)$/.exec(unknown)?.[1];
  const secret = isSecretExpression(unknown);
  const given = singleQuoted(`${unknown}=…`);
  return {
    ok: false,
    unknown: { expression: unknown, input, secret },
    problem: {
      kind: 'bad-plan',
      message: `The input ${input} of ${run.name} needs \`${unknown}\`, which only GitHub knows.`,
      wayOut:
        name === undefined
          ? `Give it with \`--value ${given}\`.`
          : `Set the environment variable ${name}${secret ? '' : `, or give it with \`--value ${given}\``}.`,
    },
  };
}

export type ActionStages =
  { readonly ok: true; readonly list: StageList } | { readonly ok: false; readonly problem: BuildProblem };

/** Finds the stages of the action's list: pi-gen's own by name, all others from the workspace. */
export async function actionStages(
  fs: FileSystem,
  { workflow, workspace, action }: ActionBuild,
  treeRoot: string,
): Promise<ActionStages> {
  const clone = resolvePath(workspace, action.piGenFolder);
  const entries: StageList['entries'][number][] = [];
  for (const word of action.stages) {
    const place = resolvePath(workspace, word);
    const path = upstreamStage.test(word)
      ? joinPath(treeRoot, word)
      : isWithin(clone, place) && place !== clone
        ? joinPath(treeRoot, relativePath(clone, place))
        : place;
    if ((await fs.stat(path))?.kind !== 'folder') {
      return {
        ok: false,
        problem: {
          kind: 'bad-plan',
          message: `stage-list in ${workflow} names "${word}", and there is no folder ${path}: the action stops at it.`,
          wayOut: 'Write the path from the root of the repository, or the name of a stage of that pi-gen.',
        },
      };
    }
    const root = isWithin(treeRoot, path) ? treeRoot : workspace;
    const target = await stageTarget(fs, root, path);
    const link = target === path ? {} : { link: path };
    entries.push({ text: word, path: target, ...link, upstream: false, range: undefined });
  }
  return { ok: true, list: { source: 'workflow', file: workflow, entries } };
}

/**
 * The files that make the stages export what the action has them export. It removes EXPORT_IMAGE and EXPORT_NOOBS of the
 * others (configureImageExports in its src/pi-gen.ts); a SKIP_IMAGES does the same to a stage, and nothing is taken away.
 */
export function exportFiles(
  { action }: ActionBuild,
  order: readonly Stage[],
  plan: Pick<BuildPlan, 'paths'>,
): BuildPlan['files'] {
  const file = (stage: Stage, name: string): BuildPlan['files'] => {
    const folder = containerPath(plan, stage.path);
    return folder === undefined ? [] : [{ path: joinPath(folder, name), text: '' }];
  };
  const last = order.at(-1);
  if (!action.exportLastStageOnly) {
    return order
      .filter(({ exportImage, exportNoobs }) => exportImage && !exportNoobs)
      .flatMap((stage) => file(stage, 'EXPORT_NOOBS'));
  }
  return order.flatMap((stage) => {
    if (stage !== last) return stage.exportImage || stage.exportNoobs ? file(stage, 'SKIP_IMAGES') : [];
    return [
      ...(stage.exportImage ? [] : file(stage, 'EXPORT_IMAGE')),
      ...(action.enableNoobs && !stage.exportNoobs ? file(stage, 'EXPORT_NOOBS') : []),
    ];
  });
}

/** The action stops where no stage would become an image (hasExportsConfigured in its src/pi-gen.ts). */
export function noExportProblem(
  { name, workflow, action }: ActionBuild,
  order: readonly Stage[],
): BuildProblem | undefined {
  const exports = order.some(({ exportImage, exportNoobs }) => exportImage || exportNoobs);
  if (action.exportLastStageOnly || exports) return undefined;
  return {
    kind: 'bad-plan',
    message: `${name} in ${workflow} would not be built by CI either: export-last-stage-only is false, and no stage of stage-list holds an EXPORT_IMAGE, so there would be no image.`,
    wayOut:
      'Put an EXPORT_IMAGE into the stage that shall become an image, or leave export-last-stage-only out.',
  };
}

/** A name for a folder: `build (lite, arm64)` becomes `build-lite-arm64`. */
export function folderNameOf(name: string): string {
  return baseName(name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '')) || 'build';
}
