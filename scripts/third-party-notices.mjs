import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The licences of everything that went into the bundles, as their authors ask for.
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @param {readonly string[]} alsoShipped names of packages whose files are copied as they are
 * @returns {Promise<string>}
 */
export async function thirdPartyNotices(metafiles, alsoShipped) {
  const folders = new Set(alsoShipped.map((name) => `node_modules/${name}`));
  for (const input of metafiles.flatMap((metafile) => Object.keys(metafile.inputs))) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (found !== undefined) folders.add(found);
  }
  const notices = await Promise.all([...folders].sort().map(notice));
  return `pi-gen Stages contains the following software.\n\n${notices.join('\n')}`;
}

/** @param {string} folder */
async function notice(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : await readFile(path.join(folder, file), 'utf8');
  return `── ${name} ${version} ──\n\n${text.trim()}\n`;
}
