import type { Finding } from '../pigen/finding';
import type { Stage, StageTree } from '../pigen/tree/stage-tree';

/**
 * The editor can show a problem, and offer its fixes, only in a file. What is said of a folder (a stage without
 * prerun.sh) is therefore shown in the first file that pi-gen would run of it.
 */
export function onFiles(findings: readonly Finding[], tree: StageTree): readonly Finding[] {
  const stand = new Map<string, string>();
  for (const stage of tree.stages) {
    const file = firstFile(stage);
    if (file !== undefined) stand.set(stage.path, file);
    for (const subStage of stage.subStages) {
      const step = subStage.steps.find(({ kind }) => kind !== 'patches');
      if (step !== undefined) stand.set(subStage.path, step.path);
    }
  }
  return findings.map((finding) => ({ ...finding, file: stand.get(finding.file) ?? finding.file }));
}

function firstFile(stage: Stage): string | undefined {
  if (stage.prerun !== undefined) return stage.prerun.path;
  const steps = stage.subStages.flatMap((subStage) => subStage.steps);
  return (
    steps.find(({ kind }) => kind !== 'patches')?.path ??
    stage.others.find(({ kind }) => kind === 'file')?.path
  );
}
