import { actionInputs } from '../pigen/workflow/action-inputs';
import { branches, configVariablesOf, findBranch } from '../pigen/branches';
import { staticValue } from '../pigen/config/config';
import { configVariables } from '../pigen/config/config-variables';
import type { ConfigVariable } from '../pigen/config/config-variables';
import { relativePath } from '../pigen/files/path';
import { isSecretName } from '../pigen/config/secrets';
import type { Stage, StageTree, SubStage } from '../pigen/tree/stage-tree';
import { inputValue } from '../pigen/workflow/workflow';

/** What build.sh itself sets while it runs, that config has no part in. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ['ARCH', 'Architecture of the image.'],
  ['BASE_DIR', 'The folder of build.sh on the build host; `/pi-gen` in a build with Docker.'],
  ['SCRIPT_DIR', 'pi-gen’s `scripts` folder on the build host.'],
  ['LOG_FILE', 'The log of the build on the build host.'],
  ['STAGE', 'Name of the stage that is being built.'],
  ['STAGE_DIR', 'Folder of the stage that is being built, with its scripts, on the build host.'],
  ['STAGE_WORK_DIR', 'Folder on the build host in which the stage is being built.'],
  [
    'ROOTFS_DIR',
    'Root of the image that is being built, as the build host sees it. Inside the chroot it is `/`.',
  ],
  ['PREV_STAGE', 'Name of the stage before this one.'],
  ['PREV_STAGE_DIR', 'Folder of the stage before this one, with its scripts, on the build host.'],
  [
    'PREV_ROOTFS_DIR',
    'Root of the system that the stage before this one has built; copy_previous copies it.',
  ],
  ['SUB_STAGE_DIR', 'Folder of the sub-stage. build.sh does not export it: scripts do not see it.'],
  ['IMG_SUFFIX', 'What EXPORT_IMAGE adds to the name of the image.'],
  ['NOOBS_NAME', 'Name of the NOOBS bundle, of EXPORT_NOOBS.'],
  ['NOOBS_DESCRIPTION', 'Description of the NOOBS bundle, of EXPORT_NOOBS.'],
  ['EXPORT_DIR', 'Folder of the stage whose image is being written.'],
  ['EXPORT_ROOTFS_DIR', 'Root of the system that is being written into the image.'],
  ['QUILT_PATCHES', 'Folder of the patches that quilt applies.'],
  ['QUILT_NO_DIFF_INDEX', 'Setting of quilt.'],
  ['QUILT_NO_DIFF_TIMESTAMPS', 'Setting of quilt.'],
  ['QUILT_REFRESH_ARGS', 'Setting of quilt.'],
  ['CAPSH_ARG', 'Options that on_chroot gives to capsh: `--drop=cap_setfcap` unless `SETFCAP=1`.'],
  ['NO_PRERUN_QCOW2', 'A part of the qcow2 handling of old branches.'],
]);

/** Hold paths of the build host, which mean nothing inside the chroot. */
export const hostPathVariables: ReadonlySet<string> = new Set([
  ...[
    'BASE_DIR',
    'SCRIPT_DIR',
    'LOG_FILE',
    'WORK_DIR',
    'DEPLOY_DIR',
    'STAGE_DIR',
    'STAGE_WORK_DIR',
    'ROOTFS_DIR',
  ],
  ...[
    'PREV_STAGE_DIR',
    'PREV_ROOTFS_DIR',
    'SUB_STAGE_DIR',
    'EXPORT_DIR',
    'EXPORT_ROOTFS_DIR',
    'EXPORT_CONFIG_DIR',
  ],
  ...['QUILT_PATCHES'],
]);

/** A variable of pi-gen as scripts or config of a tree meet it. */
export interface PiGenVariable {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What config may say of it, where config may say anything. */
  readonly config: ConfigVariable | undefined;
  /** Scripts see it, on the host and in the chroot. */
  readonly exported: boolean;
}

/** The variable of a name, as the tree's branch knows it; of any branch where the tree's is not known. */
export function variableNamed(tree: StageTree, name: string): PiGenVariable | undefined {
  const branch = findBranch(tree.branch);
  const config = (branch === undefined ? configVariables : configVariablesOf(branch)).find(
    (one) => one.name === name,
  );
  const exported = (branch === undefined ? branches : [branch]).some((one) =>
    one.exportedVariables.includes(name),
  );
  const summary = builtIn.get(name) ?? config?.summary;
  if (summary === undefined || (!exported && config === undefined && name !== 'SUB_STAGE_DIR'))
    return undefined;
  return { name, summary, config, exported };
}

/** The variables that scripts of a tree see. */
export function exportedVariablesOf(tree: StageTree): readonly PiGenVariable[] {
  const branch = findBranch(tree.branch);
  const names = new Set(
    (branch === undefined ? branches.slice(0, 1) : [branch]).flatMap((one) => one.exportedVariables),
  );
  return [...names].flatMap((name) => variableNamed(tree, name) ?? []);
}

/** The variables that config may set, each once. */
export function configVariablesOfTree(tree: StageTree): readonly ConfigVariable[] {
  const branch = findBranch(tree.branch);
  const all = branch === undefined ? configVariables : configVariablesOf(branch);
  return [...new Map(all.toReversed().map((variable) => [variable.name, variable])).values()].toReversed();
}

/** What a variable holds in a tree, and what says so. */
export interface KnownValue {
  /** Undefined where it is not to be shown, or only the build can tell. */
  readonly value: string | undefined;
  readonly because: 'tree' | 'config' | 'workflow' | 'default';
  /** The file that sets it, relative to the tree. */
  readonly file?: string;
  /** It is set to something that must not be shown. */
  readonly secret?: boolean;
}

/** The values that a variable has for a script of a stage: several where several configs or workflows set it. */
export function valuesOf(
  tree: StageTree,
  name: string,
  { stage, subStage }: { readonly stage: Stage | undefined; readonly subStage: SubStage | undefined },
): readonly KnownValue[] {
  const own = valueOfTree(tree, name, stage, subStage);
  if (own !== undefined) return [{ value: own, because: 'tree' }];
  const set = [...valuesOfConfigs(tree, name), ...valuesOfWorkflows(tree, name)];
  if (set.length > 0) return set;
  const fallback = defaultOf(tree, name);
  return fallback === undefined ? [] : [{ value: fallback, because: 'default' }];
}

function valueOfTree(
  tree: StageTree,
  name: string,
  stage: Stage | undefined,
  subStage: SubStage | undefined,
): string | undefined {
  const before = stage && previousStage(tree, stage);
  switch (name) {
    case 'ARCH':
      return findBranch(tree.branch)?.architecture;
    case 'SCRIPT_DIR':
      return '${BASE_DIR}/scripts';
    case 'LOG_FILE':
      return '${WORK_DIR}/build.log';
    case 'STAGE':
      return stage?.name;
    case 'STAGE_DIR':
      return stage && folderInTree(tree, stage.path);
    case 'SUB_STAGE_DIR':
      return subStage && folderInTree(tree, subStage.path);
    case 'STAGE_WORK_DIR':
      return stage && `\${WORK_DIR}/${stage.name}`;
    case 'ROOTFS_DIR':
      return stage?.role === 'stage' ? `\${WORK_DIR}/${stage.name}/rootfs` : undefined;
    case 'PREV_STAGE':
      return before?.name;
    case 'PREV_STAGE_DIR':
      return before?.path === undefined ? undefined : folderInTree(tree, before.path);
    case 'PREV_ROOTFS_DIR':
      return before && `\${WORK_DIR}/${before.name}/rootfs`;
    default:
      return undefined;
  }
}

function folderInTree({ layout, root }: StageTree, path: string): string {
  const relative = relativePath(root, path);
  return layout === 'pi-gen' && relative !== path ? `\${BASE_DIR}/${relative}` : relative;
}

/** The stage that the list names before a stage; pi-gen's own have no path where they are not here. */
export function previousStage(
  { stageList, stages }: StageTree,
  { position, role }: Stage,
): { readonly name: string; readonly path: string | undefined } | undefined {
  if (position === undefined || position === 0 || role !== 'stage') return undefined;
  const entry = stageList.entries[position - 1];
  if (entry === undefined || entry.unknown === true) return undefined;
  const stage = stages.find(({ path }) => path === entry.path);
  const name = stage?.name ?? (entry.upstream ? /[^/]+$/.exec(entry.text)?.[0] : undefined);
  return name === undefined ? undefined : { name, path: stage?.path };
}

function valuesOfConfigs(tree: StageTree, name: string): readonly KnownValue[] {
  return tree.configs.flatMap((config): readonly KnownValue[] => {
    if (!config.assignments.some((assignment) => assignment.name === name)) return [];
    const file = relativePath(tree.root, config.path);
    if (isSecretName(name)) return [{ value: undefined, because: 'config', file, secret: true }];
    const value = staticValue(config, name);
    return [{ value, because: 'config', file }];
  });
}

function valuesOfWorkflows(tree: StageTree, name: string): readonly KnownValue[] {
  const input = actionInputs.find(({ variable }) => variable === name);
  if (input === undefined) return [];
  return tree.workflows.flatMap(({ path, steps }) =>
    steps.flatMap((step): readonly KnownValue[] => {
      if (!step.inputs.some((one) => one.name === input.name)) return [];
      const file = relativePath(tree.root, path);
      if (isSecretName(name)) return [{ value: undefined, because: 'workflow', file, secret: true }];
      return [{ value: inputValue(step, input.name)?.trim(), because: 'workflow', file }];
    }),
  );
}

/** The default of build.sh, with what is known of the branch put in. */
export function defaultOf(tree: StageTree, name: string): string | undefined {
  const branch = findBranch(tree.branch);
  if (branch === undefined) return undefined;
  const variable = configVariablesOf(branch).find((one) => one.name === name);
  return variable?.default?.replaceAll('$RELEASE', branch.release).replaceAll('$ARCH', branch.architecture);
}
