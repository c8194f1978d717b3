import type { Finding } from '../pigen/finding';
import type { CheckResult } from '../rules/checker';
import { applyControl } from '../rules/control/control';
import { findShellCheck } from '../shellcheck/find-shellcheck';
import type { ShellCheckBinary } from '../shellcheck/find-shellcheck';
import { shellCheckRule } from '../shellcheck/shellcheck-findings';
import { ShellCheckRunner } from '../shellcheck/shellcheck-runner';
import { ShellChecker } from '../shellcheck/shellchecker';
import type { Core } from './core';
import type { Terminal } from './terminal';
import { UsageError } from './terminal';

/** ShellCheck as a part of `pigen check`. Where it is not installed, that is told once, on standard error. */
export class ShellCheckRun {
  readonly #checker: ShellChecker;
  #binary: Promise<ShellCheckBinary | undefined> | undefined;

  /** @param asked the program that the user names, absolute; undefined: the one on the PATH */
  constructor(
    core: Core,
    private readonly terminal: Terminal,
    private readonly asked: string | undefined,
  ) {
    const runner = new ShellCheckRunner({
      onTrouble: (message) => {
        terminal.complain(`pigen: ${message}`);
      },
    });
    this.#checker = new ShellChecker(runner, core.fileSystem, terminal.environment);
  }

  /** What ShellCheck says of the wanted files of a tree, as far as the user wants to hear it. Throws a UsageError where the program that the user names does not run. */
  async findings(result: CheckResult, isWanted: (path: string) => boolean): Promise<readonly Finding[]> {
    const isOff = result.control.settings?.levels.get(shellCheckRule) === 'off';
    const hasScripts = [...result.scripts.values()].some(
      ({ path, upstream }) => (result.includesUpstream || !upstream) && isWanted(path),
    );
    if (isOff || !hasScripts) return [];
    const binary = await (this.#binary ??= this.#find());
    if (binary === undefined) return [];
    const { signal } = this.terminal;
    const found = await this.#checker.check(result, { binary, signal, isWanted });
    return applyControl(found, result.control);
  }

  async #find(): Promise<ShellCheckBinary | undefined> {
    const found = await findShellCheck({ asked: this.asked, environment: this.terminal.environment });
    if (found.kind === 'found') return found.binary;
    if (found.kind === 'unusable') throw new UsageError(`--shellcheck ${found.path}: ${found.reason}.`);
    this.terminal.complain(
      'pigen: ShellCheck is not installed, so scripts are checked by the other rules alone (--no-shellcheck to hear no more of it).',
    );
    return undefined;
  }
}
