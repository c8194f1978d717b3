import { parseArgs } from 'node:util';
import type { RepositoryPart } from '../pigen/apt/apt-sources';
import { updateIndex } from '../packages/update-index';
import type { UpdateResult } from '../packages/update-index';
import { Core } from './core';
import { formatOf, pathFrom, releaseOption } from './options';
import { packageIndexStore } from './package-index-store';
import { rootsOf } from './roots';
import type { ExitCode, Terminal } from './terminal';
import { UsageError } from './terminal';

/** `pigen update-index [PATH…]`. */
export async function runUpdateIndex(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string' }, release: { type: 'string' } },
  });
  const format = formatOf(values.format);
  const release = releaseOption(values.release);
  const paths = (positionals.length === 0 ? ['.'] : positionals).map((path) => pathFrom(terminal, path));
  const { signal } = terminal;
  const core = new Core();
  try {
    const roots = await Promise.all(paths.map((path) => rootsOf(core, path, terminal)));
    const parts: RepositoryPart[] = [];
    for (const root of new Set(roots.flat())) {
      const { repositories } = await core.checker.checkTree(root, { signal, ...release });
      parts.push(...((await repositories())?.parts ?? []));
    }
    if (parts.length === 0) {
      throw new UsageError(
        'Nothing tells which repositories the image will know. Name the release with --release, or in .pigen.yaml, and keep apt sources in files of the stages.',
      );
    }
    let told = '';
    const result = await updateIndex(packageIndexStore(terminal), parts, {
      signal,
      onProgress: ({ repository }) => {
        if (format === 'pretty' && repository !== told) terminal.complain(`asking ${repository}`);
        told = repository;
      },
    });
    await terminal.write(format === 'json' ? json(result) : pretty(result));
    return result.failures.length === 0 ? 0 : 1;
  } finally {
    core.dispose();
  }
}

function json({ updated, failures }: UpdateResult): string {
  return `${JSON.stringify({ version: 1, updated, failures })}\n`;
}

function pretty({ updated, failures }: UpdateResult): string {
  const lines = failures.map(({ url, reason }) => `not updated: ${url}: ${reason}\n`);
  const repositories = new Map<string, Set<string>>();
  for (const { uri, suite, architecture } of updated) {
    const architectures = repositories.get(`${uri} ${suite}`) ?? new Set();
    repositories.set(`${uri} ${suite}`, architectures.add(architecture));
  }
  for (const [repository, architectures] of repositories) {
    lines.push(`up to date: ${repository} (${[...architectures].sort().join(', ')})\n`);
  }
  return lines.join('');
}
