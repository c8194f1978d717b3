import { LineIndex } from '../../pigen/text';
import type { Clue, FailureClass, Place } from '../failure-class';
import { atMessageOr, atPackage, atSetting, atStep, atWords, nowhere, placeInStage } from '../places';
import type { Scene } from '../scene';
import { addsSourceBefore } from '../stage-sources';

/** A one-line list keeps its CR: remove-comments.sed works on two lines or more. */
async function hasCarriageReturn(_clue: Clue, scene: Scene): Promise<boolean> {
  const path = scene.local?.path;
  const text = path === undefined ? undefined : await scene.readText(path);
  return text?.includes('\r') === true && new LineIndex(text).lineCount <= 2;
}

function ofPiGen(_clue: Clue, scene: Scene): boolean {
  return (
    /(?:^|\/)stage[0-5]\//.test(scene.frame?.path ?? '') || scene.frame?.path.includes('/export-') === true
  );
}

/** Where the stage names the repository: the script that adds it. */
async function sourcePlace(clue: Clue, scene: Scene): Promise<Place | undefined> {
  const address = clue.match.groups?.['address'];
  const host = address === undefined ? undefined : /^\w+:\/\/([^/\s]+)/.exec(address)?.[1];
  const words = [address, host].filter((word) => word !== undefined);
  const found = words.length === 0 ? undefined : await placeInStage(words, scene);
  return found ?? (await placeInStage(['sources.list', 'add-apt-repository'], scene)) ?? scene.stepPlace();
}

/** apt and dpkg: names, sources, keys and what packages do when they are set up. */
export const aptClasses: readonly FailureClass[] = [
  {
    name: 'line-endings',
    signs: ['E: Unable to locate package '],
    match: /^E: Unable to locate package (?<name>\S+)/,
    says: 'E: Unable to locate package tree (followed by an invisible CR)',
    certainty: 'certain',
    during: ['packages', 'packages-nr'],
    when: hasCarriageReturn,
    cause:
      'The package list is one line with a Windows line ending, which becomes a part of the name {name}: apt looks for a package that ends in CR.',
    fix: 'Save the file with LF line endings, and keep it so with "* text=auto eol=lf" in .gitattributes.',
    locate: atPackage,
  },
  {
    name: 'packages-file',
    signs: ['E: Unable to locate package  '],
    match: /^E: Unable to locate package {2}(?<name>\S*)/,
    says: 'E: Unable to locate package  jq (in a package list: two blanks)',
    certainty: 'certain',
    during: ['packages', 'packages-nr'],
    cause:
      'A backslash stands at the end of a line of the package list. pi-gen makes one line of the list, and the backslash makes the blank behind it a part of the next name.',
    fix: 'Remove the backslashes: names are separated by blanks and by lines.',
    locate: atPackage,
  },
  {
    name: 'continuation-broken',
    signs: ['E: Unable to locate package  '],
    match: /^E: Unable to locate package {2}/,
    says: 'E: Unable to locate package  jq (in a script)',
    certainty: 'certain',
    during: ['run', 'run-chroot'],
    cause:
      'A blank follows a backslash that was to continue the line: bash takes it for a part of the next name, or for a name of its own.',
    fix: 'Remove the blanks behind the backslashes of this command.',
    locate: atWords('apt-get', 'apt'),
  },
  {
    name: 'packages-file',
    signs: ['E: Unable to locate package ', 'has no installation candidate'],
    match: /^E: (?:Unable to locate package (?<name>\S+)|Package '\S+' has no installation candidate)/,
    says: 'E: Unable to locate package acme-tool (after a script of the stage that adds a repository)',
    certainty: 'likely',
    during: ['packages', 'packages-nr'],
    when: async (_clue, scene) => (await addsSourceBefore(scene)) !== undefined,
    sharesLine: true,
    cause:
      'An earlier script of this stage adds a package source, and nothing runs apt-get update after it: apt does not know yet what the source offers.',
    fix: 'Run apt-get update in the chroot at the end of that script.',
    locate: async (clue, scene) => (await addsSourceBefore(scene)) ?? (await atPackage(clue, scene)),
  },
  {
    name: 'package-lists-outdated',
    signs: ['E: Unable to locate package '],
    match: /^E: Unable to locate package (?<name>\S+)/,
    says: "E: Unable to locate package wpasupplicant (in one of pi-gen's own lists)",
    certainty: 'likely',
    during: ['packages', 'packages-nr'],
    when: ofPiGen,
    sharesLine: true,
    cause:
      "apt does not know {name}, a package of pi-gen's own lists: its package lists are missing or incomplete (an incident of the mirror, or a step that removed them), or the branch is for another release.",
    fix: 'Build again; where it stays so, run apt-get update in the chroot first, and check that the branch fits RELEASE.',
    follows: ['config', 'release-mix', 'download-failed', 'name-not-resolved', 'repository-key'],
    locate: atPackage,
  },
  {
    name: 'unknown-package',
    signs: ['E: Unable to locate package '],
    match: /^E: Unable to locate package (?<name>\S+)/,
    says: 'E: Unable to locate package no-such-package',
    certainty: 'certain',
    cause:
      'apt knows no package called {name} for this release and architecture, so nothing of the list was installed.',
    fix: 'Correct the name or take it out. Where it comes from a repository that this stage adds, run apt-get update in the chroot in an earlier step.',
    follows: [
      'config',
      'release-mix',
      'packages-file',
      'package-lists-outdated',
      'download-failed',
      'name-not-resolved',
      'repository-key',
    ],
    locate: atPackage,
  },
  {
    name: 'unknown-package',
    signs: ['has no installation candidate', " for '"],
    match:
      /^E: (?:Version '(?<version>.*)' for '(?<name>[^']+)' was not found|(?:Package|Release '.*' for) '(?<package>[^']+)' (?:has no installation candidate|was not found))/,
    says: "E: Package 'awk' has no installation candidate",
    certainty: 'certain',
    cause:
      'apt knows the name but has nothing to install for it in this release and architecture: it was removed, several packages provide it, or that version is not there.',
    fix: 'Name the package that replaces or provides it, or the version that the release has.',
    follows: ['config', 'release-mix', 'packages-file', 'download-failed', 'name-not-resolved'],
    locate: (clue, scene) => {
      const name = clue.match.groups?.['name'] ?? clue.match.groups?.['package'] ?? '';
      return scene.frame?.kind === 'packages' || scene.frame?.kind === 'packages-nr'
        ? scene.lineWith([name])
        : atWords(name)(clue, scene);
    },
  },
  {
    name: 'package-dependencies',
    signs: ['Depends: ', 'Conflicts: ', 'Breaks: '],
    match: /^\s*(?<name>[\w.+:-]+) : (?:(?:Pre)?Depends|Conflicts|Breaks): /,
    says: ' foo : Depends: libfoo1 (>= 2) but it is not going to be installed',
    certainty: 'likely',
    cause:
      '{name} cannot be installed together with what is there or asked for: packages exclude each other, sources of different releases are mixed, or the mirror is being updated.',
    fix: 'Take one of the two out of the list, check the sources that the stage adds; with none, try again in some hours.',
    follows: ['config'],
    locate: atPackage,
  },
  {
    name: 'package-dependencies',
    signs: ['dpkg: dependency problems prevent configuration of '],
    match: /^dpkg: dependency problems prevent configuration of (?<name>[^\s:]+)/,
    says: 'dpkg: dependency problems prevent configuration of acme-tool:',
    certainty: 'certain',
    during: ['run', 'run-chroot'],
    cause:
      '{name} was installed with dpkg, which fetches nothing: the packages that it depends on are missing.',
    fix: 'Use apt-get install -y ./FILE.deb in the place of dpkg -i, or put what it depends on into an earlier NN-packages.',
    locate: atWords('dpkg -i', 'dpkg --install', 'dpkg'),
  },
  {
    name: 'package-dependencies',
    signs: ['you have held broken packages', 'E: Unable to satisfy dependencies'],
    match: /^E: (?:Unable to correct problems, you have held broken packages|Unable to satisfy dependencies)/,
    says: 'E: Unable to correct problems, you have held broken packages.',
    certainty: 'guess',
    cause: 'The packages asked for cannot be installed together.',
    fix: 'The lines above the message name them: take one of those that exclude each other out, or mend the sources.',
    follows: ['package-dependencies', 'config'],
    locate: atStep,
  },
  {
    name: 'apt-proxy',
    signs: ['Could not reach APT_PROXY', 'Unsupported proxy configured'],
    match: /(?:Could not reach APT_PROXY server: (?<name>\S+)|Unsupported proxy configured)/,
    says: 'Could not reach APT_PROXY server: http://localhost:3142',
    certainty: 'certain',
    cause:
      'APT_PROXY does not answer, or is no http address. In a container, localhost is the container itself.',
    fix: "Give APT_PROXY the host's own address with http:// and the port, for example http://172.17.0.1:3142.",
    locate: atSetting(['APT_PROXY'], ['apt-proxy']),
  },
  {
    name: 'certificates-missing',
    signs: [
      'No system certificates available',
      'The certificate is NOT trusted',
      'Certificate verification failed',
      'SSL certificate problem',
      'server certificate verification failed',
    ],
    match:
      /(?:No system certificates available|The certificate is NOT trusted|Certificate verification failed|server certificate verification failed|SSL certificate problem)/,
    says: 'No system certificates available. Try installing ca-certificates.',
    certainty: 'likely',
    cause:
      'A program in the image cannot check a certificate: ca-certificates is not installed yet, or its store is empty ("0 added, 0 removed", a known fault of 64-bit emulation).',
    fix: 'Install ca-certificates in an earlier step than the first https source or download; current pi-gen takes it into stage0.',
    follows: ['host-32-bit-files'],
    locate: atMessageOr('https', 'curl', 'wget'),
  },
  {
    name: 'repository-key',
    signs: ['NO_PUBKEY', ' is not signed', 'Missing key '],
    match:
      /(?:NO_PUBKEY (?<name>\w+)|^E: The repository '(?<address>\S+).*' is not signed|Missing key (?<key>\w+))/,
    says: "E: The repository 'https://apt.example.org stable InRelease' is not signed.",
    certainty: 'certain',
    cause: 'A package source is used whose signing key the image does not have, so apt refuses it.',
    fix: 'Install the key below /usr/share/keyrings, readable by all, and name it in the source with signed-by (apt-key is gone in trixie; an armored key ends in .asc).',
    follows: ['host-umask'],
    locate: sourcePlace,
  },
  {
    name: 'repository-missing',
    signs: ['does not have a Release file'],
    match: /^E: The repository '(?<address>\S+).*' does not have a Release file/,
    says: "E: The repository 'http://deb.debian.org/debian nosuchsuite Release' does not have a Release file.",
    certainty: 'certain',
    cause: 'A package source names an address or a release that the server does not have.',
    fix: 'Correct the address, the release or the component in the source; old releases have moved to an archive server.',
    locate: sourcePlace,
  },
  {
    name: 'name-not-resolved',
    signs: [
      'Temporary failure resolving',
      'Could not resolve',
      'Temporary failure in name resolution',
      'getaddrinfo ',
      'unable to resolve host address',
    ],
    match:
      /(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<npm>[\w.-]+)|unable to resolve host address '?(?<wget>[\w.-]+)|Temporary failure resolving '(?<name>[^']+)'|Could not resolve (?:host:? )?'?(?<host>[\w.-]+)'?|Temporary failure in name resolution)/,
    says: 'curl: (6) Could not resolve host: downloads.example.org',
    certainty: 'likely',
    cause:
      'A name could not be resolved during the build: there is no such host, the container has no network, or /etc/resolv.conf of the image leads nowhere (a link into /run, which on_chroot hides).',
    fix: "Check the name and the build container's network. Install resolvconf or systemd-resolved only after everything is fetched, or write a real /etc/resolv.conf.",
    locate: (clue, scene) => {
      const { name, host, npm, wget } = clue.match.groups ?? {};
      return atMessageOr(
        host ?? name ?? npm ?? wget ?? '',
        npm === undefined ? '' : 'npm',
        'apt-get update',
        'curl',
        'wget',
        'git',
      )(clue, scene);
    },
  },
  {
    name: 'download-failed',
    signs: ['E: Failed to fetch ', 'Hash Sum mismatch', 'curl: (', ' ERROR '],
    match:
      /(?:^E: Failed to fetch (?<name>\S+)|Hash Sum mismatch|^curl: \((?:7|16|18|22|28|35|52|55|56|92)\) |^\d{4}-\d\d-\d\d [\d:]+ ERROR \d+: )/,
    says: 'E: Failed to fetch http://deb.debian.org/debian/pool/main/f/foo/foo_1.0_armhf.deb  404  Not Found',
    certainty: 'likely',
    cause:
      'A file could not be downloaded: it is not (or no longer) there, or the mirror or the network failed.',
    fix: 'Build again; where it stays so, run apt-get update before the install, check the address, APT_PROXY and the mirror (old releases have moved to an archive server).',
    follows: ['name-not-resolved', 'certificates-missing', 'config'],
    locate: (clue, scene) =>
      scene.frame?.kind === 'run-chroot' || scene.frame?.kind === 'run'
        ? atMessageOr('curl', 'wget', 'apt-get')(clue, scene)
        : nowhere(clue, scene),
  },
  {
    name: 'repository-malformed',
    signs: ['E: Malformed '],
    match:
      /^E: Malformed (?:entry|line|stanza) \d+ in (?:list|sources|source list) (?:file )?(?<name>\S+) \((?<what>.*)\)/,
    says: 'E: Malformed entry 1 in list file /etc/apt/sources.list.d/app.list (Component)',
    certainty: 'certain',
    cause:
      'apt cannot read the source in {name} and so reads none at all; what it misses or cannot take there: {what}.',
    fix: 'It has to be one line such as: deb [signed-by=/usr/share/keyrings/app.gpg] https://example.org/debian trixie main. Where a script writes it in an unquoted on_chroot heredoc, the build host has replaced $VERSION_CODENAME and $(lsb_release -cs) in it: quote the terminator, or use $RELEASE.',
    locate: sourcePlace,
  },
  {
    name: 'repository-conflict',
    signs: ['E: Conflicting values set for option '],
    match:
      /^E: Conflicting values set for option (?<option>\S+) regarding source (?<address>\S+) (?<suite>[^\s:]+): (?<values>.+)/,
    says: 'E: Conflicting values set for option Signed-By regarding source https://example.org/debian/ trixie: /a.gpg != /b.gpg',
    certainty: 'certain',
    cause:
      'Two files of apt name {address} with different keys ({values}), and apt then reads no source at all.',
    fix: 'Keep one of them below /etc/apt/sources.list.d. The second is often that of a package which brings its own source, or of an earlier try: let the script name the same key and file.',
    locate: sourcePlace,
  },
  {
    name: 'apt-refuses',
    signs: ['and -y was used without '],
    match:
      /^E: (?<what>Essential packages were removed|Held packages were changed|Packages were downgraded|There were unauthenticated packages) and -y was used without (?<option>--allow-[a-z-]+)/,
    says: 'E: Held packages were changed and -y was used without --allow-change-held-packages.',
    certainty: 'certain',
    cause: 'What is asked for would lead to this: “{what}”. With -y alone apt does not do that.',
    fix: 'See in the log which packages apt would touch, and ask for others or for another version. Where it is meant, call apt-get with {option} in a NN-run-chroot.sh.',
    locate: atMessageOr('apt-get', 'apt'),
  },
  {
    name: 'dpkg-interrupted',
    signs: ['E: dpkg was interrupted'],
    match: /^E: dpkg was interrupted, you must manually run/,
    says: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
    certainty: 'likely',
    cause:
      'This build goes on from a root file system in which an earlier one, or an earlier step, ended in the midst of dpkg.',
    fix: 'Build the stage anew: with CLEAN=1, or with its folder in the work folder deleted. Where a step of this build was cut short, mend that one.',
    locate: nowhere,
  },
  {
    name: 'apt-wants-an-answer',
    signs: ['Abort.'],
    match: /^(?:(?:Do you want to continue\?|Continue\?) \[Y\/n\] )?Abort\.$/,
    says: 'Do you want to continue? [Y/n] Abort.',
    certainty: 'certain',
    cause: 'apt asked whether to go on and nobody could answer: its input is the rest of the script.',
    fix: 'Call apt-get with -y.',
    locate: atWords('apt-get', 'apt'),
  },
];
