import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a tree of about the size of the real pi-gen (six stages, some thirty scripts of some thirty lines) and answers its
 * path. Its scripts are made of the sample stage's own, so that both tools have real work.
 */
export async function makePiGenSizedTree(folder: string): Promise<string> {
  const repository = path.resolve(import.meta.dirname, '../..');
  await cp(path.join(repository, 'test/fixtures/pi-gen'), folder, { recursive: true });
  for (let stage = 2; stage < 8; stage++) {
    const name = path.join(folder, `stage${stage}`);
    await mkdir(name, { recursive: true });
    await cp(path.join(repository, 'stage-ossuary/prerun.sh'), path.join(name, 'prerun.sh'));
    for (let subStage = 0; subStage < 4; subStage++) {
      const target = path.join(name, `0${subStage}-part`);
      await cp(path.join(repository, 'stage-ossuary/00-install-ossuary'), target, { recursive: true });
      await writeFile(path.join(target, 'README'), '');
    }
  }
  return folder;
}

/**
 * Writes a tree of so many stages, each with ten scripts that differ from all others, and answers its path. One in fifty
 * stages has a mistake, as no tree of that size is without.
 */
export async function makeBigTree(folder: string, stages: number): Promise<string> {
  const repository = path.resolve(import.meta.dirname, '../..');
  await cp(path.join(repository, 'test/fixtures/pi-gen'), folder, { recursive: true });
  for (let first = 0; first < stages; first += 50) {
    const some = Array.from({ length: Math.min(50, stages - first) }, (_, index) => first + index);
    await Promise.all(some.map((number) => writeBigStage(folder, number)));
  }
  const list = Array.from({ length: stages }, (_, number) => bigStageName(number)).join(' ');
  await writeFile(path.join(folder, 'config'), `IMG_NAME=big\nSTAGE_LIST="stage0 ${list}"\n`);
  return folder;
}

export function bigStageName(number: number): string {
  return `stage-${String(number).padStart(4, '0')}`;
}

async function writeBigStage(folder: string, number: number): Promise<void> {
  const stage = path.join(folder, bigStageName(number));
  await mkdir(path.join(stage, '00-part/files'), { recursive: true });
  await mkdir(path.join(stage, '01-part'), { recursive: true });
  const script = (name: string, text: string): Promise<void> =>
    writeFile(path.join(stage, name), text, { mode: 0o755 });
  await Promise.all([
    script('prerun.sh', '#!/bin/bash -e\n\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n'),
    writeFile(path.join(stage, '00-part/files/unit.service'), '[Unit]\n'),
    writeFile(path.join(stage, '00-part/00-packages'), `git\npackage-${number}\n`),
    ...Array.from({ length: 5 }, (_, index) => script(`00-part/0${index}-run.sh`, hostScript(number, index))),
    ...Array.from({ length: 4 }, (_, index) =>
      script(`01-part/0${index}-run-chroot.sh`, chrootScript(number, index)),
    ),
    ...(number === 0 ? [writeFile(path.join(stage, 'EXPORT_IMAGE'), 'IMG_SUFFIX=""\n')] : []),
  ]);
}

function hostScript(stage: number, index: number): string {
  return `#!/bin/bash -e

install -m 644 files/unit.service "\${ROOTFS_DIR}/etc/systemd/system/unit-${stage}-${index}.service"
for name in one two three; do
	mkdir -p "\${ROOTFS_DIR}/opt/part-${stage}/\${name}"
done
if [ -f "\${ROOTFS_DIR}/etc/motd" ]; then
	sed -i "s/old-${index}/new-${stage}/" "\${ROOTFS_DIR}/etc/motd"
fi
on_chroot << EOF
systemctl enable unit-${stage}-${index}
echo "\${FIRST_USER_NAME}" > /etc/owner-${stage}
EOF
`;
}

function chrootScript(stage: number, index: number): string {
  const mistake = stage % 50 === 0 && index === 0 ? 'on_chroot << EOF\nldconfig\nEOF\n' : '';
  return `systemctl disable service-${stage}-${index}
if [ -e /etc/default/part-${index} ]; then
	rm -f /etc/default/part-${index}
fi
cat << 'END' > /etc/part-${stage}.conf
key=value-${index}
END
${mistake}`;
}
