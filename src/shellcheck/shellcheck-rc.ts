import type { FileSystem } from '../pigen/files/file-system';
import { folderOf, joinPath } from '../pigen/files/path';
import { readText } from '../pigen/files/read-text';

/** In the order in which ShellCheck looks for them. */
const names = ['.shellcheckrc', 'shellcheckrc'];

/** Bytes; such a file has a few lines. */
const sizeLimit = 64 * 1024;

/**
 * Finds the settings file that goes for a script as ShellCheck does: in its folder, in those around it, and in the user's
 * own. ShellCheck itself reads copies of the scripts, which lie elsewhere. Remembers what it found: one for each check.
 */
export class ShellCheckRcFinder {
  readonly #known = new Map<string, Promise<string | undefined>>();

  /** @param environment with HOME and XDG_CONFIG_HOME, or APPDATA */
  constructor(
    private readonly fs: FileSystem,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  /** The text of the settings for a script in a folder; empty where there are none. */
  async textFor(folder: string): Promise<string> {
    return (await this.#around(folder)) ?? (await this.#ofUser()) ?? '';
  }

  #around(folder: string): Promise<string | undefined> {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const above = folderOf(folder);
    const looking = this.#read(folder, names).then((own) =>
      own !== undefined || above === folder ? own : this.#around(above),
    );
    this.#known.set(folder, looking);
    return looking;
  }

  async #ofUser(): Promise<string | undefined> {
    const { HOME: home, XDG_CONFIG_HOME: xdg, APPDATA: appData } = this.environment;
    const config = xdg ?? appData ?? (home === undefined ? undefined : joinPath(home, '.config'));
    const own = home === undefined ? undefined : await this.#read(slashed(home), names.slice(0, 1));
    return own ?? (config === undefined ? undefined : this.#read(slashed(config), names.slice(1)));
  }

  async #read(folder: string, wanted: readonly string[]): Promise<string | undefined> {
    for (const name of wanted) {
      const path = joinPath(folder, name);
      if ((await this.fs.stat(path))?.kind !== 'file') continue;
      const text = await readText(this.fs, path, sizeLimit);
      if (typeof text === 'string') return text;
    }
    return undefined;
  }
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
