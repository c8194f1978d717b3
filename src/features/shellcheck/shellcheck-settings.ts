import * as vscode from 'vscode';
import { uriOf } from '../paths';

/** Extensions that show what ShellCheck says of whole scripts, unless a setting of theirs, here with its default, is empty or off. */
const others = [
  { id: 'timonwong.shellcheck', setting: 'shellcheck.enable', byDefault: true },
  { id: 'mads-hartmann.bash-ide-vscode', setting: 'bashIde.shellcheckPath', byDefault: 'shellcheck' },
];

/** Settings on which it depends what is shown beside these. */
export const settingsOfOthers: readonly string[] = others.map(({ setting }) => setting);

/** Whether the user wants ShellCheck in a folder, and the folder is trusted: it is a program that runs. */
export function isShellCheckEnabled(root: string): boolean {
  return vscode.workspace.isTrusted && settingsOf(root).get('shellcheck.enable', true);
}

/** Codes not to be shown: `SC2086`. */
export function excludedCodes(root: string): ReadonlySet<string> {
  const given = settingsOf(root).get<unknown>('shellcheck.exclude', []);
  return new Set(Array.isArray(given) ? given.map((code) => `SC${String(code).replace(/^SC/i, '')}`) : []);
}

/** Whether only programs in heredocs are to be shown, since another extension shows the scripts around. */
export function isHeredocsOnly(root: string): boolean {
  const wanted = settingsOf(root).get<string>('shellcheck.scripts', 'auto');
  if (wanted !== 'auto') return wanted === 'heredocs';
  return others.some(({ id, setting, byDefault }) => {
    if (vscode.extensions.getExtension(id) === undefined) return false;
    const value = vscode.workspace.getConfiguration(undefined, uriOf(root)).get<unknown>(setting, byDefault);
    return value !== false && value !== '';
  });
}

/** The program that the user names; undefined: the one on the PATH. */
export function shellCheckPath(): string | undefined {
  const given = vscode.workspace.getConfiguration('pi-gen').get('shellcheck.path', '').trim();
  return given === '' ? undefined : given;
}

function settingsOf(root: string): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('pi-gen', uriOf(root));
}
