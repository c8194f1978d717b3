import * as vscode from 'vscode';
import type { StoredIndex } from '../../packages/stored-index';
import type { FileSystem } from '../../pigen/files/file-system';
import type { StageTree } from '../../pigen/tree/stage-tree';
import type { CheckResult } from '../../rules/checker';
import type { BashParser } from '../../shell/bash-parser';
import type { CommandRegistry } from '../command-registry';
import type { StepStates } from '../stages-view/step-states';
import { CodeLenses } from './code-lenses';
import { Completions } from './completions';
import { DocumentLanguages } from './document-languages';
import { EditedTrees } from './edited-trees';
import { Hovers } from './hovers';
import { Definitions, Links, References } from './navigation';
import { Foldings, Outlines } from './outlines';
import { PackageLookup } from './package-lookup';
import { Renames } from './renames';
import { TokenColours, legend } from './token-colours';

export interface LanguageParts {
  /** With the texts of unsaved documents. */
  readonly fileSystem: FileSystem;
  readonly parser: () => Promise<BashParser>;
  /** What the last check found of the tree of a file. */
  readonly resultOf: (path: string) => CheckResult | undefined;
  readonly settle: (path: string) => Promise<void>;
  readonly onDidCheck: vscode.Event<CheckResult>;
  readonly packages: StoredIndex;
  /** How long steps took. */
  readonly states: StepStates;
  readonly log: vscode.LogOutputChannel;
  readonly commands: CommandRegistry;
}

const scripts: vscode.DocumentSelector = { scheme: 'file', language: 'shellscript' };

/** The languages that files of a tree have: pi-gen's own, and those of the editor. */
const selector: vscode.DocumentSelector = [
  'shellscript',
  'pi-gen-packages',
  'pi-gen-debconf',
  'pi-gen-series',
  'pi-gen-config',
  'yaml',
  'github-actions-workflow',
  'ignore',
  'properties',
  'plaintext',
].map((language) => ({ scheme: 'file', language }));

/** What an editor shows of a tree besides what is wrong with it: hovers, completions, links, outline, colours, lenses, renaming. */
export class LanguageFeature implements vscode.Disposable {
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(parts: LanguageParts) {
    const { fileSystem, parser, resultOf, settle, onDidCheck, packages, states, log, commands } = parts;
    const treeOf = (path: string): StageTree | undefined => resultOf(path)?.tree;
    const trees = new EditedTrees(treeOf, parser);
    const lookup = new PackageLookup(packages, resultOf);
    const lenses = new CodeLenses(trees, states, commands, onDidCheck);
    const renames = new Renames({ trees, fileSystem, parser, treeOf, settle, commands });
    const { languages } = vscode;
    this.#subscriptions = [
      lenses,
      renames,
      new DocumentLanguages(treeOf, onDidCheck, log),
      languages.registerHoverProvider(selector, new Hovers(trees, lookup)),
      languages.registerCompletionItemProvider(
        selector,
        new Completions(trees, fileSystem, lookup),
        ...Completions.triggerCharacters,
      ),
      languages.registerDocumentLinkProvider(selector, new Links(trees, fileSystem)),
      languages.registerDefinitionProvider(selector, new Definitions(trees, fileSystem)),
      languages.registerReferenceProvider(selector, new References(trees, fileSystem, parser)),
      languages.registerRenameProvider(selector, renames),
      languages.registerDocumentSymbolProvider(selector, new Outlines(trees), { label: 'pi-gen' }),
      languages.registerFoldingRangeProvider(scripts, new Foldings(trees)),
      languages.registerDocumentSemanticTokensProvider(scripts, new TokenColours(trees), legend),
      languages.registerCodeLensProvider(selector, lenses),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
