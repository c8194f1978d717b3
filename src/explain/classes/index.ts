import type { FailureClass } from '../failure-class';
import { aptClasses } from './apt';
import { bootstrapClasses } from './bootstrap';
import { chrootClasses } from './chroot';
import { actionClasses, configClasses } from './config';
import { environmentClasses } from './environment';
import { exportClasses } from './export';
import { fileClasses } from './files';
import { hostClasses } from './host';
import { patchClasses } from './patch';
import { scriptClasses } from './script';
import { setupClasses } from './setup';
import { stageClasses } from './stage';

/** Classes that belong together, for their page. */
export interface ClassGroup {
  readonly title: string;
  readonly classes: readonly FailureClass[];
}

export const classGroups: readonly ClassGroup[] = [
  { title: 'Stages, the stage list and exports', classes: stageClasses },
  { title: 'Patches', classes: patchClasses },
  { title: 'config', classes: configClasses },
  { title: 'pi-gen-action', classes: actionClasses },
  { title: 'The base system', classes: bootstrapClasses },
  { title: 'Packages and their sources', classes: aptClasses },
  { title: 'Setting packages up', classes: setupClasses },
  { title: 'Scripts', classes: scriptClasses },
  { title: 'Files, folders and owners', classes: fileClasses },
  { title: 'Inside the chroot', classes: chrootClasses },
  { title: 'Disks, memory and the image', classes: exportClasses },
  { title: 'The build environment', classes: environmentClasses },
  { title: 'Processor, kernel and emulation', classes: hostClasses },
];

/** Every class that is told by a single line. Where a line fits several, the first one counts whose `when` holds. */
export const failureClasses: readonly FailureClass[] = classGroups.flatMap(({ classes }) => classes);
