import * as vscode from 'vscode';
import { BuildFeature } from './features/build-feature';
import { CheckScheduler } from './features/check-scheduler';
import { Diagnostics } from './features/diagnostics';
import { registerFixCommands } from './features/fix-commands';
import { onFiles } from './features/folder-findings';
import { NewStageFeature } from './features/new-stage-feature';
import { QuickFixes } from './features/quick-fixes';
import { UnsavedTexts } from './features/unsaved-texts';
import { NodeFileSystem } from './pigen/node-file-system';
import { OverlayFileSystem } from './pigen/overlay-file-system';
import { Checker } from './rules/checker';
import { lazyBashParser } from './shell/lazy-bash-parser';
import { pathOf } from './features/paths';

/** Wires the features together; all work starts after it has returned. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('pi-gen', { log: true });
  const unsaved = new UnsavedTexts();
  const disk = new NodeFileSystem();
  const fileSystem = new OverlayFileSystem(disk, unsaved.texts);
  const parser = lazyBashParser(disk, pathOf(vscode.Uri.joinPath(context.extensionUri, 'dist')));
  const checker = new Checker({ fs: fileSystem, parser: parser.get });
  const scheduler = new CheckScheduler(checker, fileSystem, log);
  const checks = new Diagnostics('pi-gen', context.extensionUri);
  const failures = new Diagnostics('pi-gen build', context.extensionUri);
  const builds = new BuildFeature({ fileSystem, disk, parser: parser.get, failures, log, storage: context.storageUri });

  context.subscriptions.push(
    log,
    unsaved,
    parser,
    checker,
    scheduler,
    checks,
    failures,
    builds,
    new NewStageFeature({ fileSystem: disk, scheduler, parser: parser.get }),
    registerFixCommands(),
    scheduler.onDidCheck(({ root, tree, findings }) => {
      checks.show(root, onFiles(findings, tree));
    }),
    scheduler.onDidLeave((root) => {
      checks.clear(root);
    }),
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file' },
      new QuickFixes([checks, failures]),
      QuickFixes.metadata,
    ),
  );
  void scheduler.discover();
}
