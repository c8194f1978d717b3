import * as vscode from 'vscode';
import { CompareFeature } from './afterwards/compare-feature';
import { ShellFeature } from './afterwards/shell-feature';
import { BuildFeature } from './build/build-feature';
import { BuildLogsFeature } from './build-logs/build-logs-feature';
import { StandingFailures } from './build-logs/standing-failures';
import { BuildStageFeature } from './build/build-stage-feature';
import { CheckScheduler } from './check-scheduler';
import { registerCleanUp } from './build/clean-up-feature';
import { Diagnostics } from './diagnostics';
import { EnvironmentFeature } from './build/environment-feature';
import { registerFixCommands } from './fix-commands';
import { onFiles } from './folder-findings';
import { LanguageFeature } from './language/language-feature';
import { PackageIndexFeature } from './package-index-feature';
import { pathOf } from './paths';
import { editorPreflight } from './build/preflight';
import { QuickFixes } from './quick-fixes';
import { ScaffoldFeature } from './scaffold/scaffold-feature';
import type { RootfsFileSystem } from './rootfs/late-file-system';
import { RootfsFeature } from './rootfs/rootfs-feature';
import { SampleFeature } from './sample-feature';
import { StagesView } from './stages-view/stages-view';
import { StepStates } from './stages-view/step-states';
import { ShellCheckFeature } from './shellcheck/shellcheck-feature';
import { ShellCheckProgram } from './shellcheck/shellcheck-program';
import { TaskFeature } from './tasks/task-feature';
import { LiveTimeline } from './timeline/live-timeline';
import { TimelineFeature } from './timeline/timeline-feature';
import { UnsavedTexts } from './unsaved-texts';
import { WorkflowRunsFeature } from './workflow-runs-feature';
import { WatchStageFeature } from './build/watch-stage-feature';
import { inWorkspace } from './workspace-findings';
import { CloneStore } from '../build/plan/pi-gen-clone';
import { IndexStore } from '../packages/index-store';
import { StoredIndex } from '../packages/stored-index';
import { NodeFileSystem } from '../pigen/files/node-file-system';
import { OverlayFileSystem } from '../pigen/files/overlay-file-system';
import { rules } from '../rules';
import { Checker } from '../rules/checker';
import { lazyBashParser } from '../shell/lazy-bash-parser';
import type { CommandRegistry } from './command-registry';

export interface Features {
  /** The workspace was looked at once, so that commands know its stages. Never rejects. */
  readonly ready: Promise<void>;
  readonly tasks: vscode.TaskProvider;
  readonly rootfs: RootfsFileSystem;
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
  const packageNames = new StoredIndex(packages);
  const checker = new Checker({
    fs: fileSystem,
    parser: parser.get,
    packages: packageNames,
  });
  const scheduler = new CheckScheduler(checker, fileSystem, log);
  const checks = new Diagnostics('pi-gen', context.extensionUri);
  const shellChecks = new Diagnostics('pi-gen shellcheck', context.extensionUri);
  const failures = new Diagnostics('pi-gen build', context.extensionUri);
  const { version } = context.extension.packageJSON as { readonly version: string };
  const clones = new CloneStore(vscode.Uri.joinPath(context.globalStorageUri, 'clones').fsPath);
  const preflight = editorPreflight({ version, disk, parser: parser.get });
  const states = new StepStates();
  const live = new LiveTimeline();
  // Before all others who look at what the checks show.
  const showing = scheduler.onDidCheck(({ root, tree, findings }) => {
    checks.show(root, inWorkspace(onFiles(findings, tree)));
  });
  const standing = new StandingFailures({
    fileSystem,
    failures,
    isShown: (finding) => checks.has(finding),
    onDidCheck: scheduler.onDidCheck,
    memory: context.workspaceState,
    commands,
  });
  const ruleNames = new Set(rules.map(({ name }) => name));
  const ruleFindings = () => scheduler.results.flatMap(({ findings }) => findings);
  const discovered = scheduler.discover();
  const trees = async () => {
    await discovered;
    await scheduler.settleAll();
    return scheduler.trees;
  };
  const buildLogs = new BuildLogsFeature({
    fileSystem,
    parser: parser.get,
    trees,
    onDidCheck: scheduler.onDidCheck,
    ruleNames,
    ruleFindings,
    standing,
    log,
    commands,
  });
  const shellCheck = new ShellCheckProgram({
    folder: vscode.Uri.joinPath(context.globalStorageUri, 'shellcheck').fsPath,
    downloader: vscode.Uri.joinPath(context.extensionUri, 'dist/shellcheck-download.mjs').fsPath,
    memory: context.globalState,
    log,
    commands,
  });
  const builds = new BuildFeature({
    states,
    disk,
    parser: parser.get,
    clones,
    preflight,
    trees: () => scheduler.trees,
    ruleNames,
    ruleFindings,
    standing,
    live,
    log,
    commands,
    memory: context.workspaceState,
  });
  const stages = new BuildStageFeature({
    clones,
    disk,
    parser: parser.get,
    trees: () => scheduler.trees,
    builds,
    memory: context.workspaceState,
    commands,
    scriptFolder: dist,
  });
  const rootfs = new RootfsFeature({
    disk,
    trees: () => scheduler.trees,
    commands,
    scriptFolder: dist,
    memory: context.workspaceState,
    shared: context.globalState,
    log,
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
    standing,
    buildLogs,
    new WorkflowRunsFeature({ fileSystem: disk, trees, buildLogs, log, commands }),
    builds,
    new EnvironmentFeature({ disk, parser: parser.get, trees: () => scheduler.trees, preflight, commands }),
    registerCleanUp({ disk, clones, trees: () => scheduler.trees, commands }),
    stages,
    watches,
    new CompareFeature({ disk, trees: () => scheduler.trees, stages, commands, scriptFolder: dist, log }),
    new ShellFeature({
      disk,
      parser: parser.get,
      ruleNames,
      trees: () => scheduler.trees,
      stages,
      commands,
      scriptFolder: dist,
      log,
    }),
    rootfs,
    new ScaffoldFeature({ fileSystem, parser: parser.get, trees: () => scheduler.trees, commands }),
    states,
    live,
    new TimelineFeature({
      trees: () => scheduler.trees,
      allTrees: trees,
      live,
      extensionUri: context.extensionUri,
      memory: context.workspaceState,
      log,
      commands,
    }),
    new StagesView({
      fileSystem,
      parser: parser.get,
      results: () => scheduler.results,
      onDidCheck: scheduler.onDidCheck,
      onDidLeave: scheduler.onDidLeave,
      states,
      commands,
    }),
    new SampleFeature(context.extensionUri, context.globalState, commands),
    registerFixCommands(commands),
    new LanguageFeature({
      fileSystem,
      parser: parser.get,
      resultOf: (path) => scheduler.resultFor(path),
      settle: (path) => scheduler.settle(path),
      onDidCheck: scheduler.onDidCheck,
      packages: packageNames,
      states,
      log,
      commands,
    }),
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
    showing,
    scheduler.onDidCheck(({ tree }) => {
      void states.takeUp(tree.root);
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
  void vscode.commands.executeCommand('setContext', 'pi-gen.active', true);
  return {
    ready: trees().then(
      () => undefined,
      (error: unknown) => {
        log.error('Looking for stages failed', error);
      },
    ),
    rootfs: rootfs.fileSystem,
    tasks: new TaskFeature({
      fileSystem,
      clones,
      trees,
      findingsOf: ({ root }) => [...checks.ofOrigin(root), ...shellChecks.ofOrigin(root)],
      builds,
      stages,
    }),
    letGo: async () => {
      await watches.stop();
      await Promise.all([rootfs.letGo(), builds.letGo()]);
    },
  };
}
