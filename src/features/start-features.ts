import * as vscode from 'vscode';
import { CompareFeature } from './afterwards/compare-feature';
import { ShellFeature } from './afterwards/shell-feature';
import { BuildFeature } from './build-feature';
import { BuildStageFeature } from './build-stage-feature';
import { CheckScheduler } from './check-scheduler';
import { Diagnostics } from './diagnostics';
import { registerFixCommands } from './fix-commands';
import { onFiles } from './folder-findings';
import { PackageIndexFeature } from './package-index-feature';
import { pathOf } from './paths';
import { QuickFixes } from './quick-fixes';
import { ScaffoldFeature } from './scaffold/scaffold-feature';
import { ShellCheckFeature } from './shellcheck-feature';
import { ShellCheckProgram } from './shellcheck-program';
import { UnsavedTexts } from './unsaved-texts';
import { WatchStageFeature } from './watch-stage-feature';
import { inWorkspace } from './workspace-findings';
import { BuildHistory } from '../build/build-history';
import { IndexStore } from '../packages/index-store';
import { StoredIndex } from '../packages/stored-index';
import { NodeFileSystem } from '../pigen/node-file-system';
import { OverlayFileSystem } from '../pigen/overlay-file-system';
import { rules } from '../rules';
import { Checker } from '../rules/checker';
import { lazyBashParser } from '../shell/lazy-bash-parser';
import type { CommandRegistry } from './command-registry';

export interface Features {
  /** Leaves running builds to their containers, and resolves when all is noted that the next window needs. */
  letGo(): Promise<void>;
}

/** Wires the features together. What they own is disposed of with the extension's context. */
export function startFeatures(context: vscode.ExtensionContext, commands: CommandRegistry): Features {
  const log = vscode.window.createOutputChannel('pi-gen', { log: true });
  const disk = new NodeFileSystem();
  const unsaved = new UnsavedTexts();
  const fileSystem = new OverlayFileSystem(disk, unsaved.texts);
  const dist = pathOf(vscode.Uri.joinPath(context.extensionUri, 'dist'));
  const parser = lazyBashParser(disk, dist);
  const packages = new IndexStore(vscode.Uri.joinPath(context.globalStorageUri, 'packages').fsPath);
  const checker = new Checker({
    fs: fileSystem,
    parser: parser.get,
    packages: new StoredIndex(packages),
  });
  const scheduler = new CheckScheduler(checker, fileSystem, log);
  const checks = new Diagnostics('pi-gen', context.extensionUri);
  const shellChecks = new Diagnostics('pi-gen shellcheck', context.extensionUri);
  const failures = new Diagnostics('pi-gen build', context.extensionUri);
  const shellCheck = new ShellCheckProgram({
    folder: vscode.Uri.joinPath(context.globalStorageUri, 'shellcheck').fsPath,
    downloader: vscode.Uri.joinPath(context.extensionUri, 'dist/shellcheck-download.mjs').fsPath,
    memory: context.globalState,
    log,
    commands,
  });
  const builds = new BuildFeature({
    disk,
    parser: parser.get,
    trees: () => scheduler.trees,
    ruleNames: new Set(rules.map(({ name }) => name)),
    failures,
    isShown: (finding) => checks.has(finding),
    history: new BuildHistory(pathOf(vscode.Uri.joinPath(context.globalStorageUri, 'builds'))),
    log,
    commands,
  });
  const stages = new BuildStageFeature({
    disk,
    parser: parser.get,
    trees: () => scheduler.trees,
    builds,
    commands,
    scriptFolder: dist,
  });
  const watches = new WatchStageFeature({ builds, stages, log, commands });
  context.subscriptions.push(
    log,
    unsaved,
    parser,
    checker,
    scheduler,
    checks,
    shellChecks,
    shellCheck,
    new ShellCheckFeature({
      fileSystem,
      program: shellCheck,
      diagnostics: shellChecks,
      results: () => scheduler.results,
      onDidCheck: scheduler.onDidCheck,
      onDidLeave: scheduler.onDidLeave,
      log,
    }),
    failures,
    builds,
    stages,
    watches,
    new CompareFeature({ disk, trees: () => scheduler.trees, stages, commands, scriptFolder: dist, log }),
    new ShellFeature({ disk, trees: () => scheduler.trees, commands, scriptFolder: dist, log }),
    new ScaffoldFeature({ fileSystem, parser: parser.get, trees: () => scheduler.trees, commands }),
    registerFixCommands(commands),
    new PackageIndexFeature({
      store: packages,
      results: () => scheduler.results,
      onDidCheck: scheduler.onDidCheck,
      checkAgain: () => {
        scheduler.discoverSoon();
      },
      log,
      commands,
    }),
    scheduler.onDidCheck(({ root, tree, findings }) => {
      checks.show(root, inWorkspace(onFiles(findings, tree)));
      void builds.takeUp(tree);
    }),
    scheduler.onDidLeave((root) => {
      checks.clear(root);
    }),
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file' },
      new QuickFixes(
        [checks, shellChecks],
        failures,
        (file) => scheduler.resultFor(file),
        (file) => scheduler.settle(file),
      ),
      QuickFixes.metadata,
    ),
  );
  void scheduler.discover();
  return {
    letGo: async () => {
      await watches.stop();
      await builds.letGo();
    },
  };
}
