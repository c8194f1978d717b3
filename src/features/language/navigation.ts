import * as vscode from 'vscode';
import { definitionsAt } from '../../language/definition';
import { linksIn } from '../../language/links';
import { mentionAt } from '../../language/mentions';
import { referencesTo } from '../../language/references';
import { entriesOf, fileOf } from '../../language/tree-entries';
import type { TreeEntry } from '../../language/tree-entries';
import type { TreeFile } from '../../language/tree-file';
import type { FileSystem } from '../../pigen/files/file-system';
import { shebang } from '../../shell/queries';
import type { BashParser } from '../../shell/bash-parser';
import { rangeOf, uriOf } from '../paths';
import type { EditedTrees } from './edited-trees';
import { offsetIn, rangeIn } from './ranges';

/** Underlined paths that open what they name. */
export class Links implements vscode.DocumentLinkProvider {
  constructor(
    private readonly trees: EditedTrees,
    private readonly fileSystem: FileSystem,
  ) {}

  async provideDocumentLinks(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.DocumentLink[] | undefined> {
    const file = await this.trees.open(document, token);
    if (file === undefined) return undefined;
    const links = await linksIn(file, this.fileSystem);
    return links.map(({ span, target }) => new vscode.DocumentLink(rangeIn(file, span), uriOf(target)));
  }
}

export class Definitions implements vscode.DefinitionProvider {
  constructor(
    private readonly trees: EditedTrees,
    private readonly fileSystem: FileSystem,
  ) {}

  async provideDefinition(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.DefinitionLink[] | undefined> {
    const file = await this.trees.open(document, token);
    if (file === undefined) return undefined;
    const found = await definitionsAt(file, offsetIn(file, position), this.fileSystem);
    return found.map(({ origin, file: target, range }) => ({
      originSelectionRange: rangeIn(file, origin),
      targetUri: uriOf(target),
      targetRange: rangeOf(range),
    }));
  }
}

/** The places that name the stage, sub-stage or step under the cursor; on the first line of a script, those that name it. */
export class References implements vscode.ReferenceProvider {
  constructor(
    private readonly trees: EditedTrees,
    private readonly fileSystem: FileSystem,
    private readonly parser: () => Promise<BashParser>,
  ) {}

  async provideReferences(
    document: vscode.TextDocument,
    position: vscode.Position,
    { includeDeclaration }: vscode.ReferenceContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.Location[] | undefined> {
    const file = await this.trees.open(document, token);
    const entry = file && entryAt(file, offsetIn(file, position));
    if (file === undefined || entry === undefined) return undefined;
    const stop = new AbortController();
    const cancelled = token.onCancellationRequested(() => {
      stop.abort();
    });
    try {
      const sources = { fs: this.fileSystem, parser: await this.parser(), signal: stop.signal };
      const found = await referencesTo(file.tree, entry, sources);
      const locations = found.map(
        (one) => new vscode.Location(uriOf(one.file.path), rangeIn(one.file, one.span)),
      );
      const own = includeDeclaration ? fileOf(entry) : undefined;
      return own === undefined
        ? locations
        : [...locations, new vscode.Location(uriOf(own), new vscode.Position(0, 0))];
    } catch (error) {
      if (stop.signal.aborted) return undefined;
      throw error;
    } finally {
      cancelled.dispose();
    }
  }
}

function entryAt(file: TreeFile, offset: number): TreeEntry | undefined {
  const mention = mentionAt(file, offset);
  if (mention !== undefined) return mention.entry;
  const line = file.role === 'script' && file.script !== undefined ? shebang(file.script) : undefined;
  return line !== undefined && offset <= line.span.end ? entriesOf(file.tree).get(file.path) : undefined;
}
