/** What is to be said of a name that a user gives: an error stops, an information does not. */
export interface NameMessage {
  readonly severity: 'error' | 'information';
  readonly message: string;
}

/** pi-gen hands stage paths around in unquoted lists (`for STAGE_DIR in $STAGE_LIST`): no spaces, no glob characters. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Folders that build.sh runs by another way than the stage list. */
const reserved = new Set(['export-image', 'export-noobs', 'work', 'deploy', 'scripts']);

/**
 * Judges the name of a new stage; undefined where nothing is to be said.
 *
 * @param existing names that are taken in its folder
 */
export function validateStageName(name: string, existing: readonly string[]): NameMessage | undefined {
  const error = (message: string): NameMessage => ({ severity: 'error', message });
  if (name === '') return error('A stage needs a name.');
  if (/\s/.test(name))
    return error('The name of a stage cannot hold spaces: pi-gen splits its stage list at them.');
  if (!plainName.test(name)) {
    return error(
      'Use letters, digits, hyphens, dots and underscores only, and begin with a letter or a digit.',
    );
  }
  if (/^stage[-._]$/.test(name)) return error(`Give the stage a name of its own behind "${name}".`);
  if (reserved.has(name)) return error(`pi-gen uses the folder ${name} for something else.`);
  if (existing.includes(name)) return error(`${name} exists already.`);
  if (name.startsWith('stage')) return undefined;
  return {
    severity: 'information',
    message: 'Without a STAGE_LIST, pi-gen runs only folders whose names begin with "stage".',
  };
}

/** Judges the name of a sub-stage, without its number. */
export function validateSubStageName(name: string): NameMessage | undefined {
  if (plainName.test(name)) return undefined;
  return {
    severity: 'error',
    message: 'Use letters, digits, hyphens, dots and underscores only, and begin with a letter or a digit.',
  };
}

/** Judges what EXPORT_IMAGE adds to the image's name; nothing at all is fine. */
export function validateImageSuffix(suffix: string): NameMessage | undefined {
  if (/^[A-Za-z0-9._-]*$/.test(suffix)) return undefined;
  return {
    severity: 'error',
    message: 'The suffix becomes part of a file name: letters, digits, hyphens, dots and underscores only.',
  };
}

/** Judges the stages of a stage list: names and paths, separated by blanks. */
export function validateStageList(list: string): NameMessage | undefined {
  const words = list.split(/[ \t]+/).filter((word) => word !== '');
  const wrong = words.find((word) => !/^[A-Za-z0-9._/-]+$/.test(word) || word.startsWith('-'));
  if (words.length > 0 && wrong === undefined) return undefined;
  return {
    severity: 'error',
    message:
      wrong === undefined
        ? 'A stage list needs a stage.'
        : `${wrong} cannot stand in a stage list: names and paths of letters, digits, hyphens, dots, underscores and slashes, separated by spaces.`,
  };
}
