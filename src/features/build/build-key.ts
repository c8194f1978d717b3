import { uriOf } from '../paths';
import type { BuildPlace } from './build-place';
import { readBuildSettings } from './build-settings';

/** Names what is built: one tree with one config. */
export function buildKey({ treeRoot, repositoryRoot, configFile }: BuildPlace): string {
  const config = configFile ?? readBuildSettings(uriOf(repositoryRoot ?? treeRoot)).config;
  return JSON.stringify([treeRoot, repositoryRoot, config]);
}
