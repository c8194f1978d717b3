import { joinPath } from '../../pigen/files/path';
import type { BuildPlan } from './build-plan';

/** Names for builds with one config each: base names of their paths, or as much of a path as tells them apart. */
export function distinctNames(paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    const parts = path.split('/').filter((part) => part !== '');
    for (let count = 1; count < parts.length; count++) {
      const name = parts.slice(-count).join('-');
      const same = paths.filter((other) => other.endsWith(`/${parts.slice(-count).join('/')}`));
      if (same.length === 1) return name;
    }
    return parts.join('-');
  });
}

/** The plan of one of several builds of a tree: with a folder of its own for results and log, and a container of its own. */
export function namedPlan(plan: BuildPlan, name: string): BuildPlan {
  const container = { ...plan.container, name: `${plan.container.name}-${name.replaceAll(/[^\w.-]/g, '-')}` };
  return { ...plan, deployFolder: joinPath(plan.deployFolder, name), container };
}
