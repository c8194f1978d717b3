import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import { CommandRegistry } from './features/command-registry';
import { registerLateFileSystem } from './features/rootfs/late-file-system';
import type { Features } from './features/start-features';

/** For deactivate(), which VS Code hands nothing: the one piece of module state. */
let features: Promise<Features> | undefined;

/** Registers the commands; the features behind them are a bundle of their own, loaded when this has returned. */
export function activate(context: vscode.ExtensionContext): void {
  const commands = new CommandRegistry();
  const started = startFeatures(context, commands);
  features = started;
  for (const name of commandNames(context)) {
    const run = async (...words: readonly unknown[]): Promise<unknown> => {
      const { ready } = await started;
      await ready;
      return commands.run(name, words);
    };
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  context.subscriptions.push(
    registerLateFileSystem(async () => (await started).rootfs),
    vscode.tasks.registerTaskProvider('pi-gen', {
      provideTasks: async (token) => (await started).tasks.provideTasks(token),
      resolveTask: async (task, token) => (await started).tasks.resolveTask(task, token),
    }),
  );
  started.catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(vscode.l10n.t('pi-gen Stages could not start: {0}', reason));
  });
}

/** A running build goes on in its container: the next window takes it up. VS Code waits a few seconds for this. */
export async function deactivate(): Promise<void> {
  const running = await features?.catch(() => undefined);
  features = undefined;
  await running?.letGo();
}

async function startFeatures(context: vscode.ExtensionContext, commands: CommandRegistry): Promise<Features> {
  await setImmediate();
  const { startFeatures: start } = await import('./features/start-features');
  return start(context, commands);
}

function commandNames({ extension }: vscode.ExtensionContext): readonly string[] {
  const { contributes } = extension.packageJSON as {
    readonly contributes: { readonly commands: readonly { readonly command: string }[] };
  };
  return contributes.commands.map(({ command }) => command);
}
