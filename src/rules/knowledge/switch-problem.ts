/** What is wrong with the value of a switch. */
export interface SwitchProblem {
  readonly text: string;
  /** The value that is surely meant. */
  readonly instead: '0' | '1' | undefined;
}

/** What people write for yes and no. */
const words: ReadonlyMap<string, '0' | '1'> = new Map([
  ...['true', 'yes', 'y', 'on', 'enable', 'enabled'].map((word) => [word, '1'] as const),
  ...['false', 'no', 'n', 'off', 'disable', 'disabled'].map((word) => [word, '0'] as const),
]);

export interface Setting {
  /** Of config. */
  readonly variable: string;
  readonly value: string;
  /** As the user wrote it, name and value. */
  readonly written: string;
  /** FIRST_USER_PASS is set, too. */
  readonly hasPassword: boolean;
}

/**
 * What a value other than 1 and 0 does: pi-gen's scripts compare switches with one of the two as texts, and say nothing of
 * other words. Undefined where it does what it says.
 */
export function switchProblem({ variable, value, written, hasPassword }: Setting): SwitchProblem | undefined {
  if (value === '0' || value === '1') return undefined;
  const instead = words.get(value.toLowerCase());
  const problem = (effect: string): SwitchProblem => ({
    text: `${effect} Write ${instead ?? '1 or 0'}.`,
    instead,
  });
  switch (variable) {
    case 'DISABLE_FIRST_BOOT_USER_RENAME':
      // build.sh asks for the password with 1, export-image/01-user-rename leaves the wizard in with 0.
      if (instead === '1' && hasPassword) return undefined;
      return problem(
        `pi-gen takes 0 alone for no: with ${written} the first boot asks for no user name, and build.sh does not see to it that FIRST_USER_PASS is set.`,
      );
    case 'USE_QCOW2':
      // run_stage and export-image ask for 1 in some places and for 0 in others.
      return problem(
        `pi-gen knows 1 and 0: with ${written} it makes no qcow2 images, and does not undo the mounts of a stage either.`,
      );
    default:
      // Off is what it is.
      if (instead === '0') return undefined;
      return problem(`pi-gen takes 1 alone for yes: with ${written} it is off without a word.`);
  }
}
