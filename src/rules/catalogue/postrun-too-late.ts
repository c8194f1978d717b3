import { commandsDeep, programsOf } from '../../shell/queries';
import type { Script } from '../../shell/script';
import { setVariablesAround } from '../../shell/set-variables';
import { invocationOf } from '../../shell/shell-invocation';
import { writtenPaths } from '../../shell/written-paths';
import { placeOf } from '../../shell/place-at';
import { definesFunction, nameOf } from '../knowledge/programs';
import type { Report, Rule, ScriptFile } from '../rule';

/** Root file systems of which build.sh has made its images when postrun.sh runs. */
const rootfsNames: ReadonlySet<string> = new Set(['ROOTFS_DIR', 'EXPORT_ROOTFS_DIR', 'PREV_ROOTFS_DIR']);

export const postrunTooLate: Rule = {
  name: 'postrun-too-late',
  severity: 'warning',
  summary: 'A `postrun.sh` that changes a root file system, when all images are made.',
  page: {
    why: `build.sh runs the \`postrun.sh\` beside it last of all, when the images lie in \`$DEPLOY_DIR\`. \`$ROOTFS_DIR\` is then still that of
the last stage of the run: where an image was exported, that of \`export-image\`, a mount point from which its last step has taken the image.`,
    build: `What is written below \`$ROOTFS_DIR\` lands in an empty folder of the work folder, and is in no image; the build passes.
\`on_chroot\` finds nothing to enter there, and the build fails after all its images are made:

\`\`\`
mount: /pi-gen/work/NAME/export-image/rootfs/proc: mount point does not exist.
\`\`\``,
    fix: `Do it in a stage: a sub-stage such as \`99-finish\` at the end of the last one, or, for what belongs into every image, in the folder
that \`EXPORT_CONFIG_DIR\` names. To change an image that is made already, mount it in \`postrun.sh\` and write there.`,
    silent: [
      'what it does to the images and to `$DEPLOY_DIR`: signing, renaming, copying them away',
      'a `postrun.sh` that mounts an image, sets `ROOTFS_DIR` itself, or defines an `on_chroot` of its own',
      'reading from `$EXPORT_ROOTFS_DIR`, the last exported stage’s own root file system, which is still there',
      '`rm` and `rmdir`, which clean up',
    ],
    bad: { tree: 'bad-postrun', show: 'postrun.sh' },
    good: { tree: 'good-postrun', show: 'postrun.sh' },
  },

  *checkScript(file: ScriptFile): Iterable<Report> {
    if (!file.isPostrun || !/on_chroot|ROOTFS_DIR/.test(file.text) || hasOwnRootfs(file.script)) return;
    for (const program of programsOf(file.script)) {
      if (program.place !== 'host') continue;
      for (const command of program.commands) {
        if (nameOf(command) === 'on_chroot' && command.name !== undefined) {
          if (placeOf(program, command.name.span) !== 'host') continue;
          yield {
            message:
              'All images are made when postrun.sh runs, and the one of $ROOTFS_DIR is unmounted: on_chroot finds no root file system there, and the build fails. Move this to the last sub-stage of a stage.',
            file: file.path,
            span: program.toFileSpan(command.name.span),
          };
          continue;
        }
        for (const { by, variable, span } of writtenPaths(command)) {
          if (variable === undefined || !rootfsNames.has(variable)) continue;
          if (by === 'rm' || by === 'rmdir' || placeOf(program, span) !== 'host') continue;
          yield {
            message: `All images are made when postrun.sh runs: what is changed below $${variable} now is in none of them. Move this to the last sub-stage of a stage.`,
            file: file.path,
            span: program.toFileSpan(span),
          };
        }
      }
    }
  },
};

/** Whether the script puts a root file system in place itself: it mounts one, or gives ROOTFS_DIR or on_chroot a meaning of its own. */
function hasOwnRootfs(script: Script): boolean {
  if (definesFunction(script, 'on_chroot')) return true;
  for (const program of programsOf(script)) {
    const { names, more } = setVariablesAround(program);
    if (more || [...rootfsNames].some((name) => names.has(name))) return true;
  }
  for (const { command } of commandsDeep(script)) {
    const name = invocationOf(command)?.name ?? nameOf(command) ?? '';
    if (/^(?:mount|losetup|kpartx|guestmount|guestfish|mount_image|systemd-nspawn)$/.test(name)) return true;
  }
  return false;
}
