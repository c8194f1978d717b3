import { validateStageList } from '../stage-names';
import { choiceInput, nameInput } from './input-values';
import type { FileTemplate } from './template';

/** What builds each release: the branch of pi-gen and the machine. */
const targets = {
  'trixie-arm64': { release: 'trixie', version: 'arm64', runner: 'ubuntu-24.04-arm' },
  'trixie-armhf': { release: 'trixie', version: 'master', runner: 'ubuntu-latest' },
  'bookworm-arm64': { release: 'bookworm', version: 'bookworm-arm64', runner: 'ubuntu-24.04-arm' },
  'bookworm-armhf': { release: 'bookworm', version: 'bookworm', runner: 'ubuntu-latest' },
} as const;

/** A GitHub workflow that checks the stages and builds the image with pi-gen-action. */
export const workflow: FileTemplate = {
  id: 'workflow',
  title: 'GitHub workflow',
  detail: 'Builds the image with usimd/pi-gen-action at every push, and keeps it as an artifact',
  inputs: [
    { ...nameInput('Name of the image', 'my-image'), name: 'image' },
    choiceInput('target', 'What is built', [
      { value: 'trixie-arm64', detail: '64 bits, on an ARM machine of GitHub: nothing is emulated' },
      { value: 'trixie-armhf', detail: '32 bits, emulated, which takes far longer' },
      { value: 'bookworm-arm64', detail: '64 bits, on an ARM machine of GitHub: nothing is emulated' },
      { value: 'bookworm-armhf', detail: '32 bits, emulated, which takes far longer' },
    ]),
    {
      name: 'stages',
      prompt: 'Stages to build, in their order; your own as ./PATH in the repository',
      default: 'stage0 stage1 stage2',
      judge: validateStageList,
    },
  ],
  files: (value) => {
    const target = value('target');
    const { release, version, runner } = Object.hasOwn(targets, target)
      ? targets[target as keyof typeof targets]
      : targets['trixie-arm64'];
    return [
      {
        path: '.github/workflows/build-image.yml',
        text: `name: Build image

on:
  push:
  workflow_dispatch:

jobs:
  build:
    runs-on: ${runner}
    steps:
      - uses: actions/checkout@v4

      - uses: usimd/pi-gen-action@v1
        id: build
        with:
          image-name: ${value('image')}
          stage-list: ${value('stages')}
          release: ${release}
          pi-gen-version: ${version}
          # Else the log of a failed build lacks most of what its commands said.
          verbose-output: true

      - uses: actions/upload-artifact@v4
        with:
          name: ${value('image')}
          path: \${{ steps.build.outputs.image-path }}
          if-no-files-found: error
`,
      },
    ];
  },
};
