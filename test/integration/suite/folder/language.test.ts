import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { closeAll, replaceLine, untilAll, uriIn, workspaceFolder } from '../diagnostics';
import { activate } from '../extension';
import { restore } from '../restore';

const display = 'stage-kiosk/00-display/00-run.sh';
const packages = 'stage-kiosk/01-browser/00-packages';
const inChroot = 'stage-radio/00-tuner/00-run-chroot.sh';
const findings = [`${inChroot} nested-on-chroot`, 'stage-radio/00-tuner/01-run.sh missing-errexit'];

describe('what the editor knows of a stage', () => {
  let folder: vscode.Uri;
  before(async () => {
    folder = workspaceFolder();
    await activate();
  });
  beforeEach(() => untilAll(folder, ...findings));
  afterEach(async () => {
    await closeAll();
    await restore(folder);
  });

  async function open(file: string): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(uriIn(folder, file));
    await vscode.window.showTextDocument(document);
    return document;
  }

  /** The position in a document of the mark `‸` in a needle. */
  function at(document: vscode.TextDocument, needle: string): vscode.Position {
    const found = document.getText().indexOf(needle.replace('‸', ''));
    assert.ok(found >= 0, needle);
    return document.positionAt(found + needle.indexOf('‸'));
  }

  async function ask<T>(command: string, ...words: unknown[]): Promise<T> {
    return await vscode.commands.executeCommand<T>(`vscode.${command}`, ...words);
  }

  async function hover(document: vscode.TextDocument, needle: string): Promise<string> {
    const found = await ask<vscode.Hover[]>('executeHoverProvider', document.uri, at(document, needle));
    return found
      .flatMap(({ contents }) => contents)
      .map((content) => (content as vscode.MarkdownString).value)
      .join('\n');
  }

  async function complete(document: vscode.TextDocument, position: vscode.Position): Promise<string[]> {
    const list = await ask<vscode.CompletionList>('executeCompletionItemProvider', document.uri, position);
    return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
  }

  it('explains functions, variables, stages and config keys', async () => {
    const script = await open(display);
    assert.match(await hover(script, 'on_ch‸root'), /bash -e/);
    assert.match(await hover(script, '${ROOTFS‸_DIR}'), /\$\{WORK_DIR\}\/stage-kiosk\/rootfs/);
    const config = await open('config');
    assert.match(await hover(config, 'IMG_N‸AME'), /raspios-\$RELEASE-\$ARCH/);
    assert.match(await hover(config, 'stage-ra‸dio'), /stage 5 of 5/);
  });

  it('goes by what is typed and not saved', async () => {
    const script = await open(display);
    await replaceLine(script, 3, 'echo "$STAGE" "$FIRST_USER"');
    assert.match(await hover(script, '$ST‸AGE'), /stage-kiosk/);
    const names = await complete(script, at(script, '$FIRST_USER‸'));
    assert.ok(names.includes('FIRST_USER_NAME'), names.join());
  });

  it('completes files, functions and keys of config', async () => {
    const script = await open(display);
    await replaceLine(script, 3, 'install files/');
    assert.deepEqual(
      (await complete(script, new vscode.Position(2, 14))).filter((name) => name.endsWith('.conf')),
      ['kiosk.conf'],
    );
    await replaceLine(script, 3, 'copy_');
    assert.ok((await complete(script, new vscode.Position(2, 5))).includes('copy_previous'));
    const config = await open('config');
    await replaceLine(config, 1, 'ENABLE_');
    assert.ok((await complete(config, new vscode.Position(0, 7))).includes('ENABLE_SSH'));
  });

  it('goes to stages and files, by definition and by link', async () => {
    const config = await open('config');
    const [stage] = await ask<vscode.LocationLink[]>(
      'executeDefinitionProvider',
      config.uri,
      at(config, 'stage-kio‸sk'),
    );
    assert.equal(stage?.targetUri.fsPath, uriIn(folder, 'stage-kiosk/prerun.sh').fsPath);
    const script = await open(display);
    const links = await ask<vscode.DocumentLink[]>('executeLinkProvider', script.uri);
    assert.deepEqual(
      links.map(({ target }) => target?.fsPath),
      [uriIn(folder, 'stage-kiosk/00-display/files/kiosk.conf').fsPath],
    );
  });

  it('finds what names a stage', async () => {
    const script = await open(display);
    await replaceLine(script, 2, '[ "$STAGE" = "stage-kiosk" ]');
    const config = await open('config');
    const position = at(config, 'stage-kio‸sk');
    const found = await ask<vscode.Location[]>('executeReferenceProvider', config.uri, position);
    const places = found.map(
      ({ uri, range }) => `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}`,
    );
    assert.deepEqual(places.sort(), ['config:2', `${display}:2`, 'stage-kiosk/prerun.sh:1']);
  });

  it('renames a stage, its folder and all that names it', async () => {
    const config = await open('config');
    const position = at(config, 'stage-kio‸sk');
    const prepared = await ask<{ placeholder: string }>('prepareRename', config.uri, position);
    assert.equal(prepared.placeholder, 'stage-kiosk');
    const edit = await ask<vscode.WorkspaceEdit>(
      'executeDocumentRenameProvider',
      config.uri,
      position,
      'stage-lobby',
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(config.getText(), /stage2 stage-lobby stage-radio"/);
    await access(uriIn(folder, 'stage-lobby/prerun.sh').fsPath);
    await assert.rejects(access(uriIn(folder, 'stage-kiosk').fsPath));
    await config.save();
    await untilAll(folder, ...findings);
  });

  it('renames a step together with the text in it that names its stage', async () => {
    const script = await open(display);
    await replaceLine(script, 2, '. "${STAGE_DIR}/00-display/00-run.sh"');
    const edit = await ask<vscode.WorkspaceEdit>(
      'executeDocumentRenameProvider',
      script.uri,
      at(script, '00-display/00-r‸un.sh'),
      '05-run.sh',
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    const moved = await open('stage-kiosk/00-display/05-run.sh');
    assert.equal(moved.lineAt(1).text, '. "${STAGE_DIR}/00-display/05-run.sh"');
    assert.equal(moved.lineAt(2).text.slice(0, 7), 'install');
  });

  it('refuses a name that pi-gen cannot take', async () => {
    const config = await open('config');
    const position = at(config, 'stage-kio‸sk');
    await assert.rejects(
      ask('executeDocumentRenameProvider', config.uri, position, 'a b'),
      /cannot hold spaces/,
    );
  });

  it('outlines, folds and colours by where code runs', async () => {
    const script = await open(display);
    const symbols = await ask<vscode.DocumentSymbol[]>('executeDocumentSymbolProvider', script.uri);
    assert.deepEqual(
      symbols.map(({ name, detail }) => `${name} ${detail}`),
      ['on_chroot systemctl enable kiosk.service'],
    );
    const folds = await ask<vscode.FoldingRange[]>('executeFoldingRangeProvider', script.uri);
    assert.deepEqual(
      folds.map(({ start, end }) => [start, end]),
      [[4, 5]],
    );
    const legend = await ask<vscode.SemanticTokensLegend>('provideDocumentSemanticTokensLegend', script.uri);
    const tokens = await ask<vscode.SemanticTokens>('provideDocumentSemanticTokens', script.uri);
    const types = [];
    for (let i = 3; i < tokens.data.length; i += 5) types.push(legend.tokenTypes[tokens.data[i] ?? -1]);
    assert.deepEqual(types, ['hostCommand', 'piGenVariable', 'piGenFunction', 'chrootCommand']);
  });

  it('says above a step where it stands and where it runs', async () => {
    const commands = async (file: string): Promise<vscode.Command[]> => {
      const document = await open(file);
      const lenses = await ask<vscode.CodeLens[]>('executeCodeLensProvider', document.uri);
      return lenses.flatMap(({ command }) => command ?? []);
    };
    const titles = async (file: string) => (await commands(file)).map(({ title }) => title);
    assert.ok((await titles(display)).includes('Step 2 of 4 of stage-kiosk · on the build host'));
    assert.ok((await titles(packages)).includes('Step 3 of 4 of stage-kiosk · inside the chroot'));
    const build = (await commands(packages)).find(({ title }) => title === '$(play) Build stage');
    assert.equal(build?.command, 'pi-gen.buildStage');
    assert.deepEqual(build.arguments, [uriIn(folder, 'stage-kiosk').fsPath.replaceAll('\\', '/')]);
    const settings = vscode.workspace.getConfiguration('pi-gen', folder);
    await settings.update('codeLens.enabled', false, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await titles(display), []);
    } finally {
      await settings.update('codeLens.enabled', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('gives files of a stage their language, and files elsewhere of the same name none', async () => {
    const languageOf = async (file: string, wanted: string): Promise<void> => {
      const document = await open(file);
      if (document.languageId === wanted) return;
      await new Promise<void>((resolve) => {
        const changed = vscode.workspace.onDidOpenTextDocument((opened) => {
          if (opened.uri.toString() !== document.uri.toString() || opened.languageId !== wanted) return;
          changed.dispose();
          resolve();
        });
      });
    };
    await languageOf('config', 'pi-gen-config');
    await languageOf(packages, 'pi-gen-packages');
    await languageOf('stage-kiosk/EXPORT_IMAGE', 'pi-gen-config');
    const elsewhere = uriIn(folder, 'docs/config');
    await vscode.workspace.fs.writeFile(elsewhere, new TextEncoder().encode('a=b\n'));
    const other = await vscode.workspace.openTextDocument(elsewhere);
    assert.equal(other.languageId, 'plaintext');
  });
});
