import * as vscode from 'vscode';
import { attachBuild, hasOwner } from '../../build/session/attach-build';
import { BuildProblemError } from '../../build/build-problem';
import { openRecords } from '../../build/session/build-record';
import type { BuildRecord } from '../../build/session/build-record';
import type { Engine } from '../../build/engine/engine';
import { findBuilds } from '../../build/session/found-build';
import type { FoundBuild } from '../../build/session/found-build';
import { reportLostBuild } from '../../build/session/lost-build';
import { prepareAttach } from '../../build/session/prepare-attach';
import { triedStage } from '../../build/stage-loop/run-stage';
import { baseName, joinPath } from '../../pigen/path';
import type { StageTree } from '../../pigen/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { isTrusted } from '../trust';
import { openEngineOf } from './build-engine';
import { tellStagePassed } from './build-verdict';
import type { BuildVerdict } from './build-verdict';
import type { PlannerParts } from './plan-build';
import type { WindowBuild } from './window-build';

interface AttachParts extends PlannerParts {
  readonly window: WindowBuild;
  readonly verdict: BuildVerdict;
  readonly trees: () => readonly StageTree[];
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

/** Takes up builds that another window or terminal began: by itself, and by `Pi-gen: Attach to Build`. */
export class AttachFeature implements vscode.Disposable {
  readonly #command: vscode.Disposable;
  /** Trees that were looked at for builds of an earlier window. */
  readonly #lookedAt = new Set<string>();

  constructor(private readonly parts: AttachParts) {
    this.#command = parts.commands.register('pi-gen.attachToBuild', () => this.#attach());
  }

  dispose(): void {
    this.#command.dispose();
  }

  /** Takes up what an earlier window began to build of a tree, if there is anything. Looks once for each tree. */
  async takeUp(tree: StageTree): Promise<void> {
    if (this.#lookedAt.has(tree.root) || !vscode.workspace.isTrusted) return;
    this.#lookedAt.add(tree.root);
    for (const { logFile, record } of await openRecords(joinPath(tree.root, 'deploy'))) {
      try {
        await this.#takeUp(tree, logFile, record);
      } catch (error) {
        this.#tellError(error);
      }
    }
  }

  async #takeUp(tree: StageTree, logFile: string, record: BuildRecord): Promise<void> {
    const engine = await openEngineOf(this.parts.disk, tree.root, record.engine);
    const build = (await findBuilds(engine)).find(({ session }) => session === record.session);
    if (await hasOwner({ logFile })) {
      if (build !== undefined) await this.#offer(build, engine);
    } else if (build === undefined) {
      const problem = await reportLostBuild(logFile, record);
      this.parts.verdict.tellProblem(problem);
    } else if (!this.parts.window.isRunning()) {
      await this.#follow(build, engine);
    }
  }

  /** Of a build that stands in the way of a new one. */
  async offerOrCollect(build: FoundBuild, engine: Engine): Promise<void> {
    try {
      if (await hasOwner(build)) await this.#offer(build, engine);
      else await this.#follow(build, engine);
    } catch (error) {
      this.#tellError(error);
    }
  }

  /** `Pi-gen: Attach to Build`: of the builds of this workspace's trees, wherever they were begun. */
  async #attach(): Promise<void> {
    if (!isTrusted() || this.parts.window.isBusy()) return;
    const roots = new Set(this.parts.trees().map(({ root }) => root));
    try {
      const [first] = roots;
      const engine = await openEngineOf(this.parts.disk, first ?? '');
      const builds = (await findBuilds(engine)).filter((build) =>
        roots.has(build.repositoryRoot ?? build.treeRoot),
      );
      const build = builds.length > 1 ? await pickBuild(builds) : builds[0];
      if (build !== undefined) await this.#follow(build, engine);
      else if (builds.length === 0) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t(
            'No build of this workspace is running, and none waits for its results to be collected.',
          ),
        );
      }
    } catch (error) {
      this.#tellError(error);
    }
  }

  async #offer(build: FoundBuild, engine: Engine): Promise<void> {
    const follow = vscode.l10n.t('Follow');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('A build of {0} is running already, in another window or terminal.', builtName(build)),
      follow,
    );
    if (answer === follow) await this.#follow(build, engine);
  }

  async #follow(build: FoundBuild, engine: Engine): Promise<void> {
    const stage = triedStage(build.logFile);
    await this.parts.window.run({
      title: vscode.l10n.t('Building {0} (taken up again)', builtName(build)),
      place: build,
      outlives: true,
      ...(stage === undefined
        ? {}
        : {
            tellSuccess: () => {
              tellStagePassed(stage);
            },
          }),
      run: async (options) => {
        const parser = await this.parts.parser();
        const { disk, ruleNames } = this.parts;
        const prepared = await prepareAttach(build, engine, disk, parser, ruleNames, options.signal);
        return attachBuild(build, engine, { ...prepared, ...options });
      },
    });
  }

  #tellError(error: unknown): void {
    if (error instanceof BuildProblemError) {
      this.parts.verdict.tellProblem(error.problem);
      return;
    }
    this.parts.log.error('A build could not be taken up', error);
    void vscode.window.showErrorMessage(vscode.l10n.t('A build could not be taken up: {0}', String(error)));
  }
}

/** What a build is of: one stage, or the image of a tree. */
function builtName({ logFile, repositoryRoot, treeRoot }: FoundBuild): string {
  return triedStage(logFile) ?? baseName(repositoryRoot ?? treeRoot);
}

async function pickBuild(builds: readonly FoundBuild[]): Promise<FoundBuild | undefined> {
  const picked = await vscode.window.showQuickPick(
    builds.map((build) => ({
      label: builtName(build),
      description: build.plan.container.name,
      detail: vscode.l10n.t('begun {0}', new Date(build.began).toLocaleString()),
      build,
    })),
    { placeHolder: vscode.l10n.t('Which build to follow') },
  );
  return picked?.build;
}
