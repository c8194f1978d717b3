import { besideContainer, collected, outputOf } from '../afterwards/manifest';
import { BuildProblemError } from '../build-problem';
import type { ContainerState, Engine } from '../engine/engine';

/** Exit statuses of a container that was killed, or found dead by an engine that was started anew. */
const killed: ReadonlySet<number> = new Set([137, 255]);

/** Milliseconds that an engine has for letting loop devices go. */
const patience = 20_000;

/**
 * Lets go the loop devices whose files lie in the volumes of this container, and prints their names. The kernel names a
 * file from the root of its mount on: a volume's, or the work folder's overlay of a stage that is tried, whose files are
 * those of its upper layer (kept-layers.sh). Path and inode have to be the same: another build's devices are left alone.
 */
const letGo = `places=()
while read -r _ _ _ _ place _; do
	[ "\${place}" = / ] || places+=("\${place}")
done < /proc/self/mountinfo
shopt -s nullglob
for entry in /sys/block/loop*/loop/backing_file; do
	name="\${entry#/sys/block/}"
	name="\${name%%/*}"
	path="$(cat "\${entry}")"
	[ -b "/dev/\${name}" ] || mknod "/dev/\${name}" b 7 "\${name#loop}"
	inode="$(losetup -l -n -O BACK-INO "/dev/\${name}" | tr -d ' ')"
	[ -n "\${inode}" ] || continue
	for place in "\${places[@]}"; do
		for file in "\${place}\${path}" "\${place}"/tries/*/*/fs"\${path}"; do
			[ "$(stat -c %i -- "\${file}")" = "\${inode}" ] || continue
			losetup -d "/dev/\${name}" && echo "\${name}"
			continue 3
		done
	done
done 2> /dev/null`;

/**
 * Ends and removes a build's container with its anonymous volumes. Where it is or was ended by force, build.sh had no
 * chance to let go the loop devices of the image that it exports (scripts/common, unmount_image), and the kernel would keep
 * them: that is made up for. Gives the names of those devices. Rejects with a BuildProblemError where it cannot be removed;
 * one that is gone is no error.
 *
 * @param state how it ended, where that is known
 */
export async function removeContainer(
  engine: Engine,
  container: string,
  state?: ContainerState,
): Promise<readonly string[]> {
  const devices = await letLoopDevicesGo(engine, container, state).catch((error: unknown) => {
    // What cannot be ended cannot be removed either.
    if (error instanceof BuildProblemError && error.problem.kind === 'engine-stuck') throw error;
    return [];
  });
  await engine.remove(container);
  return devices;
}

async function letLoopDevicesGo(
  engine: Engine,
  container: string,
  state: ContainerState | undefined,
): Promise<readonly string[]> {
  const { running, exitCode } = state ?? (await engine.inspect(container));
  if (running) await engine.kill(container);
  else if (!killed.has(exitCode)) return [];
  const signal = AbortSignal.timeout(patience);
  const helper = await besideContainer(engine, container, ['bash', '-c', letGo], signal, true);
  if (helper === undefined) return [];
  try {
    const told = Buffer.concat(await collected(outputOf(helper, signal))).toString();
    return told.split('\n').filter((name) => name !== '');
  } finally {
    await helper.close();
  }
}
