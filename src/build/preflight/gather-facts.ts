import { branches, findBranch } from '../../pigen/branches';
import { staticValue } from '../../pigen/config/config';
import type { ConfigAssignment } from '../../pigen/config/config-assignment';
import { FileError } from '../../pigen/files/file-system';
import type { FileSystem } from '../../pigen/files/file-system';
import { joinPath } from '../../pigen/files/path';
import { isSecretName } from '../../pigen/config/secrets';
import type { Stage } from '../../pigen/tree/stage-tree';
import { gitHash, UpstreamFiles } from '../../pigen/tree/upstream-files';
import { analyseScript } from '../../shell/analyse-script';
import type { BashParser } from '../../shell/bash-parser';
import { BuildProblemError } from '../build-problem';
import type { BuildProblem } from '../build-problem';
import type { EngineInventory } from '../engine/engine-inventory';
import { readGitHash } from '../../pigen/files/git-hash';
import { labelsFor } from '../labels';
import type { PreparedBuild, PreparedBuildResult } from '../plan/prepare-build';
import type { BuildFacts, Known, MachineFacts, PreflightFacts, ProgramFacts, StageFacts } from './facts';
import { engineProgram } from './engine-program';
import { parseProbe, probeScript } from './machine-probe';

export interface FactsRequest {
  readonly program: ProgramFacts;
  readonly engineLabel: string;
  /** A problem where no engine could even be named. */
  readonly inventory: EngineInventory | BuildProblem;
  /** What is built there; undefined: nothing. Asked for once the engine's machine is known. */
  readonly prepare: ((machine: string) => Promise<PreparedBuildResult>) | undefined;
  readonly fs: FileSystem;
  readonly parser: BashParser;
  /** Whether an image may be fetched where none is there to look with. Told before it is done. */
  readonly pull?: (image: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Milliseconds that a look at the engine's machine may take. */
const patience = 30_000;

/** Gathers what the checks judge by. Rejects only when `signal` is aborted, with its reason. */
export async function gatherFacts(request: FactsRequest): Promise<PreflightFacts> {
  const { program, engineLabel, inventory, prepare, signal } = request;
  const engine =
    'describe' in inventory ? await known(() => inventory.describe(signal), signal) : refused(inventory);
  // Where no engine answers, a usual machine stands in, so that what is wrong with the tree is told all the same.
  const prepared = await prepare?.(engine.ok ? engine.facts.machine : 'x86_64');
  const build =
    prepared === undefined
      ? undefined
      : prepared.ok
        ? { ok: true as const, facts: await buildFacts(request.fs, request.parser, prepared) }
        : refused(prepared.problem);
  const looked =
    engine.ok && !engine.facts.rootless && !engine.facts.remapsUsers && 'run' in inventory
      ? await lookAtMachine(
          inventory,
          prepared?.ok === true ? prepared : undefined,
          engineProgram({ engine }),
          request,
        )
      : { machine: undefined, missingImage: undefined };
  return { program, engineLabel, engine, build, ...looked };
}

function refused(problem: BuildProblem): { readonly ok: false; readonly problem: BuildProblem } {
  return { ok: false, problem };
}

async function known<Facts>(ask: () => Promise<Facts>, signal: AbortSignal): Promise<Known<Facts>> {
  try {
    const facts = await ask();
    return { ok: true, facts };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BuildProblemError) return refused(error.problem);
    throw error;
  }
}

/** Looks with an image that is there: the build's own, what it stands on, or the base of another branch. */
async function lookAtMachine(
  inventory: EngineInventory,
  prepared: PreparedBuild | undefined,
  program: string,
  { pull, signal }: FactsRequest,
): Promise<Pick<PreflightFacts, 'machine' | 'missingImage'>> {
  const base = prepared?.plan.image.buildArguments['BASE_IMAGE'];
  const wanted = base ?? branches[0]?.baseImage.native ?? 'debian:trixie';
  const names = [
    ...(prepared === undefined ? ['pi-gen'] : [prepared.plan.image.tag]),
    wanted,
    ...branches.map(({ baseImage }) => baseImage.native),
  ];
  const found = await known(async () => {
    for (const name of new Set(names)) if (await inventory.hasImage(name, signal)) return name;
    if ((await pull?.(wanted)) !== true) return undefined;
    await inventory.pull(wanted, signal);
    return wanted;
  }, signal);
  if (!found.ok) return { machine: found, missingImage: undefined };
  const { facts: image } = found;
  if (image === undefined) return { machine: undefined, missingImage: wanted };
  return { machine: await probe(inventory, image, program, signal), missingImage: undefined };
}

async function probe(
  inventory: EngineInventory,
  image: string,
  program: string,
  signal: AbortSignal,
): Promise<Known<MachineFacts>> {
  const limit = AbortSignal.timeout(patience);
  const request = { image, script: probeScript, labels: labelsFor('probe') };
  try {
    const facts = parseProbe(await inventory.run(request, AbortSignal.any([signal, limit])));
    return facts === undefined
      ? refused(unlooked(image, program, 'it printed nothing of use'))
      : { ok: true, facts };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return refused(unlooked(image, program, 'it did not end in time'));
    if (error instanceof BuildProblemError) return refused(error.problem);
    throw error;
  }
}

function unlooked(image: string, program: string, why: string): BuildProblem {
  return {
    kind: 'engine-refused',
    message: `The container of ${image} that was to look into the engine's machine did not tell: ${why}.`,
    wayOut: `Try \`${program} run --rm --privileged ${image} true\`.`,
  };
}

/** stage0/files/raspberrypi.gpg as the branches master and arm64 ship it, by its hash in git. */
const rejectedKeyHash = '25990a4fe07d71b2acf271d21ae28eb8d60dbc09';

async function buildFacts(fs: FileSystem, parser: BashParser, prepared: PreparedBuild): Promise<BuildFacts> {
  const { tree, plan, order, configs } = prepared;
  const first = order?.find(({ name, skip }) => name === 'stage0' && !skip);
  const inFirst = async (name: string) => first && contentOf(fs, joinPath(first.path, name));
  const prerun = await inFirst('prerun.sh');
  const key = await inFirst('files/raspberrypi.gpg');
  const valueOf = (name: string) => configs.map((config) => staticValue(config, name)).findLast(isSet);
  const exporter =
    valueOf('EXPORT_CONFIG_DIR') === undefined
      ? await contentOf(fs, joinPath(tree.root, 'export-image/prerun.sh'))
      : undefined;
  return {
    treeRoot: tree.root,
    branch: findBranch(tree.branch),
    release: valueOf('RELEASE'),
    baseImage: plan.image.buildArguments['BASE_IMAGE'],
    stages: order?.map(stageFacts),
    bootstraps: prerun !== undefined && UpstreamFiles.ofPiGen().has(prerun),
    exportsThroughLoop: exporter !== undefined && usesLoop(parser, exporter),
    rejectedKey: key !== undefined && gitHash(key) === rejectedKeyHash,
    unmasked: unmaskedNames(configs.flatMap(({ assignments }) => assignments)),
    gitHash: await readGitHash(fs, tree.root),
  };
}

function unmaskedNames(assignments: readonly ConfigAssignment[]): readonly string[] {
  const workedOut = assignments.filter(
    ({ name, parts }) => isSecretName(name) && parts?.every((part) => part.kind === 'text') !== true,
  );
  return [...new Set(workedOut.map(({ name }) => name))];
}

function isSet(value: string | undefined): value is string {
  return value !== undefined;
}

function stageFacts({ name, skip, skipImages, exportImage, exportNoobs }: Stage): StageFacts {
  return { name, skip, exports: !skipImages && (exportImage || exportNoobs) };
}

function usesLoop(parser: BashParser, script: Uint8Array): boolean {
  const { commands } = analyseScript(parser, new TextDecoder().decode(script), 'host');
  return commands.some(({ name, arguments: words }) =>
    [name, ...words].some((word) => word?.literal === 'losetup' || word?.literal === 'ensure_next_loopdev'),
  );
}

async function contentOf(fs: FileSystem, path: string): Promise<Uint8Array | undefined> {
  try {
    return await fs.readFile(path);
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
