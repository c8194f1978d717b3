import { config } from '../../scaffold/templates/config';
import type { FileTemplate } from '../../scaffold/templates/template';
import { workflow } from '../../scaffold/templates/workflow';
import type { Core } from '../core';
import type { Terminal } from '../terminal';
import { UsageError } from '../terminal';
import { fill, folderOf, refuseOthers, tell, write } from './new-options';
import type { NewOptions } from './new-options';

type Make = (core: Core, names: readonly string[], options: NewOptions, terminal: Terminal) => Promise<void>;

/** `pigen new config`. */
export const makeConfig = makeFrom(config);

/** `pigen new workflow`. */
export const makeWorkflow = makeFrom(workflow);

function makeFrom(template: FileTemplate): Make {
  return async (core, names, options, terminal) => {
    if (names.length > 0) throw new UsageError(`'pigen new ${template.id}' takes options alone.`);
    refuseOthers(template.id, options, ['in', 'set']);
    const folder = await folderOf(core, options.in, terminal);
    const { files } = await fill(core, template, options.set, terminal);
    await tell(await write(folder, files, terminal), options, terminal);
  };
}
