import { actionConfig } from '../../pigen/action-config';
import type { ActionConfig } from '../../pigen/action-config';
import type { FileSystem } from '../../pigen/file-system';
import { baseName, joinPath, relativePath, isWithin, resolvePath } from '../../pigen/path';
import { upstreamStage } from '../../pigen/stage-list';
import type { Stage, StageList } from '../../pigen/stage-tree';
import { evaluateText } from '../../pigen/workflow-expression';
import type { ExpressionContext, ExpressionValue } from '../../pigen/workflow-expression';
import type { ActionRun } from '../../pigen/workflow-jobs';
import { containerPath } from './build-plan';
import type { BuildPlan } from './build-plan';
import type { BuildProblem } from '../build-problem';

/** What a step of pi-gen-action builds, on this machine. */
export interface ActionBuild {
  readonly name: string;
  /** Absolute: the file that the step stands in. */
  readonly workflow: string;
  /** Absolute: the workspace of the action. */
  readonly workspace: string;
  readonly action: ActionConfig;
}

export type ActionBuildResult =
  { readonly ok: true; readonly build: ActionBuild } | { readonly ok: false; readonly problem: BuildProblem };

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
  const inputs: Record<string, string> = {};
  for (const [name, text] of Object.entries(run.inputs)) {
    if (unusedInputs.has(name)) continue;
    const evaluated = evaluateText(text, contextOf(request));
    if (!evaluated.ok) return { ok: false, problem: unknownValue(run, name, evaluated.unknown) };
    inputs[name] = evaluated.text;
  }
  const result = actionConfig(inputs);
  if (result.ok) return { ok: true, build: { name: run.name, workflow, workspace, action: result.action } };
  return {
    ok: false,
    problem: {
      kind: 'bad-plan',
      message: `${run.name} in ${workflow} would not be built by CI either: ${result.reason}.`,
      wayOut: 'Correct the input of the step.',
    },
  };
}

/** Of the runner alone. */
const unusedInputs: ReadonlySet<string> = new Set([
  ...['github-token', 'internal-matrix-context', 'extra-host-dependencies', 'extra-host-modules'],
  ...['increase-runner-disk-size', 'enable-pigen-cache', 'cache-read-only', 'verbose-output', 'temp-repo'],
]);

function contextOf({ run, workspace, values, environment }: ActionRequest): ExpressionContext {
  return (path): ExpressionValue | undefined => {
    const given = values.get(path);
    if (given !== undefined) return given;
    const [context = '', ...rest] = path.split('.');
    const name = rest.join('.');
    switch (context) {
      case 'matrix':
        return run.matrix[name] ?? null;
      case 'inputs':
        return run.workflowInputs[name];
      case 'env':
        return literal(run.environment[name]) ?? environment[name];
      case 'secrets':
      case 'vars':
        return environment[name];
      case 'github':
        if (name.startsWith('event.inputs.')) return run.workflowInputs[name.slice('event.inputs.'.length)];
        return name === 'workspace' ? workspace : undefined;
      default:
        return undefined;
    }
  };
}

/** An environment variable of a workflow may be an expression itself. */
function literal(text: string | undefined): string | undefined {
  return text?.includes('${{') === true ? undefined : text;
}

function unknownValue(run: ActionRun, input: string, unknown: string): BuildProblem {
  const name = /^(?:secrets|vars|env)\.(\w+)$/.exec(unknown)?.[1];
  return {
    kind: 'bad-plan',
    message: `The input ${input} of ${run.name} needs \`${unknown}\`, which only GitHub knows.`,
    wayOut:
      name === undefined
        ? `Give it with \`--value '${unknown}=…'\`.`
        : `Set the environment variable ${name}${unknown.startsWith('secrets.') ? '' : `, or give it with \`--value '${unknown}=…'\``}.`,
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
    entries.push({ text: word, path, upstream: false, range: undefined });
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

/** A name for a folder: `build (lite, arm64)` becomes `build-lite-arm64`. */
export function folderNameOf(name: string): string {
  return baseName(name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '')) || 'build';
}
