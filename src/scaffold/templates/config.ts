import { validateStageList } from '../stage-names';
import { choiceInput, nameInput, wordInput } from './input-values';
import type { FileTemplate } from './template';

/** A config: what build.sh sources before it builds. */
export const config: FileTemplate = {
  id: 'config',
  title: 'Config',
  detail: 'Names the image, its release, its first user and the stages to build',
  inputs: [
    { ...nameInput('Name of the image', 'my-image'), name: 'image' },
    choiceInput('release', 'Debian release, which has to be that of the pi-gen branch', [
      { value: 'trixie', detail: 'pi-gen’s branches master and arm64' },
      { value: 'bookworm', detail: 'bookworm and bookworm-arm64' },
      { value: 'bullseye', detail: 'bullseye and bullseye-arm64' },
    ]),
    { ...nameInput('Name of the machine in the network', 'raspberrypi'), name: 'hostname' },
    wordInput(
      'user',
      'Name of the first user, offered at the first boot',
      'pi',
      /^[a-z][-a-z0-9_]*$/,
      'Begin with a small letter, then small letters, digits, - and _: build.sh stops at any other name.',
    ),
    choiceInput('ssh', 'Start the SSH server?', [
      { value: '1', detail: 'Yes' },
      { value: '0', detail: 'No' },
    ]),
    {
      name: 'stages',
      prompt: 'Stages to build, in their order, separated by spaces',
      default: 'stage0 stage1 stage2',
      judge: validateStageList,
    },
  ],
  files: (value) => [
    {
      path: 'config',
      text: `# What pi-gen is to build. build.sh reads this file as bash: no blanks around the = signs.
# Scripts of stages see pi-gen's own variables; one of yours needs an export before it.

IMG_NAME="${value('image')}"
RELEASE="${value('release')}"
TARGET_HOSTNAME="${value('hostname')}"

# Without a password, the first boot asks for one. One that stands here is known to everyone who can read this file.
FIRST_USER_NAME="${value('user')}"
ENABLE_SSH=${value('ssh')}

# The image is written by the stages that hold an EXPORT_IMAGE.
STAGE_LIST="${value('stages')}"
`,
    },
  ],
};
