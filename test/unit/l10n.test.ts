import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';

const sources = path.resolve(import.meta.dirname, '../../src');

/** Functions of VS Code whose string arguments people read. */
const shownByCall =
  /^(?:show(?:Information|Warning|Error)Message|setStatusBarMessage|Diagnostic|DiagnosticRelatedInformation)$/;
/** Properties of what VS Code is given, which people read. */
const shownByName =
  /^(?:title|label|detail|description|placeHolder|prompt|tooltip|openLabel|validationMessage|message|name)$/;
/** What is written in words, unlike the names of icons, commands and files. */
const words = /[A-Za-z]{2,} [A-Za-z]{2,}/;

/** Texts with words in them, written where VS Code shows them, that do not go through vscode.l10n.t: `line: text`. */
function bareTexts(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const look = (value: ts.Expression): void => {
    if (ts.isConditionalExpression(value)) {
      look(value.whenTrue);
      look(value.whenFalse);
    } else if (ts.isBinaryExpression(value)) {
      look(value.left);
      look(value.right);
    } else if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) {
      const text = ts.isStringLiteralLike(value)
        ? value.text
        : [value.head.text, ...value.templateSpans.map(({ literal }) => literal.text)].join('{}');
      if (!words.test(text)) return;
      const { line } = file.getLineAndCharacterOfPosition(value.getStart(file));
      found.push(`${line + 1}: ${text}`);
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const called = node.expression;
      const name = ts.isPropertyAccessExpression(called) ? called.name.text : called.getText(file);
      if (shownByCall.test(name)) node.arguments?.forEach(look);
    } else if (ts.isPropertyAssignment(node) && shownByName.test(node.name.getText(file))) {
      look(node.initializer);
    } else if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isPropertyAccessExpression(node.left) &&
      (shownByName.test(node.left.name.text) || node.left.name.text === 'text')
    ) {
      look(node.right);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
}

describe('the texts of the editor', () => {
  it('go through vscode.l10n.t wherever they are shown', async () => {
    const names = (await readdir(sources, { recursive: true })).filter(
      (name) => name === 'extension.ts' || (name.startsWith('features') && name.endsWith('.ts')),
    );
    assert.ok(names.length > 50);
    const found = await Promise.all(
      names.map(async (name) =>
        bareTexts(parse(name, await readFile(path.join(sources, name), 'utf8'))).map((at) => `${name}:${at}`),
      ),
    );
    assert.deepEqual(found.flat(), []);
  });

  it('are found in messages, in properties and in assignments', () => {
    const text = [
      "void vscode.window.showErrorMessage(isOdd ? 'It went wrong.' : vscode.l10n.t('All is well.'));",
      "const item = { label: `Build of ${name} here`, description: vscode.l10n.t('Fine with us') };",
      "status.tooltip = 'Click for more';",
    ];
    assert.deepEqual(bareTexts(parse('example.ts', text.join('\n'))), [
      '1: It went wrong.',
      '2: Build of {} here',
      '3: Click for more',
    ]);
  });
});
