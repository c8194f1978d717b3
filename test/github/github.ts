import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface TestRun {
  readonly id: number;
  readonly title: string;
  readonly workflow: string;
  readonly commit: string;
  readonly created: string;
  readonly jobs: readonly {
    readonly id: number;
    readonly name: string;
    readonly conclusion: string;
    readonly log?: string;
  }[];
}

/**
 * Stands in for GitHub, which no test may ask: the endpoints of its REST API that runs, jobs and logs come from, as its
 * documentation describes them (version 2022-11-28). Logs lie elsewhere, as GitHub's do, at an address that takes no token.
 */
export class TestGitHub {
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[] = [];
  /** Answers a request in its own way where it returns true. */
  misbehave: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

  private constructor(
    private readonly server: Server,
    private readonly repository: string,
    readonly runs: TestRun[],
  ) {}

  /** @param repository `owner/name` */
  static async start(repository: string, runs: TestRun[]): Promise<TestGitHub> {
    const server = createServer();
    const github = new TestGitHub(server, repository, runs);
    server.on('request', (request, response) => {
      github.#answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return github;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.address);
    this.requests.push({ path: pathname, authorization: request.headers.authorization });
    if (this.misbehave(request, response)) return;
    const log = /^\/storage\/(\d+)$/.exec(pathname)?.[1];
    if (log !== undefined) {
      // As Azure's storage does with a token that it does not know.
      if (request.headers.authorization !== undefined) send(response, 401, 'no token wanted', 'text/plain');
      else send(response, 200, this.#job(log)?.log ?? '', 'text/plain');
      return;
    }
    if (request.headers.authorization !== 'bearer good') {
      sendJson(response, 401, { message: 'Bad credentials' });
      return;
    }
    // An Enterprise Server has its API below /api/v3.
    const below = new RegExp(`^(?:/api/v3)?/repos/${this.repository}`);
    const rest = below.test(pathname) ? pathname.replace(below, '') : undefined;
    const workflow = /^\/actions\/workflows\/([^/]+)\/runs$/.exec(rest ?? '')?.[1];
    const jobsOf = /^\/actions\/runs\/(\d+)\/jobs$/.exec(rest ?? '')?.[1];
    const logOf = /^\/actions\/jobs\/(\d+)\/logs$/.exec(rest ?? '')?.[1];
    if (rest === '') {
      sendJson(response, 200, { full_name: this.repository });
    } else if ((workflow !== undefined && this.#has(workflow)) || rest === '/actions/runs') {
      const wanted = this.runs.filter((run) => workflow === undefined || run.workflow === workflow);
      const failed = searchParams.get('status') === 'failure' ? wanted : [];
      sendJson(response, 200, { total_count: failed.length, workflow_runs: failed.map(runJson) });
    } else if (jobsOf !== undefined) {
      const jobs = this.runs.find(({ id }) => id === Number(jobsOf))?.jobs ?? [];
      sendJson(response, 200, {
        total_count: jobs.length,
        jobs: jobs.map(({ id, name, conclusion }) => ({ id, name, conclusion })),
      });
    } else if (logOf !== undefined && this.#job(logOf)?.log !== undefined) {
      response.writeHead(302, { location: `${this.address}/storage/${logOf}` }).end();
    } else if (logOf !== undefined && this.#job(logOf) !== undefined) {
      sendJson(response, 410, { message: 'Gone' });
    } else {
      sendJson(response, 404, { message: 'Not Found' });
    }
  }

  #has(workflow: string): boolean {
    return this.runs.some((run) => run.workflow === workflow);
  }

  #job(id: string): TestRun['jobs'][number] | undefined {
    return this.runs.flatMap(({ jobs }) => jobs).find((job) => job.id === Number(id));
  }
}

function runJson(run: TestRun): object {
  return {
    id: run.id,
    name: run.workflow,
    display_title: run.title,
    run_number: run.id,
    head_branch: 'main',
    head_sha: run.commit,
    created_at: run.created,
    html_url: `https://github.com/runs/${run.id}`,
    conclusion: 'failure',
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, JSON.stringify(body), 'application/json; charset=utf-8');
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
