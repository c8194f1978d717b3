import * as vscode from 'vscode';
import { completionsAt } from '../../language/completion';
import type { Completion, CompletionKind } from '../../language/completion';
import { packagePrefixAt } from '../../language/package-names';
import type { TreeFile } from '../../language/tree-file';
import type { FileSystem } from '../../pigen/files/file-system';
import type { EditedTrees } from './edited-trees';
import type { PackageLookup } from './package-lookup';
import { markdownOf, offsetIn, rangeIn } from './ranges';

const kinds: Readonly<Record<CompletionKind, vscode.CompletionItemKind>> = {
  function: vscode.CompletionItemKind.Function,
  variable: vscode.CompletionItemKind.Variable,
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
  file: vscode.CompletionItemKind.File,
  folder: vscode.CompletionItemKind.Folder,
  unit: vscode.CompletionItemKind.Module,
  stage: vscode.CompletionItemKind.Folder,
  package: vscode.CompletionItemKind.Module,
};

/** Offers pi-gen's names where they may stand. */
export class Completions implements vscode.CompletionItemProvider {
  static readonly triggerCharacters = ['$', '{', '/', '=', '"', ':', ' '];

  constructor(
    private readonly trees: EditedTrees,
    private readonly fileSystem: FileSystem,
    private readonly packages: PackageLookup,
  ) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
    context: vscode.CompletionContext,
  ): Promise<vscode.CompletionList | undefined> {
    const file = await this.trees.open(document, token);
    if (file === undefined) return undefined;
    const offset = offsetIn(file, position);
    const found = await completionsAt(file, offset, this.fileSystem);
    if (token.isCancellationRequested) return undefined;
    // A blank or a quote begins nothing by itself, but for a value or a unit.
    const isQuiet = context.triggerKind === vscode.CompletionTriggerKind.TriggerCharacter;
    const shown = isQuiet && / |"/.test(context.triggerCharacter ?? '') ? found.filter(startsOnBlank) : found;
    const items = shown.map((completion) => itemOf(file, completion));
    const names = isQuiet ? undefined : await this.#packages(file, offset);
    if (names === undefined) return new vscode.CompletionList(items);
    return new vscode.CompletionList([...items, ...names.items], names.isIncomplete);
  }

  async #packages(file: TreeFile, offset: number): Promise<vscode.CompletionList | undefined> {
    const prefix = packagePrefixAt(file, offset);
    if (prefix === undefined) return undefined;
    const { names, more } = await this.packages.startingWith(file, prefix.name);
    const items = names.map((name) =>
      itemOf(file, { label: name, kind: 'package', text: name, replace: prefix.span }),
    );
    return new vscode.CompletionList(items, more);
  }
}

function startsOnBlank({ kind }: Completion): boolean {
  return kind === 'value' || kind === 'unit' || kind === 'stage';
}

function itemOf(file: TreeFile, completion: Completion): vscode.CompletionItem {
  const item = new vscode.CompletionItem(completion.label, kinds[completion.kind]);
  item.insertText = completion.text;
  item.range = rangeIn(file, completion.replace);
  if (completion.detail !== undefined) item.detail = completion.detail;
  if (completion.markdown !== undefined) item.documentation = markdownOf(completion.markdown);
  if (completion.goesOn === true)
    item.command = { command: 'editor.action.triggerSuggest', title: vscode.l10n.t('Suggest') };
  return item;
}
