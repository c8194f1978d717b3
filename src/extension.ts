import * as vscode from 'vscode';
import { BuildFeature } from './features/build-feature';
import { CheckScheduler } from './features/check-scheduler';
import { Diagnostics } from './features/diagnostics';
import { registerFixCommands } from './features/fix-commands';
import { onFiles } from './features/folder-findings';
import { NewStageFeature } from './features/new-stage-feature';
import { pathOf } from './features/paths';
import { QuickFixes } from './features/quick-fixes';
import { UnsavedTexts } from './features/unsaved-texts';
import { inWorkspace } from './features/workspace-findings';
import { NodeFileSystem } from './pigen/node-file-system';
import { OverlayFileSystem } from './pigen/overlay-file-system';
import { rules } from './rules';
import { Checker } from './rules/checker';
import { lazyBashParser } from './shell/lazy-bash-parser';

/** For deactivate(), which VS Code hands nothing: the one piece of module state. */
let running: BuildFeature | undefined;

/** Wires the features together; all work starts after it has returned. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('pi-gen', { log: true });
  const disk = new NodeFileSystem();
  const unsaved = new UnsavedTexts();
  const fileSystem = new OverlayFileSystem(disk, unsaved.texts);
  const parser = lazyBashParser(disk, pathOf(vscode.Uri.joinPath(context.extensionUri, 'dist')));
  const checker = new Checker({ fs: fileSystem, parser: parser.get });
  const scheduler = new CheckScheduler(checker, fileSystem, log);
  const checks = new Diagnostics('pi-gen', context.extensionUri);
  const failures = new Diagnostics('pi-gen build', context.extensionUri);
  const builds = new BuildFeature({
    disk,
    parser: parser.get,
    trees: () => scheduler.trees,
    ruleNames: new Set(rules.map(({ name }) => name)),
    failures,
    isShown: (finding) => checks.has(finding),
    log,
  });
  running = builds;
  context.subscriptions.push(
    log,
    unsaved,
    parser,
    checker,
    scheduler,
    checks,
    failures,
    builds,
    new NewStageFeature({ fileSystem, parser: parser.get, trees: () => scheduler.trees }),
    registerFixCommands(),
    scheduler.onDidCheck(({ root, tree, findings }) => {
      checks.show(root, inWorkspace(onFiles(findings, tree)));
    }),
    scheduler.onDidLeave((root) => {
      checks.clear(root);
    }),
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file' },
      new QuickFixes(checks, failures, (file) => scheduler.resultFor(file)),
      QuickFixes.metadata,
    ),
  );
  void scheduler.discover();
}

/** Ends a running build, so that no container is left behind. VS Code waits a few seconds for it. */
export async function deactivate(): Promise<void> {
  await running?.stop();
  running = undefined;
}
