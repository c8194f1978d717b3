import { prerunName, stepForms, stepName } from '../pigen/tree/step-names';
import type { StepKind } from '../pigen/tree/stage-tree';
import { validateImageSuffix, validateStageName, validateSubStageName } from './stage-names';

/** A file that is to be made. */
export interface NewFile {
  /** Relative to the folder that is to hold the stage, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export interface NewStage {
  readonly name: string;
  /** Whether an image is written after this stage. */
  readonly exportImage: boolean;
  /** What EXPORT_IMAGE appends to the image's name: `-kiosk`. Without it: a hyphen and the stage's name without `stage`. */
  readonly imageSuffix?: string;
  readonly subStage: NewSubStage;
  /** Any number of kinds, in any order; none gives a sub-stage without steps. */
  readonly steps: readonly StepKind[];
  /** Files of a template (fillTemplate) for the sub-stage, in the place of `steps`. */
  readonly template?: readonly NewFile[];
  /** One line for a comment in the scripts. */
  readonly description?: string;
}

export interface NewSubStage {
  /** 0 to 99: its place among the sub-stages. */
  readonly number: number;
  /** What follows the number and a hyphen. */
  readonly name: string;
}

/**
 * The files of a new stage: prerun.sh, EXPORT_IMAGE on request, one sub-stage with the steps asked for. They pass every
 * rule and build as they are. Throws a RangeError for a name, number or suffix that the validate… functions refuse.
 */
export function newStage(stage: NewStage): readonly NewFile[] {
  const suffix = stage.imageSuffix ?? `-${stage.name.replace(/^stage[-_.]?(?=.)/, '')}`;
  refuse(validateStageName(stage.name, []));
  refuse(validateImageSuffix(suffix));
  const files: NewFile[] = [{ path: prerunName, text: prerunText, executable: true }];
  if (stage.exportImage) {
    files.push({ path: 'EXPORT_IMAGE', text: `IMG_SUFFIX="${suffix}"\n`, executable: false });
  }
  const content = stage.template ?? stepsOf(stage.steps, stage.name, stage.description);
  files.push(...newSubStage(stage.subStage, content));
  return files.map((file) => ({ ...file, path: `${stage.name}/${file.path}` }));
}

/** The name of a sub-stage's folder. Throws a RangeError for what validateSubStageName refuses, and for other numbers. */
export function subStageFolder({ number, name }: NewSubStage): string {
  refuse(validateSubStageName(name));
  return `${twoDigits(number)}-${name}`;
}

/** The files of a sub-stage, relative to its stage. @param content relative to the sub-stage: of stepsOf or fillTemplate */
export function newSubStage(subStage: NewSubStage, content: readonly NewFile[]): readonly NewFile[] {
  const folder = subStageFolder(subStage);
  return content.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
}

/**
 * The steps `00-…` of a new sub-stage with an example in each, relative to it.
 *
 * @param owner names the folders that the examples make in the image: the stage's name
 */
export function stepsOf(steps: readonly StepKind[], owner: string, description?: string): readonly NewFile[] {
  const header = commentOf(description);
  return stepForms
    .filter((form) => steps.includes(form.kind))
    .flatMap((form) => [
      ...stepFiles(form.kind, '00', owner, header),
      ...(form.kind === 'run' ? [exampleFile] : []),
    ]);
}

/**
 * The files of one further step of a sub-stage, relative to it. Throws a RangeError for a number that is not 0 to 99.
 *
 * @param owner names the folders that the example makes in the image: the stage's name
 */
export function newStep(kind: StepKind, number: number, owner: string): readonly NewFile[] {
  return stepFiles(kind, twoDigits(number), owner, '');
}

function twoDigits(number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > 99)
    throw new RangeError('The number of a sub-stage or step is 0 to 99.');
  return String(number).padStart(2, '0');
}

function refuse(found: { severity: string; message: string } | undefined): void {
  if (found?.severity === 'error') throw new RangeError(found.message);
}

/** A description is one comment line, whatever it holds. */
function commentOf(description: string | undefined): string {
  const line = (description ?? '').replaceAll(/\s+/g, ' ').trim();
  return line === '' ? '' : `# ${line}\n`;
}

const prerunText = `#!/bin/bash -e

if [ ! -d "\${ROOTFS_DIR}" ]; then
	copy_previous
fi
`;

const exampleFile: NewFile = {
  path: 'files/example.txt',
  text: 'Put files for the image here; 00-run.sh copies them.\n',
  executable: false,
};

function stepFiles(kind: StepKind, number: string, owner: string, header: string): readonly NewFile[] {
  const path = stepName(number, kind);
  const plain = (text: string): NewFile => ({ path, text, executable: false });
  const script = (text: string): NewFile => ({ path, text, executable: true });
  switch (kind) {
    case 'debconf':
      return [
        plain(
          // pi-gen feeds this file through an unquoted heredoc: a dollar or a backtick would expand, in comments too.
          '# Answers for packages that ask questions: owner, question, type, value.\n' +
            '# example-package example-package/question boolean true\n',
        ),
      ];
    case 'packages':
      return [
        plain(`${header}# Packages to install, separated by spaces or line ends.\n# example-package\n`),
      ];
    case 'packages-nr':
      return [
        plain(`${header}# Packages to install without those that they only recommend.\n# example-package\n`),
      ];
    case 'patches':
      return [
        {
          path: `${path}/series`,
          text: '# Patches of this folder, one a line, in the order in which quilt applies them.\n',
          executable: false,
        },
      ];
    case 'run': {
      const copy = `install -m 644 ${exampleFile.path} "\${ROOTFS_DIR}/opt/${owner}/example.txt"\n`;
      return [
        script(`#!/bin/bash -e
${header}
# Runs as root on the build host, in this folder. The image's files are below \${ROOTFS_DIR}.
install -d "\${ROOTFS_DIR}/opt/${owner}"
${number === '00' ? copy : ''}`),
      ];
    }
    case 'run-chroot':
      return [
        script(`#!/bin/bash -e
${header}
# Runs as root inside the image, where / is the image and no services run.
mkdir -p /opt/${owner}
chmod 755 /opt/${owner}
`),
      ];
  }
}
