import * as vscode from 'vscode';
import type { BuildSettings } from '../../build/plan/build-plan';
import { defaultBuildSettings } from '../../build/plan/build-plan';
import { resolvePath } from '../../pigen/files/path';
import { pathOf } from '../paths';

/** What the settings say about a build of a folder's tree. Read anew for each build. */
export interface EditorBuildSettings {
  readonly build: BuildSettings;
  /** An engine's address or a Docker context; empty: not set. */
  readonly engine: string;
  /** Keeps the container of a failed build until the next one begins. */
  readonly keepFailed: boolean;
  /** Absolute folder of a pi-gen tree; undefined: not set. */
  readonly piGen: string | undefined;
  /** Absolute path of the config to build with; undefined: not set. */
  readonly config: string | undefined;
}

export function readBuildSettings(folder: vscode.Uri): EditorBuildSettings {
  const settings = vscode.workspace.getConfiguration('pi-gen', folder);
  const workspace = vscode.workspace.getWorkspaceFolder(folder)?.uri ?? folder;
  const path = (name: string): string | undefined => {
    const given = settings.get(name, '').trim();
    return given === '' ? undefined : resolvePath(pathOf(workspace), given.replaceAll('\\', '/'));
  };
  return {
    build: {
      ...defaultBuildSettings,
      network: settings.get('docker.network', ''),
      mounts: settings.get<readonly string[]>('docker.mounts', []),
      environment: settings.get<Readonly<Record<string, string>>>('docker.environment', {}),
      dockerOptions: settings.get('docker.options', ''),
      containerName: settings.get('docker.containerName', ''),
      keepContainer: settings.get('build.keepContainer', false),
    },
    engine: settings.get('docker.engine', '').trim(),
    keepFailed: settings.get('build.keepFailedContainer', false),
    piGen: path('path'),
    config: path('config'),
  };
}
