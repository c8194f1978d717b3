import { commandsDeep } from '../shell/queries';
import type { Command, Script } from '../shell/script';
import { writtenPaths } from '../shell/written-paths';
import type { Place } from './failure-class';
import type { Scene } from './scene';

/** Where an earlier script of the open stage adds an apt source that nothing has read again before the open step. */
export async function addsSourceBefore(scene: Scene): Promise<Place | undefined> {
  const stage = scene.stage?.stage;
  const open = scene.local?.step;
  let added: Place | undefined;
  for (const step of stage?.subStages.flatMap(({ steps }) => steps) ?? []) {
    if (step === open) return added;
    if (step.kind !== 'run' && step.kind !== 'run-chroot') continue;
    const read = await scene.readScript(step.path, step.place);
    if (read?.script === undefined) continue;
    for (const { script, command } of commandsDeep(read.script)) {
      if (writesSource(command)) {
        added = { file: read.path, range: read.lines.range(script.toFileSpan(command.span)) };
      } else if (readsSources(command, script)) {
        added = undefined;
      }
    }
  }
  return undefined;
}

function writesSource(command: Command): boolean {
  return (
    command.name?.literal === 'add-apt-repository' ||
    writtenPaths(command).some(({ word }) => word.text.includes('sources.list'))
  );
}

function readsSources(command: Command, script: Script): boolean {
  const name = command.name?.literal ?? '';
  if (!/(?:^|\/)(?:apt|apt-get|aptitude)$/.test(name)) return false;
  return script.place === 'chroot' && command.arguments.some(({ literal }) => literal === 'update');
}
