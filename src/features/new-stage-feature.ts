import * as vscode from 'vscode';
import type { FileSystem } from '../pigen/file-system';
import { baseName, folderOf, isWithin, joinPath, relativePath } from '../pigen/path';
import { readText } from '../pigen/read-text';
import type { StageTree, StepKind } from '../pigen/stage-tree';
import { stepName } from '../pigen/step-names';
import { addToConfig, addToWorkflow } from '../scaffold/add-to-stage-list';
import type { StageListChange } from '../scaffold/add-to-stage-list';
import { validateStageName, validateSubStageName } from '../scaffold/stage-names';
import { newStage } from '../scaffold/stage-template';
import { NodeStageWriter, writeStage } from '../scaffold/write-stage';
import type { BashParser } from '../shell/bash-parser';
import { readAssignments } from '../shell/config-assignments';
import type { CommandRegistry } from './command-registry';
import { pathOf, uriOf } from './paths';
import { cancelled, inputStep, pickStep } from './wizard';

export interface NewStageParts {
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  /** Trees as they were last checked. */
  readonly trees: () => readonly StageTree[];
  readonly commands: CommandRegistry;
}

const stepChoices: readonly { readonly kind: StepKind; readonly detail: string; readonly picked: boolean }[] =
  [
    { kind: 'packages', detail: 'Packages that apt installs in the image', picked: true },
    { kind: 'run', detail: 'A script on the build host, for copying files into the image', picked: true },
    { kind: 'run-chroot', detail: 'A script inside the image, for its own commands', picked: true },
    { kind: 'packages-nr', detail: 'Packages without those that they only recommend', picked: false },
    { kind: 'debconf', detail: 'Answers to the questions of packages', picked: false },
    { kind: 'patches', detail: 'Patches of files in the image', picked: false },
  ];

/** `Pi-gen: New Stage…`. */
export class NewStageFeature implements vscode.Disposable {
  readonly #command: vscode.Disposable;

  constructor(private readonly parts: NewStageParts) {
    this.#command = parts.commands.register('pi-gen.newStage', (folder: unknown) =>
      this.#run(folder instanceof vscode.Uri ? pathOf(folder) : undefined),
    );
  }

  dispose(): void {
    this.#command.dispose();
  }

  async #run(given: string | undefined): Promise<void> {
    const folder = given ?? (await this.#pickFolder());
    if (folder === undefined) {
      if (vscode.workspace.workspaceFolders === undefined) {
        await vscode.window.showWarningMessage(
          vscode.l10n.t('Open a folder first: a new stage is written into it.'),
        );
      }
      return;
    }
    const existing = (await this.parts.fileSystem.readFolder(folder).catch(() => [])).map(({ name }) => name);
    const title = vscode.l10n.t('New Stage');
    const name = await inputStep({
      title,
      step: 1,
      steps: 4,
      prompt: vscode.l10n.t('Name of the stage, and of its folder in {0}', baseName(folder)),
      value: 'stage-',
      judge: (value) => validateStageName(value, existing),
    });
    if (name === cancelled) return;
    const subStage = await inputStep({
      title,
      step: 2,
      steps: 4,
      prompt: vscode.l10n.t('Name of its first sub-stage, without the number'),
      value: 'install',
      judge: validateSubStageName,
    });
    if (subStage === cancelled) return;
    const steps = await vscode.window.showQuickPick(
      stepChoices.map(({ kind, detail, picked }) => ({
        label: stepName('00', kind),
        detail,
        picked,
        step: kind,
      })),
      {
        title: `${title} (3/4)`,
        placeHolder: vscode.l10n.t('Steps to begin with'),
        canPickMany: true,
        ignoreFocusOut: true,
      },
    );
    if (steps === undefined) return;
    const exportImage = await pickStep(`${title} (4/4)`, vscode.l10n.t('Write an image after this stage?'), [
      {
        label: vscode.l10n.t('Yes'),
        detail: vscode.l10n.t('Adds EXPORT_IMAGE: the image has what the stage did'),
        value: true,
      },
      { label: vscode.l10n.t('No'), detail: vscode.l10n.t('A later stage writes the image'), value: false },
    ]);
    if (exportImage === cancelled) return;
    await this.#write(folder, {
      name,
      exportImage,
      subStage: { number: 0, name: subStage },
      steps: steps.map(({ step }) => step),
    });
  }

  /** Beside the stages that are there; else the workspace folder. */
  async #pickFolder(): Promise<string | undefined> {
    const beside = this.parts.trees().flatMap(({ layout, root, stages }) => {
      const own = stages.filter(({ role }) => role === 'stage').map(({ path }) => folderOf(path));
      return layout === 'pi-gen' || own.length === 0 ? [root] : own;
    });
    const workspace = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => pathOf(uri));
    const folders = [...new Set(beside.length > 0 ? beside : workspace)];
    if (folders.length <= 1) return folders[0];
    const picked = await vscode.window.showQuickPick(
      folders.map((folder) => ({
        label: baseName(folder),
        description: vscode.workspace.asRelativePath(folder),
        folder,
      })),
      { placeHolder: vscode.l10n.t('Folder to write the stage into'), ignoreFocusOut: true },
    );
    return picked?.folder;
  }

  async #write(folder: string, stage: Parameters<typeof newStage>[0]): Promise<void> {
    try {
      const result = await writeStage(new NodeStageWriter(), folder, newStage(stage));
      if (result.kind === 'exists') {
        await vscode.window.showErrorMessage(
          vscode.l10n.t('{0} exists already; nothing was written.', result.path),
        );
        return;
      }
      const first =
        result.paths.find((path) => path.endsWith('.sh') && !path.endsWith('/prerun.sh')) ?? result.paths[0];
      if (first !== undefined) await vscode.window.showTextDocument(uriOf(first));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await vscode.window.showErrorMessage(vscode.l10n.t('The stage could not be written: {0}', reason));
      return;
    }
    await this.#offerStageList(joinPath(folder, stage.name));
  }

  async #offerStageList(stage: string): Promise<void> {
    const tree = this.parts.trees().find(({ root }) => isWithin(root, stage));
    const files = [
      ...new Set((tree?.stageLists ?? []).flatMap(({ file }) => (file === undefined ? [] : [file]))),
    ];
    for (const file of files) {
      const change = await this.#change(file, stage);
      if (change === undefined || change.kind === 'unchanged') continue;
      const add = vscode.l10n.t('Add to {0}', baseName(file));
      const answer = await vscode.window.showInformationMessage(
        vscode.l10n.t(
          '{0} lists the stages to build. Without {1} in it, pi-gen passes the new stage over.',
          baseName(file),
          baseName(stage),
        ),
        add,
      );
      if (answer !== add) continue;
      const document = await vscode.workspace.openTextDocument(uriOf(file));
      const edit = new vscode.WorkspaceEdit();
      for (const { span, text } of change.edits) {
        edit.replace(
          document.uri,
          new vscode.Range(document.positionAt(span.start), document.positionAt(span.end)),
          text,
        );
      }
      await vscode.workspace.applyEdit(edit);
      await document.save();
    }
  }

  async #change(file: string, stage: string): Promise<StageListChange | undefined> {
    const text = await readText(this.parts.fileSystem, file);
    if (typeof text !== 'string') return undefined;
    if (/\.ya?ml$/.test(file)) {
      const repository = folderOf(folderOf(folderOf(file)));
      return addToWorkflow(text, `./${relativePath(repository, stage)}`);
    }
    const inside = folderOf(stage) === folderOf(file);
    return addToConfig(
      text,
      readAssignments(text, await this.parts.parser()),
      inside ? baseName(stage) : stage,
    );
  }
}
