import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { NodeFileSystem } from '../../src/pigen/files/node-file-system';
import { OverlayFileSystem } from '../../src/pigen/files/overlay-file-system';
import { Checker } from '../../src/rules/checker';
import { lazyBashParser } from '../../src/shell/lazy-bash-parser';

export interface RecheckTimes {
  readonly edits: number;
  /** All in milliseconds. */
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
}

const edits = 300;
/** Edits before the clock runs: an editor has compiled the checks long before anybody has typed that much. */
const warmUp = 80;

/**
 * Types into a 2,000-line script, one character at a time at places all over it, and takes the time of each whole check of
 * its tree: what the editor does after each pause.
 */
export async function measureRecheck(): Promise<RecheckTimes> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pigen-recheck-'));
  const disk = new NodeFileSystem();
  const parser = lazyBashParser(disk, path.resolve(import.meta.dirname, '../../dist'));
  const texts = new Map<string, string>();
  const checker = new Checker({ fs: new OverlayFileSystem(disk, texts), parser: parser.get });
  try {
    const script = await writeStage(folder);
    let text = longScript();
    const times: number[] = [];
    for (let i = 0; i < edits + warmUp; i++) {
      const at = text.indexOf('\n', Math.floor((text.length * ((i * 37) % 100)) / 100));
      text =
        i % 3 === 2 ? `${text.slice(0, at - 1)}${text.slice(at)}` : `${text.slice(0, at)}x${text.slice(at)}`;
      texts.set(script, text);
      const start = performance.now();
      await checker.checkTree(folder, { changed: new Set([script]) });
      if (i >= warmUp) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
    return { edits: times.length, median: at(0.5), p95: at(0.95), worst: at(1) };
  } finally {
    checker.dispose();
    parser.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeStage(folder: string): Promise<string> {
  const subStage = path.join(folder, 'stage-long/00-long');
  await mkdir(subStage, { recursive: true });
  await writeFile(
    path.join(folder, 'stage-long/prerun.sh'),
    '#!/bin/bash -e\nif [ ! -d "${ROOTFS_DIR}" ]; then\n\tcopy_previous\nfi\n',
    {
      mode: 0o755,
    },
  );
  const script = path.join(subStage, '00-run.sh');
  await writeFile(script, longScript(), { mode: 0o755 });
  return script;
}

/** 2,000 lines of what stage scripts are made of. */
function longScript(): string {
  const block = [
    'install -m 644 files/unit.service "${ROOTFS_DIR}/etc/systemd/system/"',
    'if [ -f "${ROOTFS_DIR}/etc/motd" ]; then',
    '\tsed -i "s/old/new/" "${ROOTFS_DIR}/etc/motd"',
    'fi',
    'for name in one two three; do',
    '\tmkdir -p "${ROOTFS_DIR}/opt/${name}"',
    'done',
    'on_chroot << EOF',
    'systemctl enable unit-\\$(hostname)',
    'echo "${FIRST_USER_NAME}" > /etc/owner',
    'EOF',
    'cat > "${ROOTFS_DIR}/etc/config" << \'END\'',
    'key=value',
    'END',
  ];
  const lines = ['#!/bin/bash -e'];
  while (lines.length < 2000) lines.push(block[(lines.length - 1) % block.length] ?? '');
  return `${lines.join('\n')}\n`;
}
