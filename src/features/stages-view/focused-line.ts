import * as vscode from 'vscode';

/**
 * The line of a view that has the keyboard's focus. VS Code tells extensions of the selected lines alone, and arrow keys move
 * only the focus: so the focused one is the one by which `list.toggleSelection` changes what is selected. It is selected then.
 */
export async function focusedLine<T>(view: vscode.TreeView<T>): Promise<T | undefined> {
  if (!view.visible) return undefined;
  const before = view.selection;
  await vscode.commands.executeCommand('list.toggleSelection');
  const after = view.selection;
  const line = after.find((one) => !before.includes(one)) ?? before.find((one) => !after.includes(one));
  if (line !== undefined) await view.reveal(line, { select: true, focus: true });
  return line;
}
