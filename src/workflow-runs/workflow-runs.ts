import type { GitHubRepository } from './github-remote';
import { problemOf, RunProblemError } from './run-problem';

export interface WorkflowRun {
  readonly id: number;
  /** The workflow's. */
  readonly name: string;
  /** Of the commit or pull request. */
  readonly title: string;
  readonly number: number;
  readonly branch: string | undefined;
  /** Hexadecimal. */
  readonly commit: string;
  /** ISO 8601. */
  readonly created: string;
  readonly url: string;
}

export interface FailedJob {
  readonly id: number;
  readonly name: string;
}

export interface GitHubOptions {
  /** Of the API, without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** Of one workflow; GitHub lists the newest first. */
const runsListed = 20;
/** Of one run; a matrix of images has far fewer. */
const jobsListed = 100;

/** How a run or a job ends that has an error to explain. */
const failures: readonly string[] = ['failure', 'timed_out'];

/** Asks GitHub for runs of Actions, their jobs and logs. Every method rejects with a RunProblemError, or the signal's reason. */
export class WorkflowRuns {
  constructor(
    private readonly repository: GitHubRepository,
    private readonly options: GitHubOptions,
  ) {}

  /**
   * The failed runs, the newest first.
   * @param workflows names of files in .github/workflows; none: of all workflows
   */
  async failedRuns(workflows: readonly string[]): Promise<readonly WorkflowRun[]> {
    const lists =
      workflows.length === 0
        ? [await this.#runs('GET /repos/{owner}/{repo}/actions/runs', {})]
        : await Promise.all(workflows.map((workflow) => this.#runsOf(workflow)));
    return lists.flat().sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  async failedJobs(run: WorkflowRun): Promise<readonly FailedJob[]> {
    const { data } = await this.#request(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      { run_id: run.id, per_page: jobsListed, filter: 'latest' },
      'repository',
    );
    return listIn(data, 'jobs').flatMap((job) => {
      const id = numberIn(job, 'id');
      if (id === undefined || !failures.includes(textIn(job, 'conclusion') ?? '')) return [];
      return [{ id, name: textIn(job, 'name') ?? String(id) }];
    });
  }

  /** The log of a job, as text in chunks. The chunks reject as the methods do. */
  async log(job: FailedJob): Promise<AsyncIterable<string>> {
    const { headers } = await this.#request(
      'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs',
      // GitHub answers with an address elsewhere, where the token is nobody's business.
      { job_id: job.id, request: { redirect: 'manual', parseSuccessResponseBody: false } },
      'log',
    );
    const address = headers['location'];
    if (typeof address !== 'string') {
      throw new RunProblemError({ kind: 'unexpected', reason: 'GitHub named no address for the log.' });
    }
    return this.#download(new URL(address, this.options.baseUrl));
  }

  async #download(address: URL): Promise<AsyncIterable<string>> {
    const { signal } = this.options;
    let response: Response;
    try {
      response = await this.options.fetch(address, { signal });
    } catch (error) {
      throw this.#networkProblem(error);
    }
    if (!response.ok || response.body === null) {
      const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
      throw new RunProblemError(problemOf(response.status, header, response.statusText, 'log'));
    }
    return this.#textOf(response.body);
  }

  async *#textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield decoder.decode(value, { stream: true });
      }
      yield decoder.decode();
    } catch (error) {
      throw this.#networkProblem(error);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** A workflow that was never pushed is one that GitHub does not know: it has no runs. */
  async #runsOf(workflow: string): Promise<readonly WorkflowRun[]> {
    try {
      return await this.#runs('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
        workflow_id: workflow,
      });
    } catch (error) {
      if (!(error instanceof RunProblemError) || error.problem.kind !== 'no-access') throw error;
      // But where the repository itself cannot be read, that is to be told.
      await this.#request('GET /repos/{owner}/{repo}', {}, 'repository');
      return [];
    }
  }

  async #runs(route: string, parameters: Record<string, unknown>): Promise<readonly WorkflowRun[]> {
    const lists = await Promise.all(
      failures.map((status) =>
        this.#request(route, { ...parameters, status, per_page: runsListed }, 'repository'),
      ),
    );
    return lists.flatMap(({ data }) => listIn(data, 'workflow_runs').flatMap((run) => runOf(run) ?? []));
  }

  async #request(
    route: string,
    parameters: Record<string, unknown>,
    asked: 'repository' | 'log',
  ): Promise<{ readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }> {
    const { request } = await import('@octokit/request');
    const { baseUrl, token, fetch: ask, signal } = this.options;
    const own = (parameters['request'] ?? {}) as Record<string, unknown>;
    try {
      const answer = await request(route, {
        ...parameters,
        owner: this.repository.owner,
        repo: this.repository.name,
        baseUrl,
        headers: { authorization: `bearer ${token}`, 'x-github-api-version': '2022-11-28' },
        request: { ...own, fetch: ask, signal },
      });
      return { data: answer.data as unknown, headers: answer.headers };
    } catch (error) {
      const answer = answerOf(error);
      if (answer === undefined) throw this.#networkProblem(error);
      const header = (name: string): string | undefined => textIn(answer.headers, name);
      throw new RunProblemError(problemOf(answer.status, header, answer.message, asked), { cause: error });
    }
  }

  #networkProblem(error: unknown): unknown {
    if (this.options.signal.aborted) return this.options.signal.reason;
    return new RunProblemError({ kind: 'network', reason: deepestReason(error) }, { cause: error });
  }
}

/** What GitHub answered, where an error of Octokit comes from an answer at all. */
function answerOf(
  error: unknown,
): { readonly status: number; readonly headers: unknown; readonly message: string } | undefined {
  const response = fieldIn(error, 'response');
  const status = numberIn(response, 'status');
  if (status === undefined) return undefined;
  const message = error instanceof Error ? error.message : '';
  return { status, headers: fieldIn(response, 'headers'), message };
}

/** fetch says that it failed, and why only in the error behind its own. */
function deepestReason(error: unknown): string {
  let reason = String(error);
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (one.message !== '') reason = one.message;
  }
  return reason;
}

function runOf(run: unknown): WorkflowRun | undefined {
  const id = numberIn(run, 'id');
  const commit = textIn(run, 'head_sha');
  if (id === undefined || commit === undefined) return undefined;
  const name = textIn(run, 'name') ?? '';
  return {
    id,
    name,
    title: textIn(run, 'display_title') ?? name,
    number: numberIn(run, 'run_number') ?? 0,
    branch: textIn(run, 'head_branch'),
    commit,
    created: textIn(run, 'created_at') ?? '',
    url: textIn(run, 'html_url') ?? '',
  };
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = fieldIn(value, name);
  return Array.isArray(list) ? list : [];
}

function textIn(value: unknown, name: string): string | undefined {
  const text = fieldIn(value, name);
  return typeof text === 'string' ? text : undefined;
}

function numberIn(value: unknown, name: string): number | undefined {
  const number = fieldIn(value, name);
  return typeof number === 'number' ? number : undefined;
}
