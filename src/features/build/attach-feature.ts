import * as vscode from 'vscode';
import { attachBuild, hasOwner } from '../../build/session/attach-build';
import { BuildProblemError } from '../../build/build-problem';
import type { BuildProblem } from '../../build/build-problem';
import { buildRecords } from '../../build/session/build-record';
import type { BuildRecord } from '../../build/session/build-record';
import type { Engine } from '../../build/engine/engine';
import type { EngineEndpoint } from '../../build/engine/engine-endpoint';
import { openEngine } from '../../build/engine/open-engine';
import { findBuilds } from '../../build/session/found-build';
import type { FoundBuild } from '../../build/session/found-build';
import { reportLostBuild } from '../../build/session/lost-build';
import { prepareAttach } from '../../build/session/prepare-attach';
import { triedStage } from '../../build/stage-loop/run-stage';
import { baseName, folderOf, isWithin, joinPath, relativePath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CommandRegistry } from '../command-registry';
import { isTrusted } from '../trust';
import type { ImageOptions } from './build-feature';
import type { BuildPlace } from './build-place';
import { enginesWithBuilds, openRecordedEngine } from './build-engine';
import { tellStagePassed } from './build-verdict';
import type { BuildVerdict } from './build-verdict';
import type { PlannerParts } from './plan-build';
import type { JobEnd, WindowBuilds, WindowJob } from './window-builds';

interface AttachParts extends PlannerParts {
  readonly window: WindowBuilds;
  readonly verdict: BuildVerdict;
  /** Builds an image anew. */
  readonly again: (place: BuildPlace, options: ImageOptions) => Promise<void>;
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

  /**
   * Takes up what an earlier window began to build of a tree, all of it: the image, a try of a stage, one config of several. Looks
   * once for each tree.
   */
  async takeUp(tree: StageTree): Promise<void> {
    if (this.#lookedAt.has(tree.root) || !vscode.workspace.isTrusted) return;
    this.#lookedAt.add(tree.root);
    const open = (await buildRecords(joinPath(tree.root, 'deploy'))).filter(
      ({ record }) => record.end === undefined,
    );
    await Promise.all(
      open.map(async ({ logFile, record }) => {
        try {
          await this.#takeUp(tree, logFile, record);
        } catch (error) {
          this.#tellError(error, logFile);
        }
      }),
    );
  }

  async #takeUp(tree: StageTree, logFile: string, record: BuildRecord): Promise<void> {
    const engine = await openRecordedEngine(this.parts.disk, tree.root, record.engine);
    const build = (await findBuilds(engine)).find(({ session }) => session === record.session);
    if (await hasOwner({ logFile })) {
      if (build !== undefined) await this.#offer(build, engine);
    } else if (build === undefined) {
      const problem = await reportLostBuild(logFile, record);
      this.parts.verdict.tellProblem(problem, { logFile });
    } else {
      await this.#follow(build, engine, true);
    }
  }

  /**
   * Of a build that stands in the way of a new one.
   *
   * @param again begins the new one
   */
  async offerOrCollect(build: FoundBuild, engine: Engine, again: () => Promise<void>): Promise<void> {
    try {
      if (await hasOwner(build)) {
        await this.#offer(build, engine);
        return;
      }
      const end = await this.#follow(build, engine, nameOf(build) !== undefined);
      if (build.state !== 'running' && !end.stopped) await offerAgain(build, again);
    } catch (error) {
      this.#tellError(error, build.logFile);
    }
  }

  /** `Pi-gen: Attach to Build`: of the builds of this workspace's trees, wherever they were begun. */
  async #attach(): Promise<void> {
    if (!isTrusted() || this.parts.window.isBusy()) return;
    try {
      const { builds, problem } = await this.#findAll();
      const picked = builds.length > 1 ? await pickBuilds(builds) : builds;
      if (builds.length === 0 && problem !== undefined) throw new BuildProblemError(problem);
      if (builds.length === 0) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t(
            'No build of this workspace is running, and none waits for its results to be collected.',
          ),
        );
      }
      await Promise.all(picked.map(({ build, engine }) => this.#follow(build, engine, picked.length > 1)));
    } catch (error) {
      this.#tellError(error);
    }
  }

  /** On every engine that a build of this workspace's trees may be on; `problem`: one of them does not answer. */
  async #findAll(): Promise<{
    readonly builds: readonly BuildOnEngine[];
    readonly problem: BuildProblem | undefined;
  }> {
    const { disk, trees } = this.parts;
    const roots = new Set(trees().map(({ root }) => root));
    const endpoints = new Map<string, EngineEndpoint>();
    for (const root of roots) {
      for (const endpoint of await enginesWithBuilds(disk, root)) endpoints.set(endpoint.label, endpoint);
    }
    const found: BuildOnEngine[] = [];
    let problem: BuildProblem | undefined;
    for (const endpoint of endpoints.values()) {
      try {
        const engine = await openEngine(endpoint);
        for (const build of await findBuilds(engine)) {
          const isNew = !found.some((other) => other.build.session === build.session);
          if (isNew && roots.has(rootOf(build))) found.push({ build, engine });
        }
      } catch (error) {
        if (!(error instanceof BuildProblemError)) throw error;
        problem ??= error.problem;
      }
    }
    return { builds: found, problem };
  }

  async #offer(build: FoundBuild, engine: Engine): Promise<void> {
    const follow = vscode.l10n.t('Follow');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'A build of {0} is running already, in another window or terminal, so none was begun here. Follow it, or stop it there first.',
        builtName(build),
      ),
      follow,
    );
    if (answer === follow) await this.#follow(build, engine, nameOf(build) !== undefined);
  }

  /** @param beside it is one of several */
  async #follow(build: FoundBuild, engine: Engine, beside: boolean): Promise<JobEnd> {
    const stage = triedStage(build.logFile);
    const { treeRoot, repositoryRoot } = build;
    return this.parts.window.carryOut({
      title: vscode.l10n.t('Building {0} (taken up again)', builtName(build)),
      place: { treeRoot, repositoryRoot, ...named(build) },
      outlives: true,
      beside,
      ...(stage === undefined ? this.#asImage(build, engine) : this.#asStage(build, stage)),
      run: async (options) => {
        const parser = await this.parts.parser();
        const { disk, ruleNames } = this.parts;
        const prepared = await prepareAttach(build, engine, disk, parser, ruleNames, options.signal);
        return attachBuild(build, engine, { ...prepared, ...options });
      },
    });
  }

  #asImage(build: FoundBuild, engine: Engine): Pick<WindowJob, 'buildAndKeep'> {
    const { treeRoot, repositoryRoot } = build;
    const config = this.#configOf(build);
    if (config === undefined) return {};
    const place = { treeRoot, repositoryRoot, engine: engine.label, ...named(build), ...config };
    return { buildAndKeep: () => this.parts.again(place, { keep: true }) };
  }

  #asStage(build: FoundBuild, stage: string): Pick<WindowJob, 'tellSuccess' | 'openShell'> {
    return {
      tellSuccess: () => {
        tellStagePassed(stage);
      },
      openShell: () => {
        const path = this.#treeOf(build)?.stages.find(({ name }) => name === stage)?.path;
        return vscode.commands.executeCommand('pi-gen.openStageShell', path);
      },
    };
  }

  /** What an image was built with. Undefined: a step of a workflow, or a config that is not there any more. */
  #configOf(build: FoundBuild): Pick<BuildPlace, 'configFile'> | undefined {
    const { variant } = build.plan.subject;
    if (variant === 'config') return {};
    const tree = this.#treeOf(build);
    const config = tree?.configs.find(({ path }) => relativePath(tree.root, path) === variant);
    return config && { configFile: config.path };
  }

  #treeOf(build: FoundBuild): StageTree | undefined {
    return this.parts.trees().find(({ root }) => root === rootOf(build));
  }

  #tellError(error: unknown, logFile?: string): void {
    if (error instanceof BuildProblemError) {
      const { kind, message, wayOut } = error.problem;
      const told =
        logFile === undefined
          ? message
          : vscode.l10n.t('A build that writes {0} could not be taken up. {1}', logFile, message);
      this.parts.verdict.tellProblem(
        { kind: logFile === undefined ? kind : 'engine-lost', message: told, wayOut },
        logFile === undefined ? {} : { logFile },
      );
      return;
    }
    this.parts.log.error('A build could not be taken up', error);
    void vscode.window.showErrorMessage(
      vscode.l10n.t(
        'A build could not be taken up: {0}. It goes on in its container; "Pi-gen: Attach to Build" tries again.',
        String(error),
      ),
    );
  }
}

interface BuildOnEngine {
  readonly build: FoundBuild;
  readonly engine: Engine;
}

function rootOf({ repositoryRoot, treeRoot }: FoundBuild): string {
  return repositoryRoot ?? treeRoot;
}

/** What tells a build with one config of several from the others: the folder of its results below the tree's. */
function nameOf(build: FoundBuild): string | undefined {
  const deploy = joinPath(rootOf(build), 'deploy');
  const folder = folderOf(build.logFile);
  return folder !== deploy && isWithin(deploy, folder) ? relativePath(deploy, folder) : undefined;
}

function named(build: FoundBuild): Pick<BuildPlace, 'name'> {
  const name = nameOf(build);
  return name === undefined ? {} : { name };
}

/** What a build is of: one stage, the image of a tree, or that of one of its configs. */
function builtName(build: FoundBuild): string {
  const tree = baseName(rootOf(build));
  const name = nameOf(build);
  return triedStage(build.logFile) ?? (name === undefined ? tree : `${tree}: ${name}`);
}

/** What was to be built was not: the results of an earlier build stood in its way. */
async function offerAgain(build: FoundBuild, again: () => Promise<void>): Promise<void> {
  const go = vscode.l10n.t('Build Now');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The results of an earlier build of {0} were collected first; what you have changed since then is not in them.',
      builtName(build),
    ),
    go,
  );
  if (answer === go) await again();
}

async function pickBuilds(builds: readonly BuildOnEngine[]): Promise<readonly BuildOnEngine[]> {
  const picked = await vscode.window.showQuickPick(
    builds.map((one) => ({
      label: builtName(one.build),
      description: one.build.plan.container.name,
      detail: vscode.l10n.t('begun {0}', new Date(one.build.began).toLocaleString()),
      picked: true,
      one,
    })),
    {
      canPickMany: true,
      title: vscode.l10n.t('Attach to Build'),
      placeHolder: vscode.l10n.t('Which builds to follow'),
    },
  );
  return (picked ?? []).map(({ one }) => one);
}
