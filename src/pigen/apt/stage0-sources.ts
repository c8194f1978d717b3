import type { AptSource } from './apt-sources';
import type { Branch } from '../branches';

/** What an image's apt knows when stage0 is done. */
export interface Stage0Sources {
  readonly sources: readonly AptSource[];
  /** The image's own architecture, then those that `dpkg --add-architecture` makes known. */
  readonly architectures: readonly string[];
}

/**
 * The apt sources that pi-gen's own stage0 gives an image (stage0/00-configure-apt), for repositories that hold stages but
 * not pi-gen itself. RELEASE stands for the release, as there.
 */
export function stage0Sources(branch: Branch): Stage0Sources {
  const { architecture, release } = branch;
  const both = architecture === 'armhf' ? ['armhf', 'arm64'] : ['arm64', 'armhf'];
  switch (release) {
    case 'trixie':
    case 'bookworm':
      return {
        sources: architecture === 'armhf' ? [raspbian('com'), archive('com')] : [...debian(), archive('com')],
        architectures: both,
      };
    case 'bullseye':
      return architecture === 'armhf'
        ? { sources: [raspbian('org'), archive('org')], architectures: ['armhf'] }
        : { sources: [...debianBullseye(), archive('org')], architectures: both };
    case 'buster':
      return { sources: [raspbian('org'), archive('org')], architectures: ['armhf'] };
    case 'jessie':
      return {
        sources: [
          source('http://mirrordirector.raspbian.org/raspbian/', ['RELEASE'], raspbianComponents),
          source('http://archive.raspberrypi.org/debian/', ['RELEASE'], ['main', 'ui', 'staging']),
        ],
        architectures: ['armhf'],
      };
  }
}

const raspbianComponents = ['main', 'contrib', 'non-free', 'rpi'];
const debianComponents = ['main', 'contrib', 'non-free'];

function source(
  uri: string,
  suites: readonly string[],
  components: readonly string[],
  architectures?: readonly string[],
): AptSource {
  return { uri, suites, components, architectures };
}

function raspbian(domain: 'com' | 'org'): AptSource {
  return source(
    `http://raspbian.raspberrypi.${domain}/raspbian/`,
    ['RELEASE'],
    raspbianComponents,
    // Raspbian has armhf alone; from bookworm on the source says so.
    domain === 'com' ? ['armhf'] : undefined,
  );
}

function archive(domain: 'com' | 'org'): AptSource {
  return source(`http://archive.raspberrypi.${domain}/debian/`, ['RELEASE'], ['main']);
}

function debian(): readonly AptSource[] {
  const components = [...debianComponents, 'non-free-firmware'];
  return [
    source('http://deb.debian.org/debian/', ['RELEASE', 'RELEASE-updates'], components),
    source('http://deb.debian.org/debian-security/', ['RELEASE-security'], components),
  ];
}

function debianBullseye(): readonly AptSource[] {
  return [
    source('http://deb.debian.org/debian/', ['RELEASE', 'RELEASE-updates'], debianComponents),
    source('http://security.debian.org/debian-security/', ['RELEASE-security'], debianComponents),
  ];
}
