import * as vscode from 'vscode';

/** What of a file system answers questions. */
export interface RootfsFileSystem {
  stat(uri: vscode.Uri): Promise<vscode.FileStat>;
  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]>;
  readFile(uri: vscode.Uri): Promise<Uint8Array>;
}

export const rootfsScheme = 'pi-gen-rootfs';

/**
 * The file system of the Rootfs view, before the features are loaded: documents of an earlier window are asked for as soon as the
 * extension is awake. Read-only.
 */
export function registerLateFileSystem(provider: () => Promise<RootfsFileSystem>): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const registration = vscode.workspace.registerFileSystemProvider(
    rootfsScheme,
    {
      onDidChangeFile: changed.event,
      // What a build leaves does not change by itself, and a running build is looked at again by hand.
      watch: () => new vscode.Disposable(() => undefined),
      stat: async (uri) => (await provider()).stat(uri),
      readDirectory: async (uri) => (await provider()).readDirectory(uri),
      readFile: async (uri) => (await provider()).readFile(uri),
      createDirectory: refuse,
      writeFile: refuse,
      delete: refuse,
      rename: refuse,
    },
    {
      isCaseSensitive: true,
      isReadonly: new vscode.MarkdownString(
        vscode.l10n.t('This file lies in a root file system on the engine, which is only looked at.'),
      ),
    },
  );
  return vscode.Disposable.from(registration, changed);
}
