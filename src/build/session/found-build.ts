import os from 'node:os';
import { text as textOf } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { ConfigAssignment } from '../../pigen/config/config-assignment';
import { joinPath } from '../../pigen/files/path';
import { collectSecrets, isSecretName, secretsOfVariable } from '../../pigen/config/secrets';
import { containerTree } from '../plan/build-plan';
import type { BuildPlan, PathPair, ResumablePlan } from '../plan/build-plan';
import { readRecord } from './build-record';
import type { BuildRecord } from './build-record';
import type { Engine, ListedContainer } from '../engine/engine';
import {
  createdLabel,
  hostLabel,
  logLabel,
  planLabel,
  purposeLabel,
  repositoryLabel,
  sessionLabel,
  treeLabel,
} from '../labels';
import type { TimelineSubject } from '../timeline/build-timeline';

/** The folder that holds the work of all stages, in the container of a whole build. */
export function workFolderOf({ subject: { sizes } }: Pick<ResumablePlan, 'subject'>): string {
  return sizes.kind === 'work' ? sizes.folder : `${containerTree}/work`;
}

/** A build that another process began and whose results nobody has collected yet. */
export interface FoundBuild {
  readonly id: string;
  readonly state: string;
  readonly session: string;
  readonly treeRoot: string;
  readonly repositoryRoot: string | undefined;
  readonly logFile: string;
  /** ISO 8601. */
  readonly began: string;
  readonly plan: ResumablePlan;
  /** Paths of the configs in the container. */
  readonly configs: readonly string[];
  /** Variables whose values must not be shown, besides those whose names say so. */
  readonly secretNames: readonly string[];
}

/** Which builds are sought: those of a tree, or of a repository whose stages are built. All absolute, with `/`. */
export interface BuildSearch {
  readonly treeRoot?: string | undefined;
  readonly repositoryRoot?: string | undefined;
}

/** What a container has to carry so that its build can be taken up by another process. */
export function resumeLabels(
  plan: BuildPlan,
  { session, began }: BuildRecord,
  logFile: string,
): Readonly<Record<string, string>> {
  const { deployFolder, paths, results, buildLog, container, files, subject } = plan;
  const carried: CarriedPlan = {
    deployFolder,
    paths,
    results,
    buildLog,
    keep: container.keep,
    subject,
    configs: files.map(({ path }) => path),
    ...(plan.secretNames === undefined ? {} : { secretNames: plan.secretNames }),
  };
  return {
    [sessionLabel]: session,
    [createdLabel]: began,
    [hostLabel]: os.hostname(),
    [logLabel]: logFile,
    [planLabel]: JSON.stringify(carried),
  };
}

/**
 * The builds on an engine that were begun on this machine and not collected yet, the newest first. Rejects with a
 * BuildProblemError.
 */
export async function findBuilds(engine: Engine, search: BuildSearch = {}): Promise<readonly FoundBuild[]> {
  const { treeRoot, repositoryRoot } = search;
  const containers = await engine.containers([
    `${purposeLabel}=build`,
    ...(treeRoot === undefined ? [] : [`${treeLabel}=${treeRoot}`]),
    ...(repositoryRoot === undefined ? [] : [`${repositoryLabel}=${repositoryRoot}`]),
  ]);
  const found: FoundBuild[] = [];
  for (const container of containers) {
    const build = foundBuild(container);
    if (build !== undefined && (await isOpenHere(build, container))) found.push(build);
  }
  return found.sort((a, b) => (a.began < b.began ? 1 : -1));
}

/** The values of a build that must not be shown, as its own container has them: the config here may be another by now. */
export async function secretsOfBuild(
  engine: Engine,
  build: FoundBuild,
  readAssignments: (config: string) => readonly ConfigAssignment[],
): Promise<readonly string[]> {
  const also = new Set(build.secretNames);
  const secrets = (await engine.environment(build.id)).flatMap((variable) => {
    const [name = '', ...value] = variable.split('=');
    return also.has(name) || isSecretName(name) ? secretsOfVariable(name, value.join('=')) : [];
  });
  for (const path of build.configs) {
    const text = await readContainerFile(engine, build.id, path);
    if (text !== undefined) secrets.push(...collectSecrets(readAssignments(text), also));
  }
  return secrets;
}

async function readContainerFile(engine: Engine, id: string, path: string): Promise<string | undefined> {
  const archive = await engine.getArchive(id, path, AbortSignal.timeout(30_000));
  if (archive === undefined) return undefined;
  const reader = archive.pipe(extract());
  try {
    for await (const entry of reader) return await textOf(entry);
    return undefined;
  } finally {
    archive.destroy();
  }
}

interface CarriedPlan {
  readonly deployFolder: string;
  readonly paths: readonly PathPair[];
  readonly results?: string | undefined;
  readonly buildLog?: string | undefined;
  readonly keep: boolean;
  readonly configs: readonly string[];
  readonly secretNames?: readonly string[];
  /** Missing where an earlier version began the build. */
  readonly subject?: TimelineSubject;
}

const unknownSubject: TimelineSubject = {
  variant: 'config',
  whole: false,
  sizes: { kind: 'work', folder: `${containerTree}/work` },
};

/** What the labels of a build's container say of it; undefined where they are not whole. */
export function foundBuild({ id, name, labels, state }: ListedContainer): FoundBuild | undefined {
  const session = labels[sessionLabel];
  const treeRoot = labels[treeLabel];
  const logFile = labels[logLabel];
  const carried = carriedPlan(labels[planLabel]);
  if (session === undefined || treeRoot === undefined || logFile === undefined || carried === undefined) {
    return undefined;
  }
  const { deployFolder, paths, results, buildLog, keep, configs } = carried;
  const { subject = unknownSubject, secretNames = [] } = carried;
  return {
    id,
    state,
    session,
    treeRoot,
    repositoryRoot: labels[repositoryLabel],
    logFile,
    began: labels[createdLabel] ?? '',
    plan: { deployFolder, paths, results, buildLog, subject, container: { name, keep } },
    configs,
    secretNames,
  };
}

function carriedPlan(label: string | undefined): CarriedPlan | undefined {
  try {
    const value = JSON.parse(label ?? '') as Partial<CarriedPlan> | null;
    const whole =
      typeof value?.deployFolder === 'string' &&
      (value.results === undefined || typeof value.results === 'string') &&
      typeof value.keep === 'boolean' &&
      Array.isArray(value.paths) &&
      Array.isArray(value.configs) &&
      (value.secretNames === undefined || Array.isArray(value.secretNames));
    return whole ? (value as CarriedPlan) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a build is this machine's, and still to be collected. An engine may be shared, and a label is what somebody wrote
 * on it: where results are written is believed only where it is the usual place, or a record on this disk says so too.
 */
async function isOpenHere(build: FoundBuild, { labels }: ListedContainer): Promise<boolean> {
  const { plan, treeRoot, repositoryRoot, session } = build;
  const record = await readRecord(build.logFile);
  if (record?.session === session) {
    return record.end === undefined && record.deployFolder === plan.deployFolder;
  }
  if (labels[hostLabel] !== os.hostname()) return false;
  const usualFolder = joinPath(repositoryRoot ?? treeRoot, 'deploy');
  const usualLog = joinPath(usualFolder, 'build-docker.log');
  if (plan.deployFolder !== usualFolder || build.logFile !== usualLog) return false;
  // One that was kept on request is not waiting for anybody.
  return build.state === 'running' || !plan.container.keep;
}
