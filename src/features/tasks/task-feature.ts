import * as vscode from 'vscode';
import type { BuildResult } from '../../build/session/build-options';
import type { CloneStore } from '../../build/plan/pi-gen-clone';
import type { FileSystem } from '../../pigen/files/file-system';
import type { Finding } from '../../pigen/finding';
import { relativePath } from '../../pigen/files/path';
import { findingsSummary, prettyFinding } from '../../pigen/pretty-finding';
import { upstreamStage } from '../../pigen/tree/stage-list';
import type { Stage, StageTree } from '../../pigen/tree/stage-tree';
import type { BuildFeature } from '../build/build-feature';
import { buildPlaceOf } from '../build/build-place';
import type { BuildPlace } from '../build/build-place';
import type { BuildStageFeature, ChosenStage } from '../build/build-stage-feature';
import { pathOf, uriOf } from '../paths';
import { readTaskDefinition, taskType } from './task-definition';
import type { PiGenTask, TaskMistake } from './task-definition';
import { findTarget } from './task-target';
import type { TargetMistake, TaskTarget } from './task-target';
import { TaskTerminal } from './task-terminal';
import type { TaskRun } from './task-terminal';

export interface TaskParts {
  readonly fileSystem: FileSystem;
  readonly clones: CloneStore;
  /** The trees of the workspace, each checked as it is now. */
  readonly trees: () => Promise<readonly StageTree[]>;
  /** What the last check found of a tree. */
  readonly findingsOf: (tree: StageTree) => readonly Finding[];
  readonly builds: BuildFeature;
  readonly stages: BuildStageFeature;
}

type Scope = vscode.WorkspaceFolder | vscode.TaskScope | undefined;

/** Tasks of the type `pi-gen`: check, build, and one for each stage of one's own. They run in this extension, by the code behind its commands. */
export class TaskFeature implements vscode.TaskProvider {
  constructor(private readonly parts: TaskParts) {}

  async provideTasks(): Promise<vscode.Task[]> {
    const trees = await this.parts.trees();
    return trees.flatMap((tree) => {
      const folder = vscode.workspace.getWorkspaceFolder(uriOf(tree.root));
      if (folder === undefined) return [];
      const place = relativePath(pathOf(folder.uri), tree.root);
      const base = { type: taskType, ...(place === '' ? {} : { folder: place }) };
      const name = (what: string): string => (place === '' ? what : `${what} (${place})`);
      return [
        this.#task({ ...base, task: 'check' }, folder, name(vscode.l10n.t('check'))),
        this.#task({ ...base, task: 'build' }, folder, name(vscode.l10n.t('build'))),
        ...ownStages(tree).map((stage) => {
          const path = relativePath(tree.root, stage.path);
          return this.#task(
            { ...base, task: 'stage', stage: path },
            folder,
            name(vscode.l10n.t('build {0}', path)),
          );
        }),
      ];
    });
  }

  /** For tasks of tasks.json: what is wrong with one is said when it is run. */
  resolveTask({ definition, scope, name }: vscode.Task): vscode.Task {
    return this.#task(definition, scope, name);
  }

  #task(definition: vscode.TaskDefinition, scope: Scope, name: string): vscode.Task {
    const read = readTaskDefinition(definition);
    const task = new vscode.Task(
      definition,
      scope ?? vscode.TaskScope.Workspace,
      name,
      taskType,
      new vscode.CustomExecution(() => Promise.resolve(new TaskTerminal(this.#runOf(read, scope)))),
      // What it finds is in the Problems panel already.
      [],
    );
    task.group = vscode.TaskGroup.Build;
    task.presentationOptions = { echo: false, clear: true };
    if (!('kind' in read)) task.detail = detailOf(read);
    return task;
  }

  #runOf(read: PiGenTask | TaskMistake, scope: Scope): TaskRun {
    return async (write, signal) => {
      const target = 'kind' in read ? read : findTarget(read, await this.parts.trees(), folderOfScope(scope));
      if ('kind' in target) {
        write(`${mistakeOf(target)}\n`);
        return 1;
      }
      return target.task === 'check'
        ? this.#check(target.tree, write, signal)
        : this.#build(target, write, signal);
    };
  }

  async #check(tree: StageTree, write: (text: string) => void, signal: AbortSignal): Promise<number> {
    const findings = this.parts.findingsOf(tree);
    for (const finding of findings) {
      if (signal.aborted) return 1;
      // Absolute: a terminal like this has no folder of its own that relative links could begin at.
      write(await prettyFinding(finding, this.parts.fileSystem, undefined, true));
    }
    write(`${findingsSummary(findings)}\n`);
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  }

  async #build(target: TaskTarget, write: (text: string) => void, signal: AbortSignal): Promise<number> {
    const { builds, clones } = this.parts;
    if (builds.isBusy()) {
      write(`${vscode.l10n.t('Another build is running in this window. Wait for it, or stop it first.')}\n`);
      return 1;
    }
    const logged = builds.onDidWrite(write);
    try {
      const { tree, stage, from, configFile } = target;
      // What a task builds with stands in it, and not in what somebody has chosen elsewhere.
      const found = await buildPlaceOf(tree, clones);
      if (found === undefined || signal.aborted) return 1;
      const place = configFile === undefined ? found : { ...found, configFile };
      const result =
        stage === undefined
          ? await builds.buildImage(place, { inTerminal: true, signal })
          : await this.#buildStage({ tree, stage }, from, place, signal);
      return result?.outcome === 'succeeded' ? 0 : 1;
    } finally {
      logged.dispose();
    }
  }

  async #buildStage(
    chosen: ChosenStage,
    from: string | undefined,
    place: BuildPlace,
    signal: AbortSignal,
  ): Promise<BuildResult | undefined> {
    const { builds, stages } = this.parts;
    const begin =
      from === undefined ? ({ kind: 'stage' } as const) : ({ kind: 'sub-stage', name: from } as const);
    const job = await stages.job(chosen, begin, place);
    if (job === undefined || signal.aborted) return undefined;
    return builds.build({ ...job, inTerminal: true, signal });
  }
}

/** Stages that are not pi-gen's own: those are built on the way to them. */
function ownStages(tree: StageTree): readonly Stage[] {
  return tree.stages.filter(({ name, role, skip }) => role === 'stage' && !skip && !upstreamStage.test(name));
}

function folderOfScope(scope: Scope): string | undefined {
  if (typeof scope === 'object') return pathOf(scope.uri);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [first] = folders;
  return first !== undefined && folders.length === 1 ? pathOf(first.uri) : undefined;
}

function mistakeOf(mistake: TaskMistake | TargetMistake): string {
  switch (mistake.kind) {
    case 'no-kind':
      return vscode.l10n.t('The task does not say what to do. Set "task" to "check", "build" or "stage".');
    case 'no-stage':
      return vscode.l10n.t(
        'The task does not say which stage to build. Set "stage" to the name of its folder.',
      );
    case 'no-text':
      return vscode.l10n.t('"{0}" of the task is no text. Put it in quotation marks.', mistake.property);
    case 'no-use':
      return vscode.l10n.t(
        '"{0}" means nothing to a task "{1}". Take it out, or let the task do something else.',
        mistake.property,
        mistake.task,
      );
    case 'no-trees':
      return vscode.l10n.t(
        'There is no pi-gen stage in this workspace. Run "Pi-gen: New Stage…" to begin one.',
      );
    case 'no-tree-there':
      return vscode.l10n.t('There are no pi-gen stages in the folder {0}.', mistake.folder);
    case 'several-trees':
      return vscode.l10n.t(
        'There are several stage trees in this workspace. Say which is meant: set "folder" in the task to one of {0}.',
        mistake.folders.join(', '),
      );
    case 'unknown-stage':
      return vscode.l10n.t(
        'There is no stage {0} in {1}. There are: {2}.',
        mistake.stage,
        mistake.root,
        mistake.names.join(', '),
      );
    case 'unknown-sub-stage':
      return vscode.l10n.t('There is no sub-stage {0} in {1}.', mistake.subStage, mistake.stage);
  }
}

function detailOf({ task, stage }: PiGenTask): string {
  switch (task) {
    case 'check':
      return vscode.l10n.t('Print what is wrong with the stages');
    case 'build':
      return vscode.l10n.t('Build the image on the Docker engine');
    case 'stage':
      return vscode.l10n.t('Build {0} from what is kept of the stages before it', stage);
  }
}
