import { FileError } from '../files/file-system';
import type { Entry } from '../files/file-system';
import type { FolderReader } from './folder-reader';
import type { GitIndex } from '../files/git-index';
import { baseName, joinPath } from '../files/path';
import { describeFileError } from '../files/read-text';
import type { ExecuteBit, OtherEntry, Prerun, Stage, Step, SubStage, TreeProblem } from './stage-tree';
import { isStep } from './stage-folders';
import { stageTarget } from './stage-target';
import { compareSteps, parseStepName, prerunName, stageMarkers, subStageMarkers } from './step-names';
import type { StepName } from './step-names';

/** What a stage is besides its own folder's content. */
export type StagePlace = Pick<Stage, 'position' | 'role' | 'overlay'>;

/** Reads stages as build.sh's run_stage and run_sub_stage go through them. */
export class StageLoader {
  readonly problems: TreeProblem[] = [];

  constructor(
    private readonly reader: FolderReader,
    /** Of the tree or repository. */
    private readonly root: string,
    private readonly gitIndex: GitIndex | undefined,
  ) {}

  async load(path: string, place: StagePlace): Promise<Stage> {
    const entries = await this.#entries(path);
    const holds = (name: string): boolean =>
      entries.some((entry) => entry.name === name && entry.kind === 'file');
    const skip = holds('SKIP');
    // bash's glob `*` passes over hidden names.
    const isSubStage = (entry: Entry): boolean => entry.kind === 'folder' && !entry.name.startsWith('.');
    const isKnown = (entry: Entry): boolean =>
      isSubStage(entry) ||
      (entry.kind === 'file' && (entry.name === prerunName || stageMarkers.includes(entry.name)));
    const subStages = entries.filter(isSubStage);
    return {
      name: baseName(path),
      path,
      ...place,
      skip,
      skipImages: holds('SKIP_IMAGES'),
      exportImage: holds('EXPORT_IMAGE'),
      exportNoobs: holds('EXPORT_NOOBS'),
      prerun: holds(prerunName) ? await this.hostScript(joinPath(path, prerunName)) : undefined,
      subStages: await Promise.all(
        subStages.map((entry) => this.#subStage(joinPath(path, entry.name), entry.symbolicLink, skip)),
      ),
      others: entries.filter((entry) => !isKnown(entry)).map((entry) => other(path, entry)),
    };
  }

  /** A prerun.sh or postrun.sh, which build.sh tests with `-x`. */
  async hostScript(path: string): Promise<Prerun> {
    return { path, executeBit: await this.#executeBit(path) };
  }

  async #subStage(path: string, isLink: boolean, stageSkipped: boolean): Promise<SubStage> {
    const entries = await this.#entries(path);
    const skip = entries.some((entry) => entry.name === 'SKIP' && entry.kind === 'file');
    const skipped = stageSkipped ? 'stage-skipped' : skip ? 'sub-stage-skipped' : undefined;
    const isMarker = (entry: Entry): boolean => entry.kind === 'file' && subStageMarkers.includes(entry.name);
    const names = entries.flatMap((entry) => {
      const name = isStep(entry) ? parseStepName(entry.name) : undefined;
      return name === undefined ? [] : [{ ...name, isLink: entry.symbolicLink }];
    });
    return {
      name: baseName(path),
      path,
      ...(await this.#behindLink(path, isLink)),
      skip,
      steps: await Promise.all(names.sort(compareSteps).map((name) => this.#step(path, name, skipped))),
      others: entries
        .filter((entry) => !isStep(entry) && !isMarker(entry))
        .map((entry) => other(path, entry)),
    };
  }

  async #step(
    folder: string,
    { number, form, isLink }: StepName & { readonly isLink: boolean },
    skipped: Step['skipped'],
  ): Promise<Step> {
    const name = number + form.suffix;
    const path = joinPath(folder, name);
    const link = await this.#behindLink(path, isLink);
    const step = { kind: form.kind, number, name, path, ...link, place: form.place };
    if (form.kind !== 'run') return skipped === undefined ? step : { ...step, skipped };
    const executeBit = await this.#executeBit(path);
    const why = skipped ?? (isExecutable(executeBit) ? undefined : 'not-executable');
    return why === undefined ? { ...step, executeBit } : { ...step, executeBit, skipped: why };
  }

  async #behindLink(path: string, isLink: boolean): Promise<Pick<SubStage, 'target'>> {
    const target = isLink ? await stageTarget(this.reader.fs, this.root, path) : path;
    return target === path ? {} : { target };
  }

  async #executeBit(path: string): Promise<ExecuteBit> {
    const found = await this.reader.fs.stat(path);
    return { disk: found?.executable, index: this.gitIndex?.executable(path) };
  }

  async #entries(path: string): Promise<readonly Entry[]> {
    const found = await this.reader.list(path);
    if (!(found instanceof FileError)) return found;
    this.problems.push({ path, message: describeFileError(found), range: undefined });
    return [];
  }
}

/** Whether build.sh's `-x` holds: the disk decides, and where it has no such bit (Windows), the git index. */
export function isExecutable(bit: ExecuteBit): boolean {
  return bit.disk ?? bit.index ?? true;
}

function other(folder: string, entry: Entry): OtherEntry {
  const broken = entry.kind === 'other' && entry.symbolicLink ? { broken: true } : {};
  return { name: entry.name, path: joinPath(folder, entry.name), kind: entry.kind, ...broken };
}
