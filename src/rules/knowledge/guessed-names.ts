/** Names that people give in config for want of pi-gen's own, which are those of pi-gen-action's inputs, of raspi-config or of other tools. */
const guesses: Readonly<Record<string, readonly string[]>> = {
  IMG_NAME: ['IMAGE_NAME', 'IMAGENAME', 'IMGNAME'],
  STAGE_LIST: ['STAGES', 'STAGE', 'STAGES_LIST'],
  DEPLOY_COMPRESSION: ['COMPRESSION', 'COMPRESS', 'DEPLOY_COMPRESS', 'IMG_COMPRESSION'],
  TARGET_HOSTNAME: ['HOSTNAME', 'HOST_NAME', 'IMG_HOSTNAME', 'DEFAULT_HOSTNAME'],
  FIRST_USER_NAME: ['USERNAME', 'USER_NAME', 'FIRST_USER', 'FIRST_USERNAME', 'DEFAULT_USER'],
  FIRST_USER_PASS: ['PASSWORD', 'USER_PASSWORD', 'USER_PASS', 'FIRST_USER_PASSWORD', 'DEFAULT_PASSWORD'],
  TIMEZONE_DEFAULT: ['TIMEZONE', 'TIME_ZONE', 'TZ', 'DEFAULT_TIMEZONE'],
  LOCALE_DEFAULT: ['LOCALE', 'DEFAULT_LOCALE'],
  KEYBOARD_KEYMAP: ['KEYMAP', 'KEYBOARD_MAP'],
  ENABLE_SSH: ['SSH', 'SSH_ENABLE', 'SSH_ENABLED'],
  PUBKEY_SSH_FIRST_USER: ['SSH_PUBKEY', 'PUBKEY_SSH', 'SSH_PUBLIC_KEY', 'SSH_KEY'],
  WPA_COUNTRY: ['WIFI_COUNTRY', 'WLAN_COUNTRY', 'COUNTRY'],
};

const meant: ReadonlyMap<string, string> = new Map(
  Object.entries(guesses).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
);

/** The variable of pi-gen's that is meant by a name that it does not know; undefined where none surely is. */
export function guessedName(name: string): string | undefined {
  return meant.get(name);
}
