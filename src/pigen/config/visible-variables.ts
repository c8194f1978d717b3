import { branches, findBranch } from '../branches';
import type { StageTree } from '../tree/stage-tree';

/** Set by bash itself, by login programs, or by the container that build-docker.sh starts. */
const environment = [
  ...['BASH', 'BASHOPTS', 'BASHPID', 'BASH_SOURCE', 'BASH_VERSION', 'COLUMNS', 'DEBIAN_FRONTEND', 'DISPLAY'],
  ...['EDITOR', 'EUID', 'FUNCNAME', 'GROUPS', 'HOME', 'HOSTNAME', 'HOSTTYPE', 'IFS', 'LANG', 'LANGUAGE'],
  ...['LC_ALL', 'LINENO', 'LINES', 'LOGNAME', 'MACHTYPE', 'MAIL', 'OLDPWD', 'OPTARG', 'OPTIND', 'OSTYPE'],
  ...['PATH', 'PIPESTATUS', 'PPID', 'PS1', 'PS4', 'PWD', 'RANDOM', 'REPLY', 'SECONDS', 'SHELL', 'SHELLOPTS'],
  ...['SHLVL', 'SUDO_GID', 'SUDO_UID', 'SUDO_USER', 'TERM', 'TMPDIR', 'UID', 'USER', 'VISUAL', '_'],
];

/** Set in build.sh without being exported, or only while a part of it runs: scripts of some forks rely on them. */
const notExported = ['SUB_STAGE_DIR', 'SETFCAP', 'EXTRA_CONFIG', 'EXPORT_DIRS'];

/**
 * Whether pi-gen exports a variable to the scripts of a tree: by its branch, by any branch where that is not known.
 */
export function isExportedByPiGen(tree: StageTree, name: string): boolean {
  const branch = findBranch(tree.branch);
  return (branch === undefined ? branches : [branch]).some(({ exportedVariables }) =>
    exportedVariables.includes(name),
  );
}

/**
 * Whether a variable may be set where a host script of a tree begins: by pi-gen (any branch of it, since forks are mixed), by
 * a config, or by the environment. What this denies, the script has to set itself.
 */
export function mayBeSetByBuild(tree: StageTree, name: string): boolean {
  if (environment.includes(name) || notExported.includes(name)) return true;
  if (/^(?:BASH_|COMP_|LC_|GITHUB_|RUNNER_|QUILT_|DOCKER_|CI$|.*_proxy$|.*_PROXY$)/.test(name)) return true;
  if (branches.some(({ exportedVariables }) => exportedVariables.includes(name))) return true;
  return tree.configs.some(({ assignments }) => assignments.some((assignment) => assignment.name === name));
}
