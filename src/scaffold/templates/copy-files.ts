import { nameInput } from './input-values';
import type { Template } from './template';

/** Files of the system and of the first user, with their owners and modes. */
export const copyFiles: Template = {
  id: 'copy-files',
  title: 'Copy files with owners and modes',
  detail: 'A setting below /etc, a command for everyone, and a file of the first user',
  inputs: [nameInput('Name of what the files belong to', 'my-app')],
  subStageName: ({ name = '' }) => `${name}-files`,
  files: (value) => {
    const name = value('name');
    return [
      {
        path: '00-run.sh',
        text: `#!/bin/bash -e

# install -D makes the folders above a file. Without -o and -g the file belongs to root.
install -D -m 644 files/${name}.conf "\${ROOTFS_DIR}/etc/${name}/${name}.conf"
install -D -m 755 files/${name} "\${ROOTFS_DIR}/usr/local/bin/${name}"

# The first user's number is 1000. Its name is known inside the image only, not on the build host.
home="\${ROOTFS_DIR}/home/\${FIRST_USER_NAME}"
install -d -m 750 -o 1000 -g 1000 "\${home}/${name}"
install -m 600 -o 1000 -g 1000 files/notes.txt "\${home}/${name}/notes.txt"
`,
        executable: true,
      },
      { path: `files/${name}.conf`, text: `# Settings of ${name}.\n` },
      {
        path: `files/${name}`,
        text: `#!/bin/sh
echo "The settings of ${name} are in /etc/${name}/${name}.conf"
`,
        executable: true,
      },
      { path: 'files/notes.txt', text: 'Belongs to the first user, and nobody else may read it.\n' },
    ];
  },
};
