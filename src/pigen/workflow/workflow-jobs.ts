import { parse } from 'yaml';
import { actionName } from './workflow';
import type { ExpressionValue } from './workflow-expression';

/** One run of a step of pi-gen-action: a job's step, for one entry of the job's matrix. */
export interface ActionRun {
  /** The job's key; undefined in a composite action. */
  readonly job: string | undefined;
  /** As GitHub shows it: `build (lite, arm64)`. */
  readonly name: string;
  readonly uses: string;
  /** What stands under `with:`, expressions and all. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly matrix: Readonly<Record<string, ExpressionValue>>;
  /** False where only GitHub can tell the matrix, because an expression makes it: then `matrix` holds nothing. */
  readonly matrixIsKnown: boolean;
  /** Of the workflow, the job and the step; the narrower wins. */
  readonly environment: Readonly<Record<string, string>>;
  /** Defaults of the inputs of the workflow itself. */
  readonly workflowInputs: Readonly<Record<string, string>>;
}

type Mapping = Readonly<Record<string, unknown>>;

/** All runs of pi-gen-action that a workflow, or a composite action, leads to. Empty for a text that is no such thing. */
export function actionRuns(text: string): readonly ActionRun[] {
  const whole = mappingOf(parsed(text));
  const environment = strings(whole['env']);
  const workflowInputs = inputDefaults(whole);
  const shared = { environment, workflowInputs };
  const composite = mappingOf(whole['runs'])['steps'];
  if (Array.isArray(composite)) {
    return runsOf(undefined, undefined, composite, [{}], { ...shared, matrixIsKnown: true });
  }
  return Object.entries(mappingOf(whole['jobs'])).flatMap(([key, value]) => {
    const job = mappingOf(value);
    const steps = Array.isArray(job['steps']) ? (job['steps'] as readonly unknown[]) : [];
    const entries = matrixEntries(mappingOf(job['strategy'])['matrix']);
    const matrixIsKnown = entries.length > 0;
    return runsOf(key, stringOf(job['name']), steps, matrixIsKnown ? entries : [{}], {
      ...shared,
      matrixIsKnown,
      environment: { ...environment, ...strings(job['env']) },
    });
  });
}

function runsOf(
  job: string | undefined,
  title: string | undefined,
  steps: readonly unknown[],
  entries: readonly Readonly<Record<string, ExpressionValue>>[],
  shared: Pick<ActionRun, 'environment' | 'workflowInputs' | 'matrixIsKnown'>,
): readonly ActionRun[] {
  const own = steps.map(mappingOf).filter((step) => actionName.test(stringOf(step['uses'])?.trim() ?? ''));
  return own.flatMap((step) =>
    entries.map((matrix): ActionRun => {
      const values = Object.values(matrix).map(String);
      const plain = title === undefined || title.includes('${{') ? (job ?? 'action') : title;
      const name = values.length === 0 ? plain : `${plain} (${values.join(', ')})`;
      return {
        job,
        name:
          own.length === 1 ? name : `${name}: ${stringOf(step['name']) ?? stringOf(step['id']) ?? 'step'}`,
        uses: stringOf(step['uses'])?.trim() ?? '',
        inputs: strings(step['with']),
        matrix,
        matrixIsKnown: shared.matrixIsKnown,
        environment: { ...shared.environment, ...strings(step['env']) },
        workflowInputs: shared.workflowInputs,
      };
    }),
  );
}

/**
 * The entries of a matrix, as GitHub makes them: every combination, less what `exclude` names, plus what `include` adds to
 * those that it does not contradict, or as entries of their own. A matrix that only an expression tells has none.
 */
export function matrixEntries(matrix: unknown): readonly Readonly<Record<string, ExpressionValue>>[] {
  if (matrix === undefined || matrix === null) return [{}];
  if (typeof matrix === 'string') return [];
  const { include, exclude, ...axes } = mappingOf(matrix);
  let entries: Readonly<Record<string, ExpressionValue>>[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) return [];
    entries = entries.flatMap((entry) =>
      (values as readonly unknown[]).map((value) => ({ ...entry, ...flat(axis, value) })),
    );
  }
  const excluded = listOf(exclude);
  entries = entries.filter((entry) => !excluded.some((one) => agrees(entry, one, Object.keys(one))));
  if (Object.keys(axes).length === 0) entries = [];
  const originals = entries.map((entry) => ({ ...entry }));
  for (const added of listOf(include)) {
    const shared = Object.keys(added).filter((key) => Object.hasOwn(axes, key));
    const fits = originals.map((entry) => agrees(entry, added, shared));
    if (originals.length === 0 || !fits.includes(true)) entries.push(added);
    else entries = entries.map((entry, index) => (fits[index] === true ? { ...entry, ...added } : entry));
  }
  return entries.length === 0 && include === undefined ? [{}] : entries;
}

function agrees(
  entry: Readonly<Record<string, ExpressionValue>>,
  other: Readonly<Record<string, ExpressionValue>>,
  keys: readonly string[],
): boolean {
  return keys.every((key) => entry[key] === other[key]);
}

function listOf(value: unknown): readonly Readonly<Record<string, ExpressionValue>>[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly unknown[]).map(
    (one) =>
      Object.assign({}, ...Object.entries(mappingOf(one)).map(([key, inner]) => flat(key, inner))) as Record<
        string,
        ExpressionValue
      >,
  );
}

/** `matrix.os.name` of an entry that is a mapping itself is kept under its path. */
function flat(key: string, value: unknown): Record<string, ExpressionValue> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.assign(
      {},
      ...Object.entries(value).map(([name, inner]) => flat(`${key}.${name}`, inner)),
    ) as Record<string, ExpressionValue>;
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { [key]: plain ? value : null };
}

/** Inputs of `workflow_dispatch`, `workflow_call` and composite actions, with their defaults. */
function inputDefaults(whole: Mapping): Readonly<Record<string, string>> {
  // YAML 1.1 would read the key `on` as true; `yaml` reads 1.2.
  const on = mappingOf(whole['on']);
  const all = [mappingOf(on['workflow_call']), mappingOf(on['workflow_dispatch']), whole];
  return Object.assign(
    {},
    ...all.flatMap((holder) =>
      Object.entries(mappingOf(holder['inputs'])).flatMap(([name, input]) => {
        const value = stringOf(mappingOf(input)['default']);
        return value === undefined ? [] : [{ [name]: value }];
      }),
    ),
  ) as Record<string, string>;
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    // What is no YAML is told by the rule that checks workflows.
    return undefined;
  }
}

function mappingOf(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mappingOf(value)).map(([name, inner]) => [name, stringOf(inner) ?? '']),
  );
}
