import process from 'node:process';
import * as vscode from 'vscode';
import type { FileSystem } from '../pigen/files/file-system';
import { readGitHash } from '../pigen/files/git-hash';
import { baseName, folderOf } from '../pigen/files/path';
import type { StageTree } from '../pigen/tree/stage-tree';
import { findGitHubRepository } from '../workflow-runs/github-remote';
import type { GitHubRepository } from '../workflow-runs/github-remote';
import { githubServers } from '../workflow-runs/github-server';
import type { GitHubServer } from '../workflow-runs/github-server';
import { RunProblemError } from '../workflow-runs/run-problem';
import type { RunProblem } from '../workflow-runs/run-problem';
import { WorkflowRuns } from '../workflow-runs/workflow-runs';
import type { FailedJob, WorkflowRun } from '../workflow-runs/workflow-runs';
import type { BuildLogsFeature } from './build-logs/build-logs-feature';
import type { ExplainedLog } from './build-logs/log-explanations';
import { withProgress } from './with-progress';
import type { CommandRegistry } from './command-registry';
import { pathOf } from './paths';
import { isTrusted } from './trust';

export interface WorkflowRunsParts {
  readonly fileSystem: FileSystem;
  /** Resolves once the trees of the workspace are known. */
  readonly trees: () => Promise<readonly StageTree[]>;
  readonly buildLogs: BuildLogsFeature;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** A repository of the workspace that is on GitHub. */
interface Place {
  readonly server: GitHubServer;
  readonly repository: GitHubRepository;
  /** Of the working tree; absolute. */
  readonly root: string;
  /** File names in .github/workflows; empty: any of them may build an image. */
  readonly workflows: readonly string[];
}

/** The name under which GitHub itself hands another address of its API to programs. */
const addressVariable = 'GITHUB_API_URL';
/** What GitHub asks for public repositories is an account, no more; `repo` is its only scope that reads private ones. */
const publicScopes = ['read:user'];
const privateScopes = ['repo'];
/** The longest log that is kept to be looked at, in UTF-16 units: VS Code hands no longer text to extensions. */
const longestShown = 50 * 1024 * 1024;

/** `Pi-gen: Explain Workflow Run…`. */
export class WorkflowRunsFeature implements vscode.Disposable {
  readonly #subscription: vscode.Disposable;

  constructor(private readonly parts: WorkflowRunsParts) {
    this.#subscription = parts.commands.register('pi-gen.explainWorkflowRun', () => this.#explain());
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #explain(): Promise<void> {
    if (!isTrusted()) return;
    const place = await this.#choosePlace();
    if (place === undefined) return;
    const { owner, name } = place.repository;
    const page = vscode.Uri.parse(`${place.server.web}/${owner}/${name}/actions`);
    try {
      const token = await signIn(place.server);
      if (token === undefined) {
        void tellManualWay(
          vscode.l10n.t('Nobody is signed in to GitHub, so its logs cannot be fetched.'),
          page,
        );
        return;
      }
      await this.#explainAs(place, token);
    } catch (error) {
      if (error instanceof RunProblemError) {
        this.parts.log.warn(`GitHub: ${JSON.stringify(error.problem)}`);
        void tellManualWay(problemText(error.problem, `${owner}/${name}`), page);
        return;
      }
      this.parts.log.error('Explaining a workflow run failed', error);
      void tellManualWay(vscode.l10n.t('The run could not be explained: {0}', String(error)), page);
    }
  }

  async #explainAs(place: Place, token: string): Promise<void> {
    const { owner, name } = place.repository;
    const title = vscode.l10n.t('Asking GitHub for failed runs of {0}', `${owner}/${name}`);
    let account = token;
    const found = await withProgress(title, async (signal) => {
      try {
        return await ask(place, account, signal).failedRuns(place.workflows);
      } catch (error) {
        const more = isNoAccess(error) ? await signIn(place.server, privateScopes) : undefined;
        if (more === undefined || more === account) throw error;
        account = more;
        return ask(place, account, signal).failedRuns(place.workflows);
      }
    });
    if (found === undefined) return;
    const run = await pickRun(found, place);
    if (run === undefined) return;
    const jobs = await withProgress(
      vscode.l10n.t('Asking GitHub for the jobs of run {0}', run.number),
      (signal) => ask(place, account, signal).failedJobs(run),
      // Of many notifications in a moment the editor shows only the first three: a failure that is told next is to be seen.
      vscode.ProgressLocation.Window,
    );
    const job = jobs === undefined ? undefined : await pickJob(jobs);
    if (job === undefined) return;
    const fetched = await withProgress(
      vscode.l10n.t('Explaining {0} of run {1}', job.name, run.number),
      async (signal) => {
        const chunks = await ask(place, account, signal).log(job);
        const kept = new KeptText();
        return { explained: await this.parts.buildLogs.explain(kept.through(chunks)), text: kept.text };
      },
    );
    if (fetched !== undefined) await this.#show(place, run, job, fetched);
  }

  async #show(
    place: Place,
    run: WorkflowRun,
    job: FailedJob,
    { explained, text }: { readonly explained: ExplainedLog; readonly text: string | undefined },
  ): Promise<void> {
    const { owner, name } = place.repository;
    const checkedOut = await readGitHash(this.parts.fileSystem, place.root);
    const title = vscode.l10n.t('run {0} of {1}, job {2}', run.number, `${owner}/${name}`, job.name);
    const file = `${owner} ${name} ${run.number} ${job.name}`.replaceAll(/[^\w.-]+/g, '-');
    await this.parts.buildLogs.show(
      {
        name: title,
        log: text === undefined ? undefined : this.parts.buildLogs.keep(`${file}.log`, text),
        notes: [run.url, ...commitNotes(run.commit, checkedOut)].filter((note) => note !== ''),
      },
      explained,
    );
  }

  /** The repository that is meant, asking where there are several. Undefined: the user left, or was told that there is none. */
  async #choosePlace(): Promise<Place | undefined> {
    const places = await this.#places();
    if (places.length === 0) {
      void tellManualWay(
        vscode.l10n.t(
          'No folder of this workspace has a remote on github.com, or on the server of the setting github-enterprise.uri, in its .git/config.',
        ),
        undefined,
      );
      return undefined;
    }
    if (places.length === 1) return places[0];
    const picked = await vscode.window.showQuickPick(
      places.map((place) => ({
        label: `${place.repository.owner}/${place.repository.name}`,
        description: vscode.workspace.asRelativePath(place.root),
        place,
      })),
      { placeHolder: vscode.l10n.t('Runs of which repository?'), ignoreFocusOut: true },
    );
    return picked?.place;
  }

  async #places(): Promise<readonly Place[]> {
    const trees = await this.parts.trees();
    const folders = (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => pathOf(uri));
    const servers = githubServers(
      process.env[addressVariable],
      vscode.workspace.getConfiguration('github-enterprise').get<string>('uri'),
    );
    const hosts = servers.map(({ host }) => host);
    const places = new Map<string, Place>();
    for (const folder of [...trees.map(({ root }) => root), ...folders]) {
      const found = await findGitHubRepository(this.parts.fileSystem, folder, hosts);
      const server = servers.find(({ host }) => host === found?.repository.host);
      if (found === undefined || server === undefined) continue;
      const { host, owner, name } = found.repository;
      const key = `${host}/${owner}/${name}`;
      const workflows = trees
        .filter(({ root }) => root === folder)
        .flatMap((tree) => tree.workflows.filter(({ steps }) => steps.length > 0).map(({ path }) => path));
      const known = places.get(key);
      places.set(key, {
        ...found,
        server,
        workflows: [...new Set([...(known?.workflows ?? []), ...workflowNames(workflows)])],
      });
    }
    return [...places.values()];
  }
}

/** A composite action is run by whatever workflow uses it: then all of them have to be looked at. */
function workflowNames(paths: readonly string[]): readonly string[] {
  return paths.every((path) => folderOf(path).endsWith('/.github/workflows')) ? paths.map(baseName) : [];
}

function ask({ repository, server }: Place, token: string, signal: AbortSignal): WorkflowRuns {
  return new WorkflowRuns(repository, { baseUrl: server.api, token, fetch, signal });
}

/** Undefined where the user does not want to sign in. */
async function signIn({ accounts }: GitHubServer, scopes = publicScopes): Promise<string | undefined> {
  // Who has signed in for more already is not asked again.
  const known = await vscode.authentication.getSession(accounts, privateScopes, { silent: true });
  if (known !== undefined) return known.accessToken;
  try {
    return (await vscode.authentication.getSession(accounts, scopes, { createIfNone: true })).accessToken;
  } catch {
    // VS Code rejects where the user says no, and where no provider is there.
    return undefined;
  }
}

function isNoAccess(error: unknown): boolean {
  return error instanceof RunProblemError && error.problem.kind === 'no-access';
}

async function pickRun(
  runs: readonly WorkflowRun[],
  { repository }: Place,
): Promise<WorkflowRun | undefined> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'GitHub knows of no failed run of the workflows of {0} that build an image.',
        `${repository.owner}/${repository.name}`,
      ),
    );
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    runs.map((run) => ({
      label: `$(error) ${run.title}`,
      description: `${run.name} #${run.number}`,
      detail: [run.branch, run.commit.slice(0, 7), new Date(run.created).toLocaleString()]
        .filter((part) => part !== undefined)
        .join(' · '),
      run,
    })),
    {
      title: vscode.l10n.t('Explain Workflow Run'),
      placeHolder: vscode.l10n.t('Which failed run?'),
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
    },
  );
  return picked?.run;
}

async function pickJob(jobs: readonly FailedJob[]): Promise<FailedJob | undefined> {
  if (jobs.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('No job of this run has failed: it was cancelled, or is being run again.'),
    );
    return undefined;
  }
  if (jobs.length === 1) return jobs[0];
  const picked = await vscode.window.showQuickPick(
    jobs.map((job) => ({ label: job.name, job })),
    { placeHolder: vscode.l10n.t('Which failed job?'), ignoreFocusOut: true },
  );
  return picked?.job;
}

function commitNotes(built: string, checkedOut: string | undefined): readonly string[] {
  if (checkedOut === undefined || checkedOut === built) return [];
  return [
    vscode.l10n.t(
      'The run built commit {0}, but {1} is checked out: lines may have moved, and the cause may be mended already.',
      built.slice(0, 7),
      checkedOut.slice(0, 7),
    ),
  ];
}

function problemText(problem: RunProblem, repository: string): string {
  switch (problem.kind) {
    case 'network':
      return vscode.l10n.t('GitHub cannot be reached: {0}.', problem.reason);
    case 'rate-limit':
      return problem.until === undefined
        ? vscode.l10n.t('GitHub takes no more requests of this account for now.')
        : vscode.l10n.t(
            'GitHub takes no more requests of this account until {0}.',
            new Date(problem.until).toLocaleTimeString(),
          );
    case 'signed-out':
      return vscode.l10n.t('GitHub no longer accepts this sign-in. Sign out under Accounts, and in again.');
    case 'no-access':
      return vscode.l10n.t(
        'This GitHub account may not read the runs of {0}, or there is no such repository.',
        repository,
      );
    case 'expired':
      return vscode.l10n.t(
        'GitHub no longer has the log of this run: logs are kept for a limited time. Run the workflow again.',
      );
    case 'unexpected':
      return vscode.l10n.t('GitHub answered in an unexpected way: {0}.', problem.reason);
  }
}

/** Says what is in the way, and how it goes without us. */
async function tellManualWay(what: string, page: vscode.Uri | undefined): Promise<void> {
  const open = vscode.l10n.t('Open on GitHub');
  const explain = vscode.l10n.t('Explain Build Log…');
  const how = vscode.l10n.t('You can also download the log from GitHub and explain that file.');
  const answer = await vscode.window.showWarningMessage(
    `${what} ${how}`,
    ...(page === undefined ? [explain] : [open, explain]),
  );
  if (answer === open && page !== undefined) await vscode.env.openExternal(page);
  if (answer === explain) await vscode.commands.executeCommand('pi-gen.explainBuildLog');
}

/** Keeps what passes through, unless it is too much to be shown. */
class KeptText {
  #parts: string[] | undefined = [];
  #length = 0;

  get text(): string | undefined {
    return this.#parts?.join('');
  }

  async *through(chunks: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      this.#length += chunk.length;
      if (this.#length > longestShown) this.#parts = undefined;
      this.#parts?.push(chunk);
      yield chunk;
    }
  }
}
