import { branchOfVersion, detectBranch } from '../branches';
import type { TreeScripts } from '../branches';
import { compareBytes } from '../files/byte-order';
import { readConfig, stageListOf, staticValue } from '../config/config';
import type { ConfigFile } from '../config/config';
import type { ReadAssignments } from '../config/config-assignment';
import { parallelCalls } from './discover';
import { FileError } from '../files/file-system';
import type { FileSystem } from '../files/file-system';
import { FolderReader } from './folder-reader';
import type { GitIndex } from '../files/git-index';
import { LimitedFileSystem } from '../files/limited-file-system';
import { StageLoader } from './load-stage';
import type { StagePlace } from './load-stage';
import { baseName, joinPath, resolvePath } from '../files/path';
import { describeFileError, readText } from '../files/read-text';
import { findStageFolders, isPiGenTree, stageDepth } from './stage-folders';
import { stageTarget } from './stage-target';
import { defaultStageWords, folderOfConfig, resolveStageList, upstreamFolder } from './stage-list';
import type { StageListWord } from './stage-list';
import type { Prerun, Stage, StageList, StageTree, TreeProblem } from './stage-tree';
import { postrunName } from './step-names';
import { inputValue, readWorkflow } from '../workflow/workflow';
import type { WorkflowFile } from '../workflow/workflow';

export interface LoadOptions {
  readonly readAssignments: ReadAssignments;
  /** Of the repository that holds the root, where there is one. */
  readonly gitIndex?: GitIndex | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what pi-gen would run of a tree (a TreeRoot's path). What cannot be read becomes one of its `problems`; rejects
 * only when the signal is aborted, with its reason.
 */
export async function loadStageTree(fs: FileSystem, root: string, options: LoadOptions): Promise<StageTree> {
  const limited = new LimitedFileSystem(fs, parallelCalls, options.signal);
  return new TreeLoader(new FolderReader(limited), root, options).load();
}

type Layout = StageTree['layout'];

/** In pi-gen's own tree, stages stand beside build.sh; some forks keep theirs one or two folders below. */
const depthInPiGen = 2;

class TreeLoader {
  readonly #fs: FileSystem;
  readonly #problems: TreeProblem[] = [];

  constructor(
    private readonly reader: FolderReader,
    private readonly root: string,
    private readonly options: LoadOptions,
  ) {
    this.#fs = reader.fs;
  }

  async load(): Promise<StageTree> {
    const layout: Layout = (await isPiGenTree(this.reader, this.root)) ? 'pi-gen' : 'stages';
    const [configs, workflows, found] = await Promise.all([
      this.#configs(),
      this.#workflows(),
      this.#stageFolders(layout),
    ]);
    const stageLists = await this.#stageLists(layout, configs, workflows, found);
    const stageList = stageLists[0] ?? { source: 'none', file: undefined, entries: [] };
    const exportFolders = await this.#exportFolders(layout, configs, found);
    const loader = new StageLoader(this.reader, this.root, this.options.gitIndex);
    const places = placesOf(layout, stageList, stageLists, found, exportFolders);
    const stages = await Promise.all([...places].map(([path, place]) => loader.load(path, place)));
    const own = layout === 'pi-gen' ? await this.#ownScripts() : undefined;
    const postrun = own === undefined ? undefined : await this.#postrun(loader);
    return {
      root: this.root,
      layout,
      branch: own === undefined ? branchOfWorkflows(workflows) : detectBranch(own),
      stages: stages.sort(compareStages),
      stageList,
      stageLists,
      configs,
      workflows,
      problems: [...this.#problems, ...loader.problems, ...this.#left()].sort((a, b) =>
        compareBytes(a.path, b.path),
      ),
      ...(postrun && { postrun }),
      ...(own && { buildScripts: `${own.buildScript}\n${own.common}` }),
    };
  }

  async #configs(): Promise<readonly ConfigFile[]> {
    const entries = await this.reader.entries(this.root);
    const names = entries
      .filter((entry) => entry.kind === 'file' && isConfigName(entry.name))
      .map((entry) => entry.name)
      .sort((a, b) => Number(b === 'config') - Number(a === 'config') || compareBytes(a, b));
    const read = names.map(async (name) => {
      const path = joinPath(this.root, name);
      const config = await readConfig(this.#fs, path, this.options.readAssignments);
      if (config instanceof FileError) this.#unreadable(config);
      else if (name === 'config' || isOfPiGen(config)) return [config];
      return [];
    });
    return (await Promise.all(read)).flat();
  }

  async #workflows(): Promise<readonly WorkflowFile[]> {
    const folder = joinPath(this.root, '.github/workflows');
    const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name);
    const names = (await this.reader.entries(this.root)).some((entry) => entry.name === '.github')
      ? (await this.reader.entries(folder))
          .filter((entry) => entry.kind === 'file' && isYaml(entry.name))
          .map((entry) => joinPath(folder, entry.name))
      : [];
    const read = [...names, ...(await this.#compositeActions())].map(async (path) => {
      const workflow = await readWorkflow(this.#fs, path);
      if (workflow instanceof FileError) {
        this.#unreadable(workflow);
        return [];
      }
      if (workflow.broken !== undefined && workflow.text.includes('/pi-gen-action')) {
        const message = `This is not valid YAML, so GitHub will not run it: ${workflow.broken.message}.`;
        this.#problems.push({ path, message, range: workflow.broken.range });
        return [workflow];
      }
      return workflow.steps.length > 0 ? [workflow] : [];
    });
    return (await Promise.all(read)).flat();
  }

  /** An action may stand anywhere; most are the whole repository, or lie where GitHub's documentation puts them. */
  async #compositeActions(): Promise<readonly string[]> {
    const folder = joinPath(this.root, '.github/actions');
    const hasActions = (await this.reader.entries(this.root)).some((entry) => entry.name === '.github');
    const own = hasActions ? await this.reader.entries(folder) : [];
    const folders = own.filter(({ kind }) => kind === 'folder').map(({ name }) => joinPath(folder, name));
    const found = [this.root, ...folders].map(async (path) =>
      (await this.reader.entries(path))
        .filter(({ kind, name }) => kind === 'file' && /^action\.ya?ml$/.test(name))
        .map(({ name }) => joinPath(path, name)),
    );
    return (await Promise.all(found)).flat();
  }

  async #stageFolders(layout: Layout): Promise<readonly string[]> {
    const depth = layout === 'stages' ? stageDepth : depthInPiGen;
    const found = await findStageFolders(this.reader, this.root, depth, layout);
    return layout === 'stages' ? found : found.filter((path) => path !== this.root);
  }

  /** All lists, the one that decides first. */
  async #stageLists(
    layout: Layout,
    configs: readonly ConfigFile[],
    workflows: readonly WorkflowFile[],
    stagePaths: readonly string[],
  ): Promise<readonly StageList[]> {
    const resolve = (folder: string, words: readonly StageListWord[]): Promise<StageList['entries']> =>
      resolveStageList(this.#fs, words, { root: this.root, folder, layout, stagePaths });
    const variables = new Map([
      ['BASE_DIR', this.root],
      ['PWD', this.root],
    ]);
    const fromConfigs = configs.map(async (config): Promise<StageList[]> => {
      const list = stageListOf(config, variables);
      if (list === undefined) return [];
      const entries = await resolve(folderOfConfig(layout, this.root, config.path), list.words);
      return [{ source: 'config', file: config.path, entries, conditional: list.conditional }];
    });
    const fromWorkflows = workflows.flatMap((workflow) =>
      workflow.steps.map(async (step): Promise<StageList[]> => {
        if (step.stageList === undefined || step.stageList.length === 0) return [];
        return [
          { source: 'workflow', file: workflow.path, entries: await resolve(this.root, step.stageList) },
        ];
      }),
    );
    const [ofConfigs, ofWorkflows] = await Promise.all([
      Promise.all(fromConfigs),
      Promise.all(fromWorkflows),
    ]);
    const lists = [...ofConfigs.flat(), ...ofWorkflows.flat()];
    const sourced = joinPath(this.root, 'config');
    if (layout === 'stages' || lists[0]?.file === sourced) return lists;
    // Without a list in `config`, build.sh takes its default; other lists count only where they are asked for.
    const entries = await resolve(this.root, defaultStageWords(this.root));
    return [{ source: 'default', file: undefined, entries }, ...lists];
  }

  /** The folders that build.sh runs for an export: export-image, export-noobs, and the config's EXPORT_CONFIG_DIR. */
  async #exportFolders(
    layout: Layout,
    configs: readonly ConfigFile[],
    found: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const named = configs.flatMap((config) => {
      const value = staticValue(config, 'EXPORT_CONFIG_DIR');
      return value === undefined ? [] : [resolvePath(folderOfConfig(layout, this.root, config.path), value)];
    });
    const usual = ['export-image', 'export-noobs'].map((name) => joinPath(this.root, name));
    const nearby = found.filter((path) => /^export-(?:image|noobs)$/.test(baseName(path)));
    const folders = new Set<string>(nearby);
    for (const path of [...named, ...usual]) {
      if ((await this.#fs.stat(path))?.kind === 'folder') {
        folders.add(await stageTarget(this.#fs, this.root, path));
      }
    }
    return folders;
  }

  async #postrun(loader: StageLoader): Promise<Prerun | undefined> {
    const isHere = (await this.reader.entries(this.root)).some(
      ({ kind, name }) => kind === 'file' && name === postrunName,
    );
    return isHere ? loader.hostScript(joinPath(this.root, postrunName)) : undefined;
  }

  /** What tells the branch of a pi-gen tree. */
  async #ownScripts(): Promise<TreeScripts> {
    const [build, common, scripts] = await Promise.all([
      readText(this.#fs, joinPath(this.root, 'build.sh')),
      readText(this.#fs, joinPath(this.root, 'scripts/common')),
      this.reader.entries(joinPath(this.root, 'scripts')),
    ]);
    return {
      buildScript: typeof build === 'string' ? build : '',
      common: typeof common === 'string' ? common : '',
      hasQcow2Handling: scripts.some((entry) => entry.name === 'qcow2_handling'),
    };
  }

  #left(): readonly TreeProblem[] {
    const message = 'There are too many folders here: some were not read, so nothing in them was checked.';
    return this.reader.full ? [{ path: this.root, message, range: undefined }] : [];
  }

  #unreadable(error: FileError): void {
    this.#problems.push({ path: error.path, message: describeFileError(error), range: undefined });
  }
}

/** The branch that a workflow asks pi-gen-action for. */
function branchOfWorkflows(workflows: readonly WorkflowFile[]): string | undefined {
  const steps = workflows.flatMap((workflow) => workflow.steps);
  const versions = steps.map((step) => inputValue(step, 'pi-gen-version'));
  return versions.map((version) => version && branchOfVersion(version)).find((branch) => branch);
}

function placesOf(
  layout: Layout,
  stageList: StageList,
  stageLists: readonly StageList[],
  found: readonly string[],
  exportFolders: ReadonlySet<string>,
): ReadonlyMap<string, StagePlace> {
  const positions = new Map<string, number>();
  for (const [position, { path }] of stageList.entries.entries()) {
    if (path !== undefined && !positions.has(path)) positions.set(path, position);
  }
  const listed = stageLists.flatMap((list) => list.entries.flatMap(({ path }) => path ?? []));
  const places = new Map<string, StagePlace>();
  for (const path of [...listed, ...found, ...exportFolders]) {
    places.set(path, {
      position: positions.get(path),
      role: exportFolders.has(path) ? 'export' : 'stage',
      overlay: layout === 'stages' && upstreamFolder.test(baseName(path)),
    });
  }
  return places;
}

function compareStages(a: Stage, b: Stage): number {
  return (a.position ?? Infinity) === (b.position ?? Infinity)
    ? compareBytes(a.path, b.path)
    : (a.position ?? Infinity) - (b.position ?? Infinity);
}

/** `config`, and what people call the ones that they give to `-c`: `config-lite`, `configLite`, `lite.config`. */
function isConfigName(name: string): boolean {
  return (
    /^(?:config(?:[-._][\w-]+|[A-Z\d][\w-]*)?|[\w-]+[-._]config)$/.test(name) &&
    !/\.(?:json|ya?ml|toml|ini|[cm]?[jt]s)$/.test(name)
  );
}

function isOfPiGen(config: ConfigFile): boolean {
  return config.assignments.some(({ name }) => name === 'STAGE_LIST' || name === 'IMG_NAME');
}
