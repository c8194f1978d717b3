import * as vscode from 'vscode';
import { BuildProblemError } from '../../build/build-problem';
import type { Engine } from '../../build/engine/engine';
import type { CloneStore } from '../../build/plan/pi-gen-clone';
import type { PreparedBuild } from '../../build/plan/prepare-build';
import { readContainerScripts } from '../../build/stage-loop/container-scripts';
import { Fingerprints } from '../../build/stage-loop/fingerprint';
import { prepareStage } from '../../build/stage-loop/prepare-stage';
import type { PreparedStage, StageRequest } from '../../build/stage-loop/prepare-stage';
import { runStage, stageLogName } from '../../build/stage-loop/run-stage';
import type { FileSystem } from '../../pigen/files/file-system';
import { baseName, isWithin } from '../../pigen/files/path';
import type { Stage, StageTree, SubStage } from '../../pigen/tree/stage-tree';
import type { BashParser } from '../../shell/bash-parser';
import { pathOfArgument } from '../argument-path';
import type { BuildFeature, BuildJob } from './build-feature';
import { buildPlaceOf } from './build-place';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';
import { tellStagePassed } from './build-verdict';
import { chooseStageConfig } from './choose-configs';
import type { CommandRegistry } from '../command-registry';
import { offerNewStage } from '../offer-new-stage';
import { pathOf, uriOf } from '../paths';
import { pickRoot } from '../tree-picker';
import { isTrusted } from '../trust';

export interface BuildStageParts {
  readonly clones: CloneStore;
  readonly disk: FileSystem;
  readonly parser: () => Promise<BashParser>;
  readonly trees: () => readonly StageTree[];
  readonly builds: BuildFeature;
  /** Keeps the config that the user chose. */
  readonly memory: vscode.Memento;
  readonly commands: CommandRegistry;
  /** Where the bundle keeps the scripts for the build container. */
  readonly scriptFolder: string;
}

export interface ChosenStage {
  readonly tree: StageTree;
  readonly stage: Stage;
}

/** Tries stages from what is kept of those before them: `Pi-gen: Build Stage`, `Rebuild From Here`. */
export class BuildStageFeature implements vscode.Disposable {
  readonly #fingerprints = new Fingerprints();
  readonly #subscriptions: vscode.Disposable[];

  constructor(private readonly parts: BuildStageParts) {
    this.#subscriptions = [
      parts.commands.register('pi-gen.buildStage', (path) => this.#buildStage(pathOfArgument(path))),
      parts.commands.register('pi-gen.rebuildFromHere', (path) =>
        this.#rebuildFromHere(pathOfArgument(path)),
      ),
      parts.commands.register('pi-gen.chooseStageConfig', () => this.#chooseConfig()),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** @param path of the stage, or of anything in it; undefined: the user picks one */
  async #buildStage(path: string | undefined): Promise<void> {
    if (!isTrusted() || this.parts.builds.isBusy()) return;
    const chosen = await this.choose(path);
    if (chosen !== undefined) await this.#try(chosen, { kind: 'stage' });
  }

  /** @param path of the sub-stage, or of anything in it; undefined: the one that is open in the editor, or one picked */
  async #rebuildFromHere(path: string | undefined): Promise<void> {
    if (!isTrusted() || this.parts.builds.isBusy()) return;
    const here = path ?? openFile();
    const chosen = await this.choose(here);
    if (chosen === undefined) return;
    const subStage = await chooseSubStage(chosen.stage, here);
    if (subStage !== undefined) await this.#try(chosen, { kind: 'sub-stage', name: subStage.name });
  }

  async #try(chosen: ChosenStage, from: StageRequest['from']): Promise<void> {
    const job = await this.job(chosen, from);
    if (job !== undefined) await this.parts.builds.build(job);
  }

  /** `Pi-gen: Choose Config for Stages`. */
  async #chooseConfig(): Promise<void> {
    const several = this.parts.trees().filter(({ configs }) => configs.length > 1);
    if (several.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'No pi-gen tree of this workspace has more than one config, so there is nothing to choose.',
        ),
      );
      return;
    }
    const root = await pickRoot(
      several.map((tree) => tree.root),
      vscode.l10n.t('Of which tree'),
    );
    const tree = several.find((one) => one.root === root);
    if (tree === undefined) return;
    if (readBuildSettings(uriOf(tree.root)).config !== undefined) {
      const open = vscode.l10n.t('Open Settings');
      const answer = await vscode.window.showInformationMessage(
        vscode.l10n.t('The setting `pi-gen.config` names the config that this tree is built with.'),
        open,
      );
      if (answer === open)
        await vscode.commands.executeCommand('workbench.action.openSettings', 'pi-gen.config');
      return;
    }
    const place = { treeRoot: tree.root, repositoryRoot: undefined };
    await chooseStageConfig(tree, place, this.parts.memory, true);
  }

  /** What stages of a tree are tried with, asking where that is not known. Undefined: the user left. */
  async place(tree: StageTree): Promise<BuildPlace | undefined> {
    const place = await buildPlaceOf(tree, this.parts.clones);
    return place && chooseStageConfig(tree, place, this.parts.memory);
  }

  /**
   * What a try of a stage is to the builds. Undefined: there is no pi-gen to build it with, and none was chosen.
   *
   * @param given what it is built with; undefined: the user is asked where that is not known
   */
  async job(
    { tree, stage }: ChosenStage,
    from: StageRequest['from'],
    given?: BuildPlace,
  ): Promise<BuildJob | undefined> {
    const place = given ?? (await this.place(tree));
    if (place === undefined) return undefined;
    return {
      title: titleOf(stage, from, place),
      place,
      logName: stageLogName(stage),
      run: async (build, engine, options, guard) => {
        const prepared = await this.prepare(build, stage, from, engine).catch((error: unknown) => {
          throw place.configFile === undefined ? error : withOtherConfigs(error);
        });
        return runStage(prepared, engine, options, guard);
      },
      openShell: () => vscode.commands.executeCommand('pi-gen.openStageShell', stage.path),
      tellSuccess: () => {
        tellStagePassed(stage.name);
      },
    };
  }

  /** Plans a try of a stage. Rejects with a BuildProblemError. */
  async prepare(
    build: PreparedBuild,
    stage: Stage,
    from: StageRequest['from'],
    engine: Engine,
  ): Promise<PreparedStage> {
    const { disk, parser, scriptFolder } = this.parts;
    const prepared = await prepareStage(
      build,
      { stage: stage.path, from, exportImage: false },
      {
        fs: disk,
        parser: await parser(),
        engine,
        scripts: await readContainerScripts(disk, scriptFolder),
        fingerprints: this.#fingerprints,
      },
    );
    if (!prepared.ok) throw new BuildProblemError(prepared.problem);
    return prepared;
  }

  /** The stage that a path lies in, or one that the user picks. Undefined: there is none, or the user left. */
  async choose(
    path: string | undefined,
    question = vscode.l10n.t('Stage to build, from what is kept of those before it'),
  ): Promise<ChosenStage | undefined> {
    const all = this.parts
      .trees()
      .flatMap((tree) =>
        tree.stages.filter(({ role }) => role === 'stage').map((stage) => ({ tree, stage })),
      );
    if (path !== undefined) {
      const found = all.find(({ stage }) => isWithin(stage.path, path));
      if (found !== undefined) return found;
    }
    if (all.length === 0) {
      await offerNewStage(vscode.l10n.t('There is no pi-gen stage in this workspace.'));
      return undefined;
    }
    const open = openFile();
    const items = all.map((chosen) => ({
      label: chosen.stage.name,
      description: vscode.workspace.asRelativePath(chosen.stage.path),
      chosen,
      isOpen: open !== undefined && isWithin(chosen.stage.path, open),
    }));
    // The stage that is being worked on first.
    items.sort((one, other) => Number(other.isOpen) - Number(one.isOpen));
    const picked = await vscode.window.showQuickPick(items, {
      placeHolder: question,
    });
    return picked?.chosen;
  }
}

/** What keeps a stage from being tried may be the config that was chosen long ago: it may not list the stage. */
function withOtherConfigs(error: unknown): unknown {
  if (!(error instanceof BuildProblemError) || error.problem.kind !== 'bad-plan') return error;
  const { kind, message, wayOut } = error.problem;
  const other = vscode.l10n.t('Or choose another config with "Pi-gen: Choose Config for Stages".');
  return new BuildProblemError({ kind, message, wayOut: `${wayOut} ${other}` });
}

function titleOf({ name }: Stage, from: StageRequest['from'], { configFile }: BuildPlace): string {
  const what = configFile === undefined ? name : vscode.l10n.t('{0} with {1}', name, baseName(configFile));
  return from.kind === 'sub-stage'
    ? vscode.l10n.t('Building {0} from {1}', what, from.name)
    : vscode.l10n.t('Building {0}', what);
}

async function chooseSubStage(stage: Stage, path: string | undefined): Promise<SubStage | undefined> {
  const running = stage.subStages.filter(({ skip, steps }) => !skip && steps.length > 0);
  const found = running.find((subStage) => path !== undefined && isWithin(subStage.path, path));
  if (found !== undefined) return found;
  const picked = await vscode.window.showQuickPick(
    running.map((subStage) => ({ label: baseName(subStage.path), subStage })),
    { placeHolder: vscode.l10n.t('Sub-stage of {0} to begin with', stage.name) },
  );
  return picked?.subStage;
}

function openFile(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' ? pathOf(uri) : undefined;
}
