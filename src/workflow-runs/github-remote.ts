import type { FileSystem } from '../pigen/files/file-system';
import { findGitFolders } from '../pigen/files/git-hash';
import { folderOf, joinPath } from '../pigen/files/path';
import { readText } from '../pigen/files/read-text';

/** A repository on github.com, or on a server of the user's own. */
export interface GitHubRepository {
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

/** Of git's own small files. */
const fileLimit = 1024 * 1024;

/**
 * The repository on GitHub that a working tree comes from: its remote `origin`, else the first that is there. Read from git's
 * files without running git. Undefined where there is none. Never rejects.
 * @param folder of the working tree, or one inside it
 * @param hosts the servers that count, in small letters
 */
export async function findGitHubRepository(
  fs: FileSystem,
  folder: string,
  hosts: readonly string[],
): Promise<{ readonly repository: GitHubRepository; readonly root: string } | undefined> {
  for (let root = folder; ; root = folderOf(root)) {
    const folders = await findGitFolders(fs, root);
    if (folders !== undefined) {
      const config = await read(fs, joinPath(folders.shared, 'config'));
      const repository = config === undefined ? undefined : repositoryOf(config, hosts);
      return repository && { repository, root };
    }
    if (folderOf(root) === root) return undefined;
  }
}

/** The repository that a git config's remotes name. */
export function repositoryOf(config: string, hosts: readonly string[]): GitHubRepository | undefined {
  const remotes = remotesOf(config);
  const known = [...remotes].flatMap(([name, url]) => {
    const repository = parseRemote(url, hosts);
    return repository === undefined ? [] : [{ name, repository }];
  });
  // `origin` is where the user's own workflows run; a fork's `upstream` has other ones.
  const chosen = known.find(({ name }) => name === 'origin') ?? known[0];
  return chosen?.repository;
}

/** `git@github.com:owner/name.git`, `ssh://git@github.com[:22]/owner/name`, `ssh.github.com:443`, `https://github.com/owner/name.git`. */
export function parseRemote(url: string, hosts: readonly string[]): GitHubRepository | undefined {
  const match =
    /^(?:(?:https?|git|ssh|git\+ssh):\/\/(?:[^@/\s]+@)?([\w.-]+)(?::\d+)?\/|(?:[^@/\s]+@)?([\w.-]+):)\/?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/i.exec(
      url.trim(),
    );
  const [, byAddress, byName, owner, name] = match ?? [];
  const host = (byAddress ?? byName)?.toLowerCase().replace(/^(?:www|ssh)\./, '');
  if (host === undefined || owner === undefined || name === undefined) return undefined;
  return hosts.includes(host) ? { host, owner, name } : undefined;
}

function remotesOf(config: string): ReadonlyMap<string, string> {
  const remotes = new Map<string, string>();
  let remote: string | undefined;
  for (const line of config.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\s"\]]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    if (section !== null) {
      remote = section[1]?.toLowerCase() === 'remote' ? section[2] : undefined;
      continue;
    }
    const url = /^\s*url\s*=\s*"?([^"#;]*?)"?\s*(?:[#;].*)?$/i.exec(line)?.[1];
    if (remote !== undefined && url !== undefined && !remotes.has(remote)) remotes.set(remote, url);
  }
  return remotes;
}

async function read(fs: FileSystem, path: string): Promise<string | undefined> {
  const text = await readText(fs, path, fileLimit);
  return typeof text === 'string' ? text : undefined;
}
