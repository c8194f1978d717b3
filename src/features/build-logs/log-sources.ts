import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { joinPath } from '../../pigen/files/path';
import type { StageTree } from '../../pigen/tree/stage-tree';
import { pathOf, uriOf } from '../paths';
import { slicesOf } from './log-explanations';

/** A log to be explained. */
export interface LogSource {
  /** As the user knows it. */
  readonly name: string;
  /** Where it can be read; undefined for a text that is nowhere yet. */
  readonly uri: vscode.Uri | undefined;
  /** The text of it that is no file, or has unsaved changes. */
  readonly text: string | undefined;
}

interface SourceItem extends vscode.QuickPickItem {
  readonly choose: () => Promise<LogSource | undefined>;
}

/** Asks which log is meant; one that is already known to be one comes first. Undefined: the user left, or was told why not. */
export async function chooseLogSource(trees: readonly StageTree[]): Promise<LogSource | undefined> {
  const items: SourceItem[] = [];
  const open = openLog();
  if (open !== undefined) {
    items.push({
      label: vscode.l10n.t('$(file) The open editor'),
      description: vscode.workspace.asRelativePath(open),
      choose: () => Promise.resolve(sourceOf(open)),
    });
  }
  for (const uri of await lastLogs(trees)) {
    if (uri.toString() === open?.toString()) continue;
    items.push({
      label: vscode.l10n.t('$(history) The last build'),
      description: vscode.workspace.asRelativePath(uri),
      choose: () => Promise.resolve(sourceOf(uri)),
    });
  }
  const terminal = vscode.window.activeTerminal;
  if (terminal !== undefined) {
    items.push({
      label: vscode.l10n.t('$(terminal) The terminal'),
      description: terminal.name,
      choose: () => fromTerminal(terminal),
    });
  }
  items.push(
    { label: vscode.l10n.t('$(folder-opened) A file…'), choose: pickFile },
    { label: vscode.l10n.t('$(clippy) The clipboard'), choose: fromClipboard },
  );
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Explain Build Log'),
    placeHolder: vscode.l10n.t('Which log?'),
    ignoreFocusOut: true,
  });
  return picked?.choose();
}

/** A document's log, as it is on screen; a file's, where it is not open or too large to be handed to extensions. */
export function sourceOf(uri: vscode.Uri): LogSource {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  const name = uri.scheme === 'file' ? vscode.workspace.asRelativePath(uri) : uri.path.replace(/^\//, '');
  const isOnDisk = uri.scheme === 'file' && document?.isDirty !== true;
  return { name, uri, text: isOnDisk ? undefined : document?.getText() };
}

/**
 * The log in chunks, a file's from the disk. Rejects where it cannot be read, and with the signal's reason.
 * @param onProgress told of the share of a file that was read meanwhile, in percent
 */
export async function* chunksOf(
  { uri, text }: LogSource,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
): AsyncGenerator<string> {
  if (text !== undefined || uri?.scheme !== 'file') {
    yield* slicesOf(text ?? '', signal);
    return;
  }
  const size = Math.max(1, (await stat(uri.fsPath)).size);
  const decoder = new TextDecoder();
  for await (const chunk of createReadStream(uri.fsPath, { signal, highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Uint8Array;
    onProgress((100 * bytes.length) / size);
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode();
}

/** What the active editor shows, where that may be a log: very large files have a tab, but no document for extensions. */
function openLog(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputText ? input.uri : undefined;
  if (uri === undefined || uri.scheme === 'pi-gen-explanation') return undefined;
  const document = vscode.window.activeTextEditor?.document;
  const isLog = document?.uri.toString() === uri.toString() && document.languageId === 'pi-gen-log';
  return isLog || uri.scheme === 'untitled' || /\.(?:log|txt)$/i.test(uri.path) ? uri : undefined;
}

/** Where our own builds and build-docker.sh leave their log. */
async function lastLogs(trees: readonly StageTree[]): Promise<readonly vscode.Uri[]> {
  const found = await Promise.all(
    trees.map(async ({ root }) => {
      const uri = uriOf(joinPath(root, 'deploy/build-docker.log'));
      const isFile = await stat(uri.fsPath).then(
        (file) => file.isFile(),
        () => false,
      );
      return isFile ? [uri] : [];
    }),
  );
  return found.flat();
}

async function pickFile(): Promise<LogSource | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      openLabel: vscode.l10n.t('Explain'),
      filters: { [vscode.l10n.t('Logs')]: ['log', 'txt'], [vscode.l10n.t('All Files')]: ['*'] },
    })) ?? [];
  return file && sourceOf(file);
}

async function fromClipboard(): Promise<LogSource | undefined> {
  const text = await vscode.env.clipboard.readText();
  if (text.trim() === '') {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The clipboard holds no text. Copy the log, from its first Begin on, and try again.'),
    );
    return undefined;
  }
  return { name: vscode.l10n.t('the clipboard'), uri: undefined, text };
}

/** What a terminal still holds of a build that ran in it: extensions get its text by way of the clipboard only. */
async function fromTerminal(terminal: vscode.Terminal): Promise<LogSource | undefined> {
  const before = await vscode.env.clipboard.readText();
  terminal.show(true);
  await vscode.commands.executeCommand('workbench.action.terminal.selectAll');
  await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
  await vscode.commands.executeCommand('workbench.action.terminal.clearSelection');
  const text = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText(before);
  return { name: vscode.l10n.t('the terminal {0}', terminal.name), uri: undefined, text };
}

/** Whether a file is the archive into which GitHub packs the logs of a run. */
export function isArchive(uri: vscode.Uri | undefined): boolean {
  return uri !== undefined && /\.zip$/i.test(pathOf(uri));
}
