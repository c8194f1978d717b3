import { baseName, isWithin, joinPath } from '../../pigen/files/path';
import type { BuildProblem } from '../build-problem';
import { labelsFor } from '../labels';
import { buildOptionsPlace } from './build-docker-script';
import type { BuildDockerScript } from './build-docker-script';
import { chooseContainerName } from './container-name';
import type { ContainerNameResult } from './container-name';
import { containerPath, containerTree } from './build-plan';
import type { BuildPlan, BuildSettings, PathPair } from './build-plan';
import { parseDockerOptions } from './docker-options';
import { mergeRunOptions, noRunOptions } from './run-options';
import type { RunOptions } from './run-options';
import { singleQuoted } from './shell-words';

/** An entry of the stage list that a build shall use: in the tree, or a folder elsewhere that is copied in beside it. */
export type PlannedStage =
  | { readonly kind: 'tree'; /** Relative to the tree. */ readonly path: string }
  | { readonly kind: 'folder'; /** Absolute. */ readonly path: string };

export interface BuildPlanRequest {
  /** Absolute, with `/`: where build.sh is. */
  readonly treeRoot: string;
  /** Names of what the tree's folder holds. */
  readonly treeEntries: readonly string[];
  /** The repository whose stages are built, where it is not the tree. Results go there. */
  readonly repositoryRoot: string | undefined;
  /** The tree's own `config`, where it has one. */
  readonly treeConfig: string | undefined;
  /** Further configs in the tree, for other builds of it. */
  readonly otherConfigs?: readonly {
    /** Relative to the tree. */ readonly path: string;
    readonly text: string;
  }[];
  /** The file given with `-c` or `--config`; undefined: the tree's own. */
  readonly config: string | undefined;
  /** Set where the stage list cannot stay as the config has it, because it names folders outside of the tree. */
  readonly stages: readonly PlannedStage[] | undefined;
  /** An EXPORT_CONFIG_DIR outside of the tree. */
  readonly exportFolder: string | undefined;
  /** Values that the config gives, as far as they can be read without running it. */
  readonly configValues: Readonly<Record<string, string>>;
  /** What is built, for people: the name of the config, or of a workflow's job. */
  readonly variant: string;
  readonly script: BuildDockerScript;
  readonly gitHash: string | undefined;
  readonly settings: BuildSettings;
  /** Of a step of pi-gen-action: its `docker-opts`, and the environment for `-e NAME` in them. */
  readonly action?: {
    readonly dockerOptions: string;
    readonly environment: Readonly<Record<string, string>>;
  };
  /** The caller's: PIGEN_DOCKER_OPTS, CONTAINER_NAME, PRESERVE_CONTAINER, and values for `-e NAME`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type BuildPlanResult =
  { readonly ok: true; readonly plan: BuildPlan } | { readonly ok: false; readonly problem: BuildProblem };

/** For stages whose name the tree has already: beside the tree, not in it. */
const besideTree = '/pi-gen-stages';

/** Decides what a build does. Pure: reads nothing, changes nothing. */
export function createBuildPlan(request: BuildPlanRequest): BuildPlanResult {
  const run = runOptionsOf(request);
  if (!run.ok) return run;
  const folders = foldersOf(request);
  const clash = nameClash(folders);
  if (clash !== undefined) return { ok: false, problem: clash };
  const paths = [...folders, { local: request.treeRoot, container: containerTree }];
  const { files, buildOptions } = configFiles(request, paths);
  const { script, settings } = request;
  const baseImage = firstSet(settings.baseImage, script.baseImage);
  const name = containerNameOf(request, run.options);
  if (!name.ok) return name;
  return {
    ok: true,
    plan: {
      treeRoot: request.treeRoot,
      deployFolder: joinPath(request.repositoryRoot ?? request.treeRoot, 'deploy'),
      image: {
        tag: script.imageTag,
        buildArguments: baseImage === undefined ? {} : { BASE_IMAGE: baseImage },
        network: run.options.network,
        labels: labelsFor('image'),
        // They hold passwords, which must not stay behind in an image; and a change of one would build the image anew.
        omit: ['config', ...(request.otherConfigs ?? []).map(({ path }) => path)],
      },
      container: {
        name: name.name,
        command: [
          'bash',
          '-e',
          '-o',
          'pipefail',
          '-c',
          script.startLine.replaceAll(buildOptionsPlace, buildOptions),
        ],
        options: run.options,
        labels: labelsFor('build', request),
        keep: settings.keepContainer || variable(request, 'PRESERVE_CONTAINER') === '1',
      },
      files: [
        ...files,
        ...(request.otherConfigs ?? []).map(({ path, text }) => ({
          path: joinPath(containerTree, path),
          text,
        })),
      ],
      folders,
      paths,
      results: request.configValues['DEPLOY_DIR'] ?? `${containerTree}/deploy`,
      buildLog: buildLogOf(request),
      subject: {
        variant: request.variant,
        whole: true,
        sizes: { kind: 'work', folder: request.configValues['WORK_DIR'] ?? `${containerTree}/work` },
      },
    },
  };
}

function containerNameOf(request: BuildPlanRequest, { containerName }: RunOptions): ContainerNameResult {
  const given = [
    {
      name: request.settings.containerName,
      source: '`--name` or the setting `pi-gen.docker.containerName`',
    },
    {
      name: containerName,
      source:
        'the option `--name` in PIGEN_DOCKER_OPTS, in `docker-opts` of the workflow, or in the setting `pi-gen.docker.options`',
    },
    { name: variable(request, 'CONTAINER_NAME'), source: 'CONTAINER_NAME' },
  ];
  return chooseContainerName(given, { name: request.script.containerName, source: 'build-docker.sh' });
}

function firstSet(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== '');
}

function variable(request: BuildPlanRequest, name: string): string | undefined {
  // build-docker.sh sources the config, so that its value wins over the environment's.
  return request.configValues[name] ?? request.environment[name];
}

type RunOptionsResult =
  | { readonly ok: true; readonly options: RunOptions }
  | { readonly ok: false; readonly problem: BuildProblem };

function runOptionsOf(request: BuildPlanRequest): RunOptionsResult {
  const { settings, environment, treeRoot: folder } = request;
  const gathered: RunOptions[] = [];
  const sources = [
    ['build-docker.sh', request.script.runOptions],
    ['PIGEN_DOCKER_OPTS', variable(request, 'PIGEN_DOCKER_OPTS') ?? ''],
    ['The setting `pi-gen.docker.options`', settings.dockerOptions],
  ] as const;
  for (const [source, text] of sources) {
    const parsed = parseDockerOptions(text, { environment, folder, source });
    if (!parsed.ok) return parsed;
    gathered.push(parsed.options);
  }
  if (request.action !== undefined) {
    const parsed = actionOptions(request.action, request);
    if (!parsed.ok) return parsed;
    gathered.push(parsed.options);
  }
  gathered.push({
    ...noRunOptions,
    network: settings.network === '' ? undefined : settings.network,
    binds: settings.mounts,
    environment: [
      ...Object.entries(settings.environment).map(([name, value]) => `${name}=${value}`),
      ...(request.gitHash === undefined ? [] : [`GIT_HASH=${request.gitHash}`]),
    ],
  });
  const options = mergeRunOptions(gathered);
  const volume = workVolume(request.configValues['WORK_DIR'], options);
  if (volume === undefined) return { ok: true, options };
  return { ok: true, options: { ...options, anonymousVolumes: [...options.anonymousVolumes, volume] } };
}

/** The volumes of the image: every branch's Dockerfile names them. */
const imageVolumes = [`${containerTree}/work`, `${containerTree}/deploy`];

/**
 * A work folder outside of the image's volumes gets one of its own, as the usual one has: it goes with the container, and until
 * then other containers can look into it.
 */
function workVolume(
  folder: string | undefined,
  { anonymousVolumes, binds, mounts, tmpfs }: RunOptions,
): string | undefined {
  if (folder?.startsWith('/') !== true) return undefined;
  const mounted = [
    ...imageVolumes,
    ...anonymousVolumes,
    ...binds.map((bind) => bind.split(':')[1] ?? ''),
    ...mounts.map(({ target }) => target),
    ...Object.keys(tmpfs),
  ].filter((place) => place !== '');
  // Nothing that is there may be hidden by it.
  const fits = !mounted.some((place) => isWithin(place, folder)) && !isWithin(folder, containerTree);
  return fits ? folder.replace(/\/+$/, '') : undefined;
}

/** build-docker.sh splits PIGEN_DOCKER_OPTS at white space, and leaves quotes in it as they are. */
function actionOptions(
  { dockerOptions, environment }: NonNullable<BuildPlanRequest['action']>,
  request: BuildPlanRequest,
): RunOptionsResult {
  return parseDockerOptions(
    dockerOptions.split(/\s+/).filter((word) => word !== ''),
    {
      environment: { ...request.environment, ...environment },
      folder: request.treeRoot,
      source: "The workflow's docker-opts",
    },
  );
}

/** Folders outside of the tree, each with the place that it gets in the container. */
function foldersOf(request: BuildPlanRequest): readonly PathPair[] {
  const taken = new Set(request.treeEntries);
  const outside = (request.stages ?? [])
    .filter((stage) => stage.kind === 'folder')
    .map((stage) => stage.path);
  if (request.exportFolder !== undefined) outside.push(request.exportFolder);
  return [...new Set(outside)].map((local) => {
    const name = baseName(local);
    return { local, container: joinPath(taken.has(name) ? besideTree : containerTree, name) };
  });
}

/** pi-gen keeps a stage's work in a folder of the stage's base name, so two of one name would share it. */
function nameClash(folders: readonly PathPair[]): BuildProblem | undefined {
  const seen = new Map<string, string>();
  for (const { local, container } of folders) {
    const other = seen.get(container);
    if (other !== undefined) {
      return {
        kind: 'bad-plan',
        message: `${other} and ${local} have the same name, and pi-gen keeps the work of a stage under its name: they cannot be built together.`,
        wayOut: 'Rename one of the two, or take it out of the stage list.',
      };
    }
    seen.set(container, local);
  }
  return undefined;
}

function configFiles(
  request: BuildPlanRequest,
  paths: readonly PathPair[],
): { readonly files: BuildPlan['files']; readonly buildOptions: string } {
  const added = addedLines(request, paths);
  const withAdded = (text: string) => (added === '' ? text : `${text.replace(/\n?$/, '\n')}${added}`);
  const own = joinPath(containerTree, 'config');
  // Of a jessie tree, whose build.sh knows no options, the one config is the tree's.
  const takesOptions = request.script.startLine.includes(buildOptionsPlace);
  if (request.config === undefined || !takesOptions) {
    const text = request.config ?? request.treeConfig;
    return { files: [{ path: own, text: withAdded(text ?? '') }], buildOptions: '' };
  }
  const trees = request.treeConfig === undefined ? [] : [{ path: own, text: request.treeConfig }];
  return {
    files: [...trees, { path: '/config', text: withAdded(request.config) }],
    buildOptions: '-c /config',
  };
}

/** What a copy of the config gets at its end, where folders stand elsewhere in the container than on this machine. */
function addedLines(request: BuildPlanRequest, paths: readonly PathPair[]): string {
  const lines: string[] = [];
  if (request.stages !== undefined) {
    const places = request.stages.map((stage) =>
      stage.kind === 'tree'
        ? joinPath(containerTree, stage.path)
        : (containerPath({ paths }, stage.path) ?? stage.path),
    );
    lines.push(`STAGE_LIST=${singleQuoted(places.join(' '))}`);
  }
  if (request.exportFolder !== undefined) {
    const place = containerPath({ paths }, request.exportFolder) ?? request.exportFolder;
    lines.push(`EXPORT_CONFIG_DIR=${singleQuoted(place)}`);
  }
  if (lines.length === 0) return '';
  return ['', '# Added for this build: where the stages are in the container.', ...lines, ''].join('\n');
}

function buildLogOf(request: BuildPlanRequest): string | undefined {
  const { configValues: values } = request;
  const work = values['WORK_DIR'];
  if (work !== undefined) return joinPath(work, 'build.log');
  const name = values['IMG_NAME'];
  return name === undefined ? undefined : `${containerTree}/work/${name}/build.log`;
}
