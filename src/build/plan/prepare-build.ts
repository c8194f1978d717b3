import type { Failure } from '../../explain/explanation';
import { findBranch } from '../../pigen/branches';
import { readConfig, staticValue, stageListOf } from '../../pigen/config/config';
import type { ConfigFile } from '../../pigen/config/config';
import type { ReadAssignments } from '../../pigen/config/config-assignment';
import { FileError } from '../../pigen/files/file-system';
import type { FileSystem } from '../../pigen/files/file-system';
import { FolderReader } from '../../pigen/tree/folder-reader';
import { StageLoader } from '../../pigen/tree/load-stage';
import { loadStageTree } from '../../pigen/tree/load-stage-tree';
import { baseName, isWithin, joinPath, relativePath, resolvePath } from '../../pigen/files/path';
import { describeFileError, readText } from '../../pigen/files/read-text';
import { collectSecrets, isSecretName, secretsOfVariable } from '../../pigen/config/secrets';
import { folderOfConfig, resolveStageList } from '../../pigen/tree/stage-list';
import { stageTarget } from '../../pigen/tree/stage-target';
import type { Stage, StageList, StageTree } from '../../pigen/tree/stage-tree';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';
import { readAssignments } from '../../shell/config-assignments';
import { actionStages, exportFiles, noExportProblem } from './action-build';
import type { ActionBuild } from './action-build';
import { readBuildDockerScript, usualBuildDockerScript } from './build-docker-script';
import type { BuildPlan, BuildSettings } from './build-plan';
import { createBuildPlan } from './create-build-plan';
import type { BuildPlanRequest, PlannedStage } from './create-build-plan';
import type { BuildProblem } from '../build-problem';
import { plannedStages, stagesOfBuild } from './build-stages';
import { readGitHash } from '../../pigen/files/git-hash';
import { emulatorRegistration, runsNatively } from './emulator';
import { logExplainer } from '../output/log-explainer';
import { withChanges } from './one-time-changes';
import type { OneTimeChanges } from './one-time-changes';

export interface BuildRequest {
  /** Absolute, with `/`: the folder that holds build.sh. */
  readonly treeRoot: string;
  /** The folder whose stages are built, where it is another: a repository without pi-gen. */
  readonly repositoryRoot?: string | undefined;
  /** Absolute: instead of the `config` of the repository or the tree. */
  readonly configFile?: string | undefined;
  /** A step of pi-gen-action to build, in the place of a config and its stage list. */
  readonly action?: ActionBuild | undefined;
  readonly settings: BuildSettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the engine that builds: EngineInfo.machine. It may still be asked for: the tree is read meanwhile. */
  readonly machine: string | Promise<string>;
  /** Rules that have a page, for the findings of a failed build. */
  readonly knownRules?: ReadonlySet<string>;
  /** What this one build does otherwise than the tree says. */
  readonly changes?: OneTimeChanges;
}

export interface PreparedBuild {
  readonly plan: BuildPlan;
  /** Values that must not be shown: BuildOptions.secrets. */
  readonly secrets: readonly string[];
  /** What is built: the repository's stages, or the tree's. */
  readonly stages: StageTree;
  /** The pi-gen that builds it. */
  readonly tree: StageTree;
  /** The stages that run, in their order; undefined where only bash can tell which these are. */
  readonly order: readonly Stage[] | undefined;
  /** What build.sh sources, in its order. */
  readonly configs: readonly ConfigFile[];
  /** For BuildOptions.explain. */
  readonly explain: (logChunks: AsyncIterable<string>) => Promise<readonly Failure[]>;
}

export type PreparedBuildResult =
  ({ readonly ok: true } & PreparedBuild) | { readonly ok: false; readonly problem: BuildProblem };

/**
 * Reads tree, repository, config and build-docker.sh, runs none of them, and plans the build.
 * Rejects only when `signal` is aborted, with its reason, and with what `machine` rejects with.
 */
export async function prepareBuild(
  request: BuildRequest,
  fs: FileSystem,
  parser: BashParser,
  signal?: AbortSignal,
): Promise<PreparedBuildResult> {
  const read: ReadAssignments = (text) => readAssignments(text, parser);
  const load = (root: string) => loadStageTree(fs, root, { readAssignments: read, signal });
  const { treeRoot, repositoryRoot } = request;
  const tree = await load(treeRoot);
  if (tree.layout !== 'pi-gen') return { ok: false, problem: noTree(treeRoot) };
  const repository =
    repositoryRoot === undefined || repositoryRoot === treeRoot ? undefined : await load(repositoryRoot);
  const built = repository ?? tree;
  const { action } = request;
  // The action writes its config over that of the tree.
  const own = action === undefined ? ownConfig(tree) : undefined;
  const given =
    action !== undefined
      ? await actionConfigFile(action, read)
      : request.configFile === undefined
        ? repository && ownConfig(repository)
        : await readConfig(fs, request.configFile, read);
  if (given instanceof FileError) return { ok: false, problem: unreadableConfig(given) };
  const listed =
    action === undefined
      ? {
          ok: true as const,
          list: await stageListOfBuild(fs, built, request.configFile === undefined ? undefined : given),
        }
      : await actionStages(fs, action, treeRoot);
  if (!listed.ok) return listed;
  const { list } = listed;
  const stages = action === undefined ? stagesOfBuild(tree, repository, list) : plannedStages(tree, list);
  if (!stages.ok) return stages;
  const script = await buildDockerScript(fs, parser, tree, request.machine);
  const configValues = valuesOf([own, given]);
  const planned = createBuildPlan({
    treeRoot,
    treeEntries: (await fs.readFolder(treeRoot)).map(({ name }) => name),
    repositoryRoot: repository?.root,
    treeConfig: own?.text,
    otherConfigs: otherConfigs(tree, given),
    config: given?.text ?? (own === undefined ? minimalConfig(built) : undefined),
    stages: stages.stages,
    exportFolder: await exportFolder(fs, built, given ?? own, treeRoot),
    configValues,
    variant: variantOf(request, built.root),
    script,
    gitHash: request.environment['GIT_HASH'] ?? configValues['GIT_HASH'] ?? (await readGitHash(fs, treeRoot)),
    settings: request.settings,
    ...(action === undefined
      ? {}
      : { action: { dockerOptions: action.action.dockerOptions, environment: action.environment } }),
    environment: request.environment,
  });
  if (!planned.ok) return planned;
  const order = await stageOrder(fs, [built, tree], list, stages.stages);
  const missingExport = action && noExportProblem(action, order ?? []);
  if (missingExport !== undefined) return { ok: false, problem: missingExport };
  const exported = action === undefined ? [] : exportFiles(action, order ?? [], planned.plan);
  const changes = request.changes ?? { trace: [], without: [] };
  const whole = changes.trace.length + changes.without.length === 0;
  const changed = await withChanges(
    {
      ...planned.plan,
      files: [...planned.plan.files, ...exported],
      subject: { ...planned.plan.subject, whole },
    },
    changes,
  );
  if (!changed.ok) return changed;
  const { plan } = changed;
  return {
    ok: true,
    plan: action === undefined ? plan : { ...plan, secretNames: namesOfSecrets(action, given, plan) },
    secrets: [...new Set([...secretsOf([own, given], plan), ...(action?.secrets ?? [])])],
    stages: built,
    tree,
    order,
    configs: [own, given].filter((config) => config !== undefined),
    explain: logExplainer(built, plan.paths, request.knownRules, fs, parser),
  };
}

/** Of a tree that is of no known branch nobody knows what its images are made of. */
function emulation(tree: StageTree, machine: string): string {
  const branch = findBranch(tree.branch);
  if (branch === undefined || runsNatively(machine, branch.architecture)) return '';
  return emulatorRegistration(branch.architecture);
}

/** Builds of one variant take about as long. */
function variantOf({ action, configFile }: BuildRequest, root: string): string {
  return action?.name ?? (configFile === undefined ? 'config' : relativePath(root, configFile));
}

/** What build.sh sources by itself. */
function ownConfig(tree: StageTree): ConfigFile | undefined {
  return tree.configs.find((config) => config.path === joinPath(tree.root, 'config'));
}

/** Those beside it, and the given one where it lies in the tree. */
function otherConfigs(
  tree: StageTree,
  given: ConfigFile | undefined,
): NonNullable<BuildPlanRequest['otherConfigs']> {
  const all = new Map(
    [...tree.configs, ...(given === undefined ? [] : [given])].map((one) => [one.path, one.text]),
  );
  all.delete(joinPath(tree.root, 'config'));
  return [...all]
    .filter(([path]) => isWithin(tree.root, path))
    .map(([path, text]) => ({ path: relativePath(tree.root, path), text }));
}

/** Where nobody wrote a config (a repository that CI alone builds), a name for the image is all that pi-gen needs. */
function minimalConfig(tree: StageTree): string {
  return `IMG_NAME='${baseName(tree.root).replaceAll(/[^\w.-]+/g, '-')}'\n`;
}

async function stageListOfBuild(
  fs: FileSystem,
  tree: StageTree,
  config: ConfigFile | undefined,
): Promise<StageList> {
  if (config === undefined) return tree.stageList;
  const variables = new Map([
    ['BASE_DIR', tree.root],
    ['PWD', tree.root],
  ]);
  const list = stageListOf(config, variables);
  if (list === undefined) return tree.stageList;
  const entries = await resolveStageList(fs, list.words, {
    root: tree.root,
    folder: folderOfConfig(tree.layout, tree.root, config.path),
    layout: tree.layout,
    stagePaths: tree.stages.map(({ path }) => path),
  });
  return { source: 'config', file: config.path, entries, conditional: list.conditional };
}

/** The config as the action would write it: it counts from the workspace, where the stage list does too. */
async function actionConfigFile(
  { action, workspace }: ActionBuild,
  read: ReadAssignments,
): Promise<ConfigFile> {
  const text = action.config;
  return { path: joinPath(workspace, 'config'), text, assignments: await read(text) };
}

/** The stages of a list in its order, those outside of tree and repository too. */
async function stageOrder(
  fs: FileSystem,
  [built, tree]: readonly [StageTree, StageTree],
  list: StageList,
  planned: readonly PlannedStage[] | undefined,
): Promise<readonly Stage[] | undefined> {
  if (list.conditional === true) return undefined;
  const paths =
    planned === undefined
      ? list.entries.map(({ path }) => path)
      : planned.map(({ kind, path }) => (kind === 'tree' ? joinPath(tree.root, path) : path));
  const known = [...built.stages, ...tree.stages];
  const loader = new StageLoader(new FolderReader(fs), tree.root, undefined);
  const order: Stage[] = [];
  for (const [position, path] of paths.entries()) {
    if (path === undefined) return undefined;
    order.push(
      known.find((stage) => stage.path === path) ??
        (await loader.load(path, { position, role: 'stage', overlay: false })),
    );
  }
  return order;
}

async function exportFolder(
  fs: FileSystem,
  tree: StageTree,
  config: ConfigFile | undefined,
  treeRoot: string,
): Promise<string | undefined> {
  const value = config && staticValue(config, 'EXPORT_CONFIG_DIR');
  if (config === undefined || value === undefined) return undefined;
  const named = resolvePath(folderOfConfig(tree.layout, tree.root, config.path), value);
  const path = await stageTarget(fs, treeRoot, named);
  if (isWithin(treeRoot, path)) return undefined;
  return (await fs.stat(path))?.kind === 'folder' ? path : undefined;
}

async function buildDockerScript(
  fs: FileSystem,
  parser: BashParser,
  tree: StageTree,
  asked: BuildRequest['machine'],
) {
  const text = await readText(fs, joinPath(tree.root, 'build-docker.sh'));
  const own = typeof text === 'string' ? analyseScript(parser, text, 'host') : undefined;
  const machine = await asked;
  const usual = usualBuildDockerScript(tree.branch, machine);
  const script = own === undefined ? usual : readBuildDockerScript(own, machine, usual);
  return { ...script, startLine: `${emulation(tree, machine)}${script.startLine}` };
}

const plannedVariables = [
  'IMG_NAME',
  'WORK_DIR',
  'DEPLOY_DIR',
  'CONTAINER_NAME',
  'PRESERVE_CONTAINER',
  'PIGEN_DOCKER_OPTS',
  'GIT_HASH',
] as const;

/** The last config that gives a value wins, as build.sh sources them one after the other. */
function valuesOf(configs: readonly (ConfigFile | undefined)[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const config of configs) {
    for (const name of plannedVariables) {
      const value = config && staticValue(config, name);
      if (value !== undefined) values[name] = value;
    }
  }
  return values;
}

/** Those of the config, and what the container is handed by a variable whose name says so: settings and options of docker run. */
function secretsOf(configs: readonly (ConfigFile | undefined)[], plan: BuildPlan): readonly string[] {
  const handed = plan.container.options.environment.flatMap((text) => {
    const equals = text.indexOf('=');
    const name = text.slice(0, equals);
    return isSecretName(name) ? secretsOfVariable(name, text.slice(equals + 1)) : [];
  });
  return [...configs.flatMap((config) => collectSecrets(config?.assignments ?? [])), ...handed];
}

/** Variables that hold a value of GitHub's secrets without being named so: who takes the build up has to know them. */
function namesOfSecrets(
  { secrets }: ActionBuild,
  config: ConfigFile | undefined,
  plan: BuildPlan,
): readonly string[] {
  const isSecret = (value: string): boolean => secrets.some((secret) => value.includes(secret));
  const assigned = (config?.assignments ?? []).filter(({ valueSpan }) =>
    isSecret(config?.text.slice(valueSpan.start, valueSpan.end) ?? ''),
  );
  const handed = plan.container.options.environment.flatMap((text) => {
    const equals = text.indexOf('=');
    return isSecret(text.slice(equals + 1)) ? [text.slice(0, equals)] : [];
  });
  return [...new Set([...assigned.map(({ name }) => name), ...handed])];
}

function noTree(root: string): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `${root} holds no pi-gen: there is no build.sh with stages beside it, so nothing can be built.`,
    wayOut:
      'Clone pi-gen (https://github.com/RPi-Distro/pi-gen) and name its folder: setting `pi-gen.path`, or `--tree`.',
  };
}

function unreadableConfig(error: FileError): BuildProblem {
  return {
    kind: 'bad-plan',
    message: `The config ${error.path} cannot be used: ${describeFileError(error)}`,
    wayOut: 'Name another file, or leave it out to build with the config of the tree.',
  };
}
