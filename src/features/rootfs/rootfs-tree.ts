import * as vscode from 'vscode';
import { shownSize } from '../../build/afterwards/shown-size';
import { shownName } from '../../build/rootfs/byte-names';
import type { RootfsNode, RootfsType } from '../../build/rootfs/rootfs-reader';
import { rootfsUri } from './open-rootfs-list';
import type { OpenRootfs, OpenRootfsList } from './open-rootfs-list';
import type { RootfsProvider } from './rootfs-provider';

/** A line of the Rootfs view. */
export type RootfsItem =
  | { readonly kind: 'root'; readonly rootfs: OpenRootfs }
  | { readonly kind: 'entry'; readonly uri: vscode.Uri; readonly node: RootfsNode }
  | { readonly kind: 'trouble'; readonly text: string };

/** The root file systems that are open, as folders. */
export class RootfsTree implements vscode.TreeDataProvider<RootfsItem>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscription: vscode.Disposable;

  constructor(
    private readonly list: OpenRootfsList,
    private readonly provider: RootfsProvider,
  ) {
    this.#subscription = list.onDidChange(() => {
      this.refresh();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(item: RootfsItem): vscode.TreeItem {
    switch (item.kind) {
      case 'root':
        return rootItem(item.rootfs);
      case 'entry':
        return entryItem(item.uri, item.node);
      case 'trouble': {
        const line = new vscode.TreeItem(item.text);
        line.iconPath = new vscode.ThemeIcon('warning');
        line.tooltip = item.text;
        return line;
      }
    }
  }

  async getChildren(item?: RootfsItem): Promise<RootfsItem[]> {
    if (item === undefined) return this.list.all.map((rootfs) => ({ kind: 'root', rootfs }));
    if (item.kind === 'trouble') return [];
    const uri = item.kind === 'root' ? rootfsUri(item.rootfs.key) : item.uri;
    try {
      const nodes = await this.provider.list(uri);
      return [...nodes]
        .sort((a, b) => Number(isFolder(b)) - Number(isFolder(a)))
        .map((node) => ({ kind: 'entry', node, uri: vscode.Uri.joinPath(uri, node.name) }));
    } catch (error) {
      return [{ kind: 'trouble', text: error instanceof Error ? error.message : String(error) }];
    }
  }

  /** For reveal(): only roots are revealed. */
  getParent(): undefined {
    return undefined;
  }
}

function rootItem({ key, label, detail }: OpenRootfs): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = key;
  item.description = detail;
  item.tooltip = `${label}: ${detail}`;
  item.iconPath = new vscode.ThemeIcon('server-environment');
  item.contextValue = 'rootfs';
  return item;
}

function entryItem(uri: vscode.Uri, node: RootfsNode): vscode.TreeItem {
  const item = new vscode.TreeItem(
    shownName(node.name),
    isFolder(node) ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  item.id = uri.toString();
  item.resourceUri = uri;
  const words = descriptionOf(node);
  item.description = words;
  item.tooltip = [
    shownName(uri.path),
    words,
    `${node.mode.toString(8).padStart(4, '0')} · ${new Date(node.changed).toLocaleString()}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
  item.accessibilityInformation = { label: [shownName(node.name), words].join(' ') };
  const icon = iconOf(node);
  if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
  if (typeAtEnd(node) === 'f') {
    item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri] };
  }
  return item;
}

function typeAtEnd({ type, end }: RootfsNode): RootfsType | undefined {
  return type === 'l' ? end : type;
}

function isFolder(node: RootfsNode): boolean {
  return typeAtEnd(node) === 'd';
}

function iconOf(node: RootfsNode): string | undefined {
  if (node.type === 'l') return isFolder(node) ? 'file-symlink-directory' : 'file-symlink-file';
  if (node.type === 'd') return 'folder';
  return node.type === 'f' ? undefined : 'circuit-board';
}

function descriptionOf(node: RootfsNode): string {
  switch (node.type) {
    case 'd':
      return '';
    case 'f':
      return shownSize(node.bytes);
    case 'l': {
      const target = shownName(node.target ?? '');
      return node.end === undefined
        ? vscode.l10n.t('→ {0}, which is not in this image', target)
        : `→ ${target}`;
    }
    case 'c':
      return vscode.l10n.t('character device');
    case 'b':
      return vscode.l10n.t('block device');
    case 'p':
      return vscode.l10n.t('pipe');
    case 's':
      return vscode.l10n.t('socket');
  }
}
