import type * as vscode from 'vscode';
import { config } from '../../scaffold/templates/config';
import { workflow } from '../../scaffold/templates/workflow';
import { pathOfArgument } from '../argument-path';
import type { CommandRegistry } from '../command-registry';
import { makeFile } from './new-file';
import { makeStage } from './new-stage';
import { makeStep } from './new-step';
import { makeSubStage } from './new-sub-stage';
import { Preview } from './preview';
import type { ScaffoldParts } from './scaffold-parts';

type Make = (given: string | undefined, parts: ScaffoldParts) => Promise<void>;

/** `Pi-gen: New Stage…` and its kin. Each takes the folder to write into, as a Uri, and asks where none is given. */
export class ScaffoldFeature implements vscode.Disposable {
  readonly #preview = new Preview();
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(parts: Omit<ScaffoldParts, 'preview'> & { readonly commands: CommandRegistry }) {
    const all = { ...parts, preview: this.#preview };
    const register = (name: string, make: Make): vscode.Disposable =>
      parts.commands.register(name, (folder: unknown) => make(pathOfArgument(folder), all));
    this.#subscriptions = [
      register('pi-gen.newStage', makeStage),
      register('pi-gen.newSubStage', makeSubStage),
      register('pi-gen.newStep', makeStep),
      register('pi-gen.newConfig', (given, own) => makeFile(config, given, own)),
      register('pi-gen.newWorkflow', (given, own) => makeFile(workflow, given, own)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#preview.dispose();
  }
}
