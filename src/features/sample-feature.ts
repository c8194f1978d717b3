import * as vscode from 'vscode';
import type { CommandRegistry } from './command-registry';

const sampleName = 'stage-ossuary';
/** The walkthrough of package.json. */
const walkthrough = 'pi-gen-stages.pi-gen-stages#first-stage';
/** The folder in whose window the walkthrough goes on. */
const goingOn = 'sample.walkthroughGoesOnIn';
const scriptOfMistake = `${sampleName}/00-install-ossuary/00-run-chroot.sh`;

/** The sample stage, for whoever wants to see what this extension does before writing a stage. */
export class SampleFeature implements vscode.Disposable {
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(
    private readonly extension: vscode.Uri,
    private readonly memory: vscode.Memento,
    commands: CommandRegistry,
  ) {
    this.#subscriptions = [
      commands.register('pi-gen.openSample', (from: unknown) => this.#open(from === 'walkthrough')),
      commands.register('pi-gen.showMistake', () => showMistake()),
      commands.register('pi-gen.fixMistake', () => fixMistake()),
    ];
    void this.#goOn();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The walkthrough went with the window in which the sample was opened: its next step is shown in that of the sample. */
  async #goOn(): Promise<void> {
    const awaited = this.memory.get<string>(goingOn);
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    if (awaited === undefined || folder?.uri.toString() !== awaited) return;
    await this.memory.update(goingOn, undefined);
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', {
      category: walkthrough,
      step: 'mistake',
    });
  }

  /** Copies the sample into a folder of the user's and opens that. */
  async #open(fromWalkthrough: boolean): Promise<void> {
    const [parent] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        openLabel: vscode.l10n.t('Put the Sample Here'),
      })) ?? [];
    if (parent === undefined) return;
    const folder = vscode.Uri.joinPath(parent, 'pi-gen-sample');
    try {
      await vscode.workspace.fs.copy(
        vscode.Uri.joinPath(this.extension, sampleName),
        vscode.Uri.joinPath(folder, sampleName),
        { overwrite: false },
      );
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError) || error.code !== 'FileExists') {
        const reason = error instanceof Error ? error.message : String(error);
        await vscode.window.showErrorMessage(vscode.l10n.t('The sample could not be written: {0}', reason));
        return;
      }
    }
    if (fromWalkthrough) await this.memory.update(goingOn, folder.toString());
    await vscode.commands.executeCommand('vscode.openFolder', folder);
  }
}

/**
 * Makes the mistake that this extension began with, on screen and not on disk: undo takes it back, and so does its fix. The
 * cursor is on it then. Undefined where the sample is not open; the user is told.
 */
async function showMistake(): Promise<vscode.TextEditor | undefined> {
  const [file] = await vscode.workspace.findFiles(`**/${scriptOfMistake}`, undefined, 1);
  if (file === undefined) {
    const open = vscode.l10n.t('Open Sample');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('The sample is not open in this window.'),
      open,
    );
    if (answer === open) await vscode.commands.executeCommand('pi-gen.openSample');
    return undefined;
  }
  const editor = await vscode.window.showTextDocument(file, { viewColumn: columnFor(file), preview: false });
  const { document } = editor;
  if (!document.getText().includes('on_chroot <<')) {
    const end = document.lineAt(document.lineCount - 1).range.end;
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(1, 0), "\non_chroot << 'EOF'\n");
      edit.insert(end, 'EOF\n');
    });
  }
  const place = document.positionAt(document.getText().indexOf('on_chroot <<'));
  editor.selection = new vscode.Selection(place, place);
  editor.revealRange(new vscode.Range(new vscode.Position(0, 0), place));
  return editor;
}

/** Where the file is open, else beside the walkthrough, whose tab the file would take otherwise. */
function columnFor(file: vscode.Uri): vscode.ViewColumn {
  const open = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === file.toString(),
  );
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const isWalkthrough = tab !== undefined && tab.input === undefined;
  return open?.viewColumn ?? (isWalkthrough ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active);
}

/** How long the check of a script may take before its fixes are asked for all the same. Milliseconds. */
const checkLimit = 10_000;

/** Opens the menu of fixes on the mistake: from the walkthrough, no editor has the cursor. */
async function fixMistake(): Promise<void> {
  const editor = await showMistake();
  if (editor === undefined) return;
  await untilFound(editor.document.uri, editor.selection.active);
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  await vscode.commands.executeCommand('editor.action.quickFix');
}

/** Resolves when something is found at a place, or after a while. */
async function untilFound(uri: vscode.Uri, place: vscode.Position): Promise<void> {
  const isFound = (): boolean =>
    vscode.languages.getDiagnostics(uri).some(({ range }) => range.contains(place));
  if (isFound()) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      changes.dispose();
      resolve();
    };
    const changes = vscode.languages.onDidChangeDiagnostics(() => {
      if (isFound()) end();
    });
    const timer = setTimeout(end, checkLimit);
  });
}
