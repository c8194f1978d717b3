import * as vscode from 'vscode';
import { baseName } from '../../pigen/files/path';
import type { OrderItem } from '../../pigen/tree/order';
import type { StageNode, SubStageNode } from '../../pigen/tree/stage-outline';
import { uriOf } from '../paths';
import { idOf, pathOfNode } from './nodes';
import type { Node } from './nodes';
import { durationText } from './step-states';
import type { StepState } from './step-states';

/** What the view knows besides the tree. */
export interface ItemFacts {
  /** What a build does, or did last, with a file or folder. */
  readonly stateOf: (path: string) => StepState | undefined;
  /** How long it took the last time that it came to its end, in milliseconds. */
  readonly lastDuration: (path: string) => number | undefined;
  /** What the image of a stage is called, as far as that is written down: `my-image-kiosk`. */
  readonly imageNameOf: (stagePath: string) => string | undefined;
  /** What is wrong with a file, or with what a folder holds, in words: the editor draws it, but does not read it out. */
  readonly problemsOf: (path: string) => string | undefined;
}

/** A line as the editor draws and reads it. */
export function treeItemOf(node: Node, facts: ItemFacts): vscode.TreeItem {
  const path = pathOfNode(node);
  const item = new vscode.TreeItem(nameOf(node), collapsibleState(node));
  item.id = idOf(node);
  const own = partsOf(node, facts);
  const state = path === undefined ? undefined : facts.stateOf(path);
  item.iconPath = iconOf(state) ?? own.icon;
  const duration = durationText(state, path === undefined ? undefined : facts.lastDuration(path));
  item.description = [...own.description, duration].filter((part) => part !== '').join(' · ');
  item.contextValue = own.context;
  item.tooltip = tooltipOf(own.tooltip, path);
  const spoken = [
    nameOf(node),
    kindName(node),
    ...(own.spoken ?? own.description),
    ...own.tooltip,
    stateWord(state),
    duration,
    path === undefined ? '' : problemsText(node, facts.problemsOf(path)),
  ];
  item.accessibilityInformation = { label: spoken.filter((part) => part !== '').join(', ') };
  // With it, the editor shows the findings and the changes of the file beside its name.
  if (path !== undefined) item.resourceUri = uriOf(path);
  if (node.kind === 'step' && path !== undefined && node.item.kind !== 'patches') {
    item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uriOf(path)] };
  }
  return item;
}

interface Parts {
  readonly icon: vscode.ThemeIcon;
  readonly description: readonly string[];
  /** What is read out instead of a description that is more to be seen than heard. */
  readonly spoken?: readonly string[];
  readonly tooltip: readonly string[];
  readonly context: string;
}

const grey = new vscode.ThemeColor('disabledForeground');

function partsOf(node: Node, facts: ItemFacts): Parts {
  switch (node.kind) {
    case 'root':
      return {
        icon: new vscode.ThemeIcon('repo'),
        description: [],
        tooltip: [],
        context: `root.${node.tree.layout}`,
      };
    case 'stage':
      return stageParts(node, facts);
    case 'sub-stage':
      return subStageParts(node);
    case 'step':
      return stepParts(node.item);
  }
}

function stageParts(node: StageNode, { imageNameOf }: ItemFacts): Parts {
  const { stage, reason, upstream, exported } = node;
  if (stage === undefined) {
    const text = upstream
      ? vscode.l10n.t(
          'One of pi-gen’s own stages: it comes with the pi-gen that this repository is built with.',
        )
      : (reason ?? '');
    return {
      icon: new vscode.ThemeIcon(upstream ? 'cloud' : 'warning', upstream ? grey : undefined),
      description: [upstream ? vscode.l10n.t('pi-gen’s own') : vscode.l10n.t('not here')],
      tooltip: [text],
      context: 'stage.absent',
    };
  }
  const name = imageNameOf(stage.path);
  const image = exported ? [`→ ${name ?? vscode.l10n.t('image')}`] : [];
  const spokenImage =
    name === undefined
      ? vscode.l10n.t('an image is made of it')
      : vscode.l10n.t('the image {0} is made of it', name);
  const skipped = stage.skip ? [vscode.l10n.t('skipped')] : [];
  const unlisted = !stage.skip && reason !== undefined ? [vscode.l10n.t('not in the stage list')] : [];
  const context = [
    stage.role === 'export' ? 'export' : 'stage',
    stage.skip ? 'skipped' : 'run',
    stage.exportImage ? (stage.skipImages ? 'held' : 'exported') : 'plain',
  ];
  return {
    icon: new vscode.ThemeIcon(exported ? 'package' : 'layers', reason === undefined ? undefined : grey),
    description: [...skipped, ...unlisted, ...image],
    spoken: [...skipped, ...unlisted, ...(exported ? [spokenImage] : [])],
    tooltip: reason === undefined ? [] : [reason],
    context: context.join('.'),
  };
}

function subStageParts({ subStage }: SubStageNode): Parts {
  return {
    icon: new vscode.ThemeIcon('list-ordered', subStage.skip ? grey : undefined),
    description: subStage.skip ? [vscode.l10n.t('skipped')] : [],
    tooltip: subStage.skip ? [vscode.l10n.t('It holds a SKIP file: pi-gen passes over it.')] : [],
    context: `subStage.${subStage.skip ? 'skipped' : 'run'}`,
  };
}

const stepIcons: Readonly<Record<OrderItem['kind'], string>> = {
  debconf: 'settings',
  'packages-nr': 'library',
  packages: 'library',
  patches: 'diff',
  run: 'terminal',
  'run-chroot': 'vm',
  prerun: 'copy',
  postrun: 'terminal',
  entry: 'file',
  'upstream-stage': 'cloud',
};

function stepParts({ kind, place, position, passedOver, reason }: OrderItem): Parts {
  const when = kind === 'postrun' ? [vscode.l10n.t('Runs once, when all images are made.')] : [];
  const where = place === undefined ? [] : [placeText(place)];
  const order = position === undefined ? [] : [vscode.l10n.t('{0}. of what pi-gen runs', position)];
  return {
    icon: new vscode.ThemeIcon(stepIcons[kind], passedOver === undefined ? undefined : grey),
    description: passedOver === undefined ? where : [passedOverText(passedOver)],
    tooltip: [...when, ...order, ...(reason === undefined ? [] : [reason])],
    context: kind === 'entry' ? 'other' : `step.${passedOver ?? 'run'}`,
  };
}

function placeText(place: 'host' | 'chroot'): string {
  return place === 'host' ? vscode.l10n.t('host') : vscode.l10n.t('chroot');
}

function passedOverText(why: NonNullable<OrderItem['passedOver']>): string {
  switch (why) {
    case 'not-executable':
      return vscode.l10n.t('not executable');
    case 'sub-stage-skipped':
    case 'stage-skipped':
      return vscode.l10n.t('skipped');
    case 'not-looked-at':
      return vscode.l10n.t('ignored');
    case 'not-listed':
    case 'not-exported':
    case 'stage-missing':
    case 'stage-unknown':
      return vscode.l10n.t('not run');
  }
}

function kindName(node: Node): string {
  switch (node.kind) {
    case 'root':
      return vscode.l10n.t('stages');
    case 'stage':
      return vscode.l10n.t('stage');
    case 'sub-stage':
      return vscode.l10n.t('sub-stage');
    case 'step':
      return node.item.kind === 'entry' ? vscode.l10n.t('file') : vscode.l10n.t('step');
  }
}

function nameOf(node: Node): string {
  switch (node.kind) {
    case 'root':
      return baseName(node.tree.root);
    case 'stage':
      return node.name;
    case 'sub-stage':
      return node.subStage.name;
    case 'step':
      return node.item.name;
  }
}

function collapsibleState(node: Node): vscode.TreeItemCollapsibleState {
  switch (node.kind) {
    case 'root':
      return vscode.TreeItemCollapsibleState.Expanded;
    case 'stage': {
      if (node.children.length === 0) return vscode.TreeItemCollapsibleState.None;
      // pi-gen's own stages are many and seldom looked at.
      const isOwn = node.reason === undefined && !/^(?:stage[0-5]|export-.*)$/.test(node.name);
      return isOwn ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
    }
    case 'sub-stage':
      return node.steps.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : vscode.TreeItemCollapsibleState.Expanded;
    case 'step':
      return vscode.TreeItemCollapsibleState.None;
  }
}

function iconOf(state: StepState | undefined): vscode.ThemeIcon | undefined {
  switch (state?.state) {
    case undefined:
      return undefined;
    case 'running':
      return new vscode.ThemeIcon('sync~spin');
    case 'done':
      return new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
  }
}

function stateWord(state: StepState | undefined): string {
  switch (state?.state) {
    case undefined:
      return '';
    case 'running':
      return vscode.l10n.t('running');
    case 'done':
      return vscode.l10n.t('done in the last build');
    case 'failed':
      return vscode.l10n.t('failed in the last build');
  }
}

/** A folder that is folded up hides the lines that say it. */
function problemsText({ kind }: Node, problems: string | undefined): string {
  if (problems === undefined) return '';
  return kind === 'step' ? problems : vscode.l10n.t('{0} inside', problems);
}

function tooltipOf(lines: readonly string[], path: string | undefined): string {
  return [...(path === undefined ? [] : [path]), ...lines].join('\n');
}
