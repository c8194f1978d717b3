import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { rootfsScheme } from './late-file-system';
import type { RootfsSource } from '../../build/rootfs/rootfs-source';

/** A root file system that was opened in this workspace, by this window or an earlier one. */
export interface OpenRootfs {
  /** The authority of its documents' addresses. */
  readonly key: string;
  readonly source: RootfsSource;
  /** Absolute path of the tree whose settings name the engine. */
  readonly root: string;
  /** The engine's address; undefined: the one that those settings name. */
  readonly engine?: string;
  /** For people. */
  readonly label: string;
  readonly detail: string;
}

const memoryKey = 'pi-gen.rootfs';
/** Of those that were made folders of a workspace, in the memory of all workspaces; and how many are kept there. */
const sharedKey = 'pi-gen.rootfsFolders';
const sharedLimit = 20;

/** Remembers which root file systems are open: their documents may be open in the next window too. */
export class OpenRootfsList implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** @param shared what all workspaces remember together */
  constructor(
    private readonly memory: vscode.Memento,
    private readonly shared: vscode.Memento,
  ) {}

  dispose(): void {
    this.#changed.dispose();
  }

  get all(): readonly OpenRootfs[] {
    return this.memory.get<readonly OpenRootfs[]>(memoryKey, []);
  }

  find(key: string): OpenRootfs | undefined {
    return [...this.all, ...this.#shared].find((one) => one.key === key);
  }

  /**
   * Remembers one for other workspaces too: a window that gets it as a folder becomes another workspace by that, which knows
   * nothing of what this one remembers.
   */
  async share(rootfs: OpenRootfs): Promise<void> {
    const others = this.#shared.filter(({ key }) => key !== rootfs.key);
    await this.shared.update(sharedKey, [rootfs, ...others].slice(0, sharedLimit));
  }

  get #shared(): readonly OpenRootfs[] {
    return this.shared.get<readonly OpenRootfs[]>(sharedKey, []);
  }

  async add(rootfs: Omit<OpenRootfs, 'key'>): Promise<OpenRootfs> {
    const digits = createHash('sha256').update(JSON.stringify(rootfs.source)).digest('hex').slice(0, 12);
    // An address' authority knows few characters, and no capitals.
    const stage = rootfs.source.stage.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const added = { ...rootfs, key: `${stage}-${digits}` };
    await this.#write([...this.all.filter(({ key }) => key !== added.key), added]);
    return added;
  }

  async remove(key: string): Promise<void> {
    await this.#write(this.all.filter((one) => one.key !== key));
  }

  async #write(all: readonly OpenRootfs[]): Promise<void> {
    await this.memory.update(memoryKey, all);
    this.#changed.fire();
  }
}

export function rootfsUri(key: string, path = '/'): vscode.Uri {
  return vscode.Uri.from({ scheme: rootfsScheme, authority: key, path });
}
