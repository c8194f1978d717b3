import { besideContainer, outputOf } from '../afterwards/manifest';
import type { Engine } from '../engine/engine';
import type { SizeSource, StageSize } from './build-timeline';

/**
 * Prints name, bytes and number of packages of each stage that has a root file system, in the order of build.sh's log, each
 * ended by a NUL. copy_previous (scripts/common) leaves the packages that apt has fetched out. What an image is made from
 * (export-image, or EXPORT_CONFIG_DIR) was mounted only while the build ran, and is no stage's.
 */
const listSizes = `
for log in "$0"/build.log "$0"/*/build.log; do
	[ ! -f "$log" ] || work="\${log%/*}"
done
[ -n "\${work:-}" ] || exit 0
grep -aoE '^\\[[0-9:]{8}\\] Begin /[^ ]*$' "$work/build.log" | sed 's|.*/||' | awk '!seen[$0]++' | while IFS= read -r stage; do
	case "$stage" in export-image | export-noobs) continue ;; esac
	[ -d "$work/$stage/rootfs/etc" ] || continue
	cd "$work/$stage/rootfs" || continue
	bytes="$(du -sx --apparent-size --block-size=1 --exclude=./var/cache/apt/archives .)"
	packages="$(grep -sc '^Status: .* installed$' var/lib/dpkg/status)"
	printf '%s\\t%s\\t%s\\0' "$stage" "\${bytes%%[!0-9]*}" "$packages"
done`;

/**
 * Finds out what each stage of an ended build added. Never rejects: what cannot be measured, or not until `signal` is aborted,
 * is not known.
 *
 * @param container that has ended, and is still there
 */
export async function measureStages(
  engine: Engine,
  container: string,
  source: SizeSource,
  signal: AbortSignal,
): Promise<readonly StageSize[]> {
  if (source.kind === 'log') return [];
  try {
    return await measureWork(engine, container, source.folder, signal);
  } catch {
    return [];
  }
}

/** What a line of the log of a stage's try says that the stage added (try-stage.sh, measure); undefined for any other line. */
export function sizeOfLine(line: string): StageSize | undefined {
  const [, stage, bytes] = /^(\S+) adds (\d+) bytes to the stages before it\.$/.exec(line) ?? [];
  return stage === undefined
    ? undefined
    : { stage, total: undefined, added: Number(bytes), packages: undefined };
}

async function measureWork(
  engine: Engine,
  container: string,
  folder: string,
  signal: AbortSignal,
): Promise<readonly StageSize[]> {
  const helper = await besideContainer(engine, container, ['bash', '-c', listSizes, folder], signal);
  if (helper === undefined) return [];
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of outputOf(helper, signal)) chunks.push(Buffer.from(chunk));
    return growthOf(rowsOf(Buffer.concat(chunks).toString()));
  } finally {
    await helper.close();
  }
}

interface MeasuredStage {
  readonly stage: string;
  readonly bytes: number;
  /** Undefined where dpkg keeps no list of them. */
  readonly packages: number | undefined;
}

/** What each stage added to the one before it. @param stages in the order in which they ran */
export function growthOf(stages: readonly MeasuredStage[]): readonly StageSize[] {
  return stages.map(({ stage, bytes, packages }, index) => {
    const before = stages[index - 1];
    return {
      stage,
      total: bytes,
      added: bytes - (before?.bytes ?? 0),
      packages: before === undefined ? packages : difference(packages, before.packages),
    };
  });
}

function difference(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one - other;
}

/** Reads `NAME<tab>BYTES<tab>[PACKAGES]`, each ended by a NUL. What is not of that form is passed over. */
export function rowsOf(text: string): readonly MeasuredStage[] {
  return text.split('\0').flatMap((record) => {
    const [, stage, bytes, packages = ''] = /^([^\t]+)\t(\d+)\t(\d*)$/.exec(record) ?? [];
    return stage === undefined
      ? []
      : [{ stage, bytes: Number(bytes), packages: packages === '' ? undefined : Number(packages) }];
  });
}

/**
 * Measures while something else is done, and gives what came of it; not much longer than that takes. Rejects with what `work`
 * rejects with, once the measuring has ended too.
 *
 * @param measure ends soon when its signal is aborted, and never rejects
 * @param patience milliseconds that it may go on when `work` is done
 */
export async function measureBeside<Measured>(
  measure: (signal: AbortSignal) => Promise<Measured>,
  work: () => Promise<void>,
  { halt, patience = 10_000 }: { readonly halt: AbortSignal; readonly patience?: number },
): Promise<Measured> {
  const enough = new AbortController();
  const measured = measure(AbortSignal.any([halt, enough.signal]));
  let timer: NodeJS.Timeout | undefined;
  try {
    await work();
    timer = setTimeout(() => {
      enough.abort();
    }, patience);
    return await measured;
  } finally {
    clearTimeout(timer);
    enough.abort();
    await measured;
  }
}
