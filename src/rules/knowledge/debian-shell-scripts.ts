/**
 * Commands of Debian and Raspberry Pi OS that are shell scripts, so that `bash NAME` runs them. What is missing here is
 * taken for a program, which most commands are; Perl and Python scripts are no better than programs to bash.
 */
const names: ReadonlySet<string> = new Set([
  'add-shell',
  'apt-key',
  'bashbug',
  'dphys-swapfile',
  'egrep',
  'fake-hwclock',
  'fgrep',
  'gunzip',
  'gzexe',
  'invoke-rc.d',
  'ldd',
  'locale-gen',
  'lsinitramfs',
  'mkinitramfs',
  'ntpdate-debian',
  'on_ac_power',
  'raspi-config',
  'remove-shell',
  'rpi-eeprom-update',
  'rpi-update',
  'savelog',
  'service',
  'setupcon',
  'shadowconfig',
  'ssh-copy-id',
  'tzselect',
  'uncompress',
  'unmkinitramfs',
  'update-ca-certificates',
  'update-grub',
  'update-initramfs',
  'which',
  'xdg-mime',
  'xdg-open',
  'xdg-settings',
  'zcat',
  'zcmp',
  'zdiff',
  'zgrep',
  'zless',
  'zmore',
]);

/** Whether bash can run this command of Debian's as a script. `name` without a folder. */
export function isShellScriptOfDebian(name: string): boolean {
  return names.has(name);
}
