import type { NameMessage } from '../stage-names';
import type { TemplateInput } from './template';

function judgeBy(pattern: RegExp, demand: string): (value: string) => NameMessage | undefined {
  return (value) => (pattern.test(value) ? undefined : { severity: 'error', message: demand });
}

/** A word that is safe as the name of a file, a systemd unit, a user and a Python module's folder, and unquoted in bash. */
export function nameInput(prompt: string, example: string): TemplateInput {
  return {
    name: 'name',
    prompt,
    default: example,
    judge: judgeBy(
      /^[a-z][a-z0-9-]{0,30}$/,
      'Use small letters, digits and hyphens, and begin with a letter: the name becomes that of files and units.',
    ),
  };
}

/** The address of a web page or a repository. Nothing in it means something to bash or systemd, `%` apart. */
export function addressInput(name: string, prompt: string, example: string, schemes: string): TemplateInput {
  return {
    name,
    prompt,
    default: example,
    judge: judgeBy(
      new RegExp(`^(?:${schemes}):/{1,3}[A-Za-z0-9][A-Za-z0-9._~:/?#@!&()*+,;=%[\\]-]*$`),
      `Give a whole address, such as ${example}, without blanks and quotes.`,
    ),
  };
}

/** Any one word that bash takes as it stands. */
export function wordInput(
  name: string,
  prompt: string,
  example: string,
  pattern: RegExp,
  demand: string,
): TemplateInput {
  return { name, prompt, default: example, judge: judgeBy(pattern, demand) };
}

/** The text of a file that the user names. */
export function fileInput(name: string, prompt: string, pattern: RegExp, demand: string): TemplateInput {
  return { name, prompt, default: undefined, file: true, judge: judgeBy(pattern, demand) };
}

/** One of few. */
export function choiceInput(
  name: string,
  prompt: string,
  choices: readonly [
    { readonly value: string; readonly detail: string },
    ...{ readonly value: string; readonly detail: string }[],
  ],
): TemplateInput {
  return {
    name,
    prompt,
    default: choices[0].value,
    choices,
    judge: (value) =>
      choices.some((choice) => choice.value === value)
        ? undefined
        : { severity: 'error', message: `Give one of: ${choices.map((choice) => choice.value).join(', ')}.` },
  };
}
