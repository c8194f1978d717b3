import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import * as vscode from 'vscode';
import {
  closeAll,
  ours,
  replaceLine,
  ruleOf,
  until,
  untilAll,
  untilRules,
  uriIn,
  workspaceFolder,
} from '../diagnostics';
import { activate } from '../extension';
import { restore } from '../restore';

const before = [
  'stage-radio/00-tuner/00-run-chroot.sh nested-on-chroot',
  'stage-radio/00-tuner/01-run.sh missing-errexit',
];
const failed = 'pi-gen/stage-command/00-app/00-run-chroot.sh';

describe('build logs', () => {
  const fixtures = path.resolve(env['PI_GEN_STAGES_FIXTURE'] ?? '', '../..');
  let folder: vscode.Uri;
  let log: vscode.Uri;

  beforeEach(async () => {
    folder = workspaceFolder();
    await activate();
    await untilAll(folder, ...before);
    // Moved in as a whole, so that nobody looks at half of it.
    const made = path.join(path.dirname(folder.fsPath), 'pi-gen');
    await cp(path.join(fixtures, 'explain/tree'), made, { recursive: true });
    await mkdir(path.join(made, 'deploy'));
    await cp(path.join(fixtures, 'logs/command.log'), path.join(made, 'deploy/build-docker.log'));
    await rename(made, uriIn(folder, 'pi-gen').fsPath);
    log = uriIn(folder, 'pi-gen/deploy/build-docker.log');
    // The tree is known once its checks show.
    const nested = uriIn(folder, 'pi-gen/stage-nested/00-app/00-run-chroot.sh');
    await until(
      () => ours(nested).length > 0,
      () => 'the tree is not checked',
    );
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('pi-gen.dismissBuildFindings');
    await closeAll();
    await restore(folder);
    await untilAll(folder, ...before);
  });

  it('have an outline of what ran how long, and fold by it', async () => {
    const document = await vscode.workspace.openTextDocument(log);
    assert.equal(document.languageId, 'pi-gen-log');
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      log,
    );
    assert.deepEqual(outline(symbols), [
      'pi-gen: failed after 8 s',
      '  stage0: 4 s',
      '    prerun.sh: 4 s',
      '  stage-command: failed after 4 s',
      '    prerun.sh: 4 s',
      '    00-app: failed after 0 s',
      '      00-run-chroot.sh: failed after 0 s',
    ]);
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      'vscode.executeFoldingRangeProvider',
      log,
    );
    assert.deepEqual(
      folds.map(({ start, end }) => `${start + 1}-${end + 1}`),
      ['1-12', '2-5', '3-4', '6-12', '7-8', '9-12', '10-12'],
    );
  });

  it('lead from the paths of the container to the local files and lines', async () => {
    await vscode.workspace.openTextDocument(log);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      log,
    );
    const message = links.find(({ range }) => range.start.line === 10);
    assert.equal(message?.target?.toString(), uriIn(folder, failed).with({ fragment: 'L5' }).toString());
    const step = links.find(({ range }) => range.start.line === 9);
    assert.equal(step?.target?.fsPath, uriIn(folder, failed).fsPath);
    assert.equal(links.find(({ range }) => range.start.line === 5)?.target?.scheme, 'command');
  });

  it('lead to the right on_chroot body where bash names no file, and to the files of the sub-stage', async () => {
    for (const [name, said, target, line] of [
      ['bodies', '/bin/bash: line ', 'pi-gen/stage-bodies/00-app/01-run.sh', 'L11'],
      ['helper', './files/setup', 'pi-gen/stage-helper/00-app/files/setup', ''],
    ] as const) {
      const copy = uriIn(folder, `pi-gen/deploy/${name}.log`);
      await cp(path.join(fixtures, `logs/${name}.log`), copy.fsPath);
      const document = await vscode.workspace.openTextDocument(copy);
      const languageId = 'pi-gen-log';
      if (document.languageId !== languageId) {
        await vscode.languages.setTextDocumentLanguage(document, languageId);
      }
      const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
        'vscode.executeLinkProvider',
        copy,
      );
      const link = links.find(({ range }) => document.getText(range).startsWith(said));
      assert.equal(link?.target?.toString(), uriIn(folder, target).with({ fragment: line }).toString());
    }
  });

  it('say on top where the build failed, and why', async () => {
    await vscode.workspace.openTextDocument(log);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      log,
    );
    const titles = lenses.map(({ command }) => command?.title ?? '');
    assert.match(
      titles[0] ?? '',
      /Failed in stage-command › 00-app › 00-run-chroot\.sh, line 5: .*pm2-installer/,
    );
    const [summary] = lenses;
    assert.ok(summary?.command);
    await vscode.commands.executeCommand(
      summary.command.command,
      ...((summary.command.arguments ?? []) as unknown[]),
    );
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, uriIn(folder, failed).fsPath);
    assert.equal(editor.selection.active.line, 4);
  });

  it('are known by what they say, whatever their name', async () => {
    const copy = uriIn(folder, 'saved from the terminal.txt');
    const text = await readFile(log.fsPath, 'utf8');
    await writeFile(copy.fsPath, `$ ./build-docker.sh\n${text}`);
    const changed = new Promise<vscode.TextDocument>((resolve) => {
      const subscription = vscode.workspace.onDidOpenTextDocument((document) => {
        if (document.uri.fsPath !== copy.fsPath || document.languageId !== 'pi-gen-log') return;
        subscription.dispose();
        resolve(document);
      });
    });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(copy));
    assert.equal((await changed).languageId, 'pi-gen-log');
  });

  it('are explained: the place is underlined, and a text says cause, fix and how sure that is', async () => {
    await explain();
    const shown = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.scheme, 'pi-gen-explanation');
    const text = shown.getText();
    for (const part of [
      'Log: pi-gen/deploy/build-docker.log',
      'pm2-installer',
      'stage-command › 00-app › 00-run-chroot.sh',
      'pi-gen/stage-command/00-app/00-run-chroot.sh, line 5',
      'line 11 of the log',
    ])
      assert.ok(text.includes(part), `${part}\n${text}`);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      shown.uri,
    );
    assert.deepEqual(
      links.map(({ target }) => `${path.basename(target?.path ?? '')}#${target?.fragment ?? ''}`),
      ['build-docker.log#', '00-run-chroot.sh#L5,2', 'build-docker.log#L11'],
    );
  });

  it('speak as the rule does that sees the same cause: its range, its page, its fix', async () => {
    await cp(path.join(fixtures, 'logs/nested.log'), log.fsPath);
    const nested = uriIn(folder, 'pi-gen/stage-nested/00-app/00-run-chroot.sh');
    const [ofRule] = ours(nested);
    assert.ok(ofRule);
    await vscode.commands.executeCommand('pi-gen.explainBuildLog', log);
    const shown = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.scheme, 'pi-gen-explanation');
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      shown.uri,
    );
    const { line, character } = ofRule.range.start;
    assert.ok(
      links.some(
        ({ target }) =>
          target?.fsPath === nested.fsPath && target.fragment === `L${line + 1},${character + 1}`,
      ),
      shown.getText(),
    );
    // Once, and not twice.
    assert.deepEqual(ours(nested).map(ruleOf), ['nested-on-chroot']);
    const document = await vscode.workspace.openTextDocument(nested);
    const actions = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      ofRule.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    assert.ok(actions.some(({ edit }) => edit?.has(nested)));
  });

  it('say nothing of a build that passed', async () => {
    await cp(path.join(fixtures, 'logs/passed.log'), log.fsPath);
    await vscode.commands.executeCommand('pi-gen.explainBuildLog', log);
    assert.notEqual(vscode.window.activeTextEditor?.document.uri.scheme, 'pi-gen-explanation');
  });

  it('leave a finding that moves with its line and ends when that is mended', async () => {
    await explain();
    const document = await vscode.workspace.openTextDocument(uriIn(folder, failed));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), '# above\n\n');
    await vscode.workspace.applyEdit(edit);
    await until(
      () => ours(document.uri)[0]?.range.start.line === 6,
      () => JSON.stringify(ours(document.uri)),
    );
    await replaceLine(document, 7, '\tnpm install --global pm2');
    await untilRules(document.uri);
  });

  it('leave a finding that can be dismissed', async () => {
    const [finding] = await explain();
    assert.ok(finding);
    await vscode.workspace.openTextDocument(uriIn(folder, failed));
    const actions = await vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uriIn(folder, failed),
      finding.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const dismiss = actions.find(({ title }) => title.startsWith('Dismiss'));
    assert.ok(dismiss?.command);
    await vscode.commands.executeCommand(
      dismiss.command.command,
      ...((dismiss.command.arguments ?? []) as unknown[]),
    );
    await untilRules(uriIn(folder, failed));
  });

  it('of a task are matched by $pi-gen and $pi-gen-chroot', async () => {
    const names = ['logs/syntax.log', 'logs/command.log'];
    const text = (await Promise.all(names.map((name) => readFile(path.join(fixtures, name), 'utf8')))).join(
      '',
    );
    // Built without Docker: the paths are those of this machine.
    const printed = uriIn(folder, 'printed');
    await writeFile(printed.fsPath, text.replaceAll('/pi-gen', uriIn(folder, 'pi-gen').fsPath));
    const [workspace] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(workspace);
    const matchers = ['$pi-gen', '$pi-gen-chroot'];
    const script = uriIn(folder, 'pi-gen/stage-syntax/00-app/00-run.sh');
    const chroot = uriIn(folder, failed);
    // Runs until it is told to end: the editor drops what it has not read yet of a program that is gone.
    const print = new vscode.ProcessExecution('tail', ['-n', '+1', '-f', printed.fsPath]);
    const task = new vscode.Task({ type: 'process' }, workspace, 'build.sh', 'test', print, matchers);
    const printing = await vscode.tasks.executeTask(task);
    try {
      await until(
        () =>
          ours(script).some(
            ({ message, range }) => message.includes('unexpected token') && range.start.line === 4,
          ),
        () => JSON.stringify(ours(script)),
      );
      // What was found last is shown when something else is, or at the end.
      await ended(printing);
      await until(
        () =>
          ours(chroot).some(
            ({ message, range }) => message.includes('pm2-installer') && range.start.line === 4,
          ),
        () => JSON.stringify(ours(chroot)),
      );
    } finally {
      printing.terminate();
      // What a task has found stays until it runs again.
      task.execution = new vscode.ProcessExecution('true');
      await vscode.tasks.executeTask(task);
    }
    await untilRules(script, 'syntax-error');
    await untilRules(chroot);
  });

  async function explain(): Promise<vscode.Diagnostic[]> {
    await vscode.commands.executeCommand('pi-gen.explainBuildLog', log);
    const script = uriIn(folder, failed);
    await until(
      () => ours(script).some(({ range }) => range.start.line === 4),
      () => JSON.stringify(ours(script)),
    );
    return ours(script);
  }
});

/** Ends a task, and resolves when it has. */
async function ended(execution: vscode.TaskExecution): Promise<void> {
  await new Promise<void>((resolve) => {
    const subscription = vscode.tasks.onDidEndTask((event) => {
      if (event.execution !== execution) return;
      subscription.dispose();
      resolve();
    });
    execution.terminate();
  });
}

function outline(symbols: readonly vscode.DocumentSymbol[], indent = ''): string[] {
  return symbols.flatMap(({ name, detail, children }) => [
    `${indent}${name}: ${detail}`,
    ...outline(children, `${indent}  `),
  ]);
}
