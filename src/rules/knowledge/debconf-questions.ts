/** A package that asks at its installation, and what comes of it where nobody answers. */
export interface DebconfQuestion {
  readonly packages: readonly string[];
  /** Where the names of its questions begin: what a NN-debconf file or a debconf-set-selections names. */
  readonly template: string;
  /** What the default does to the image; goes on a sentence. */
  readonly effect: string;
}

/**
 * Packages with a question of high priority whose default is no good for an image. pi-gen's container sets
 * DEBIAN_FRONTEND=noninteractive (Dockerfile), so nothing waits for an answer: apt takes the default without a word.
 */
export const debconfQuestions: readonly DebconfQuestion[] = [
  {
    packages: ['iptables-persistent'],
    template: 'iptables-persistent/',
    effect: 'it saves the firewall rules of the build host into the image',
  },
  {
    packages: ['postfix'],
    template: 'postfix/',
    effect: 'it sets up an Internet site under the name of the build host',
  },
  {
    packages: ['jackd2'],
    template: 'jackd/',
    effect: 'audio gets no realtime priority',
  },
  {
    packages: ['ttf-mscorefonts-installer'],
    template: 'msttcorefonts/',
    effect: 'the licence is not accepted and no font is installed',
  },
  {
    packages: ['nullmailer'],
    template: 'nullmailer/',
    effect: 'it sends mail to a host called "mail"',
  },
  {
    packages: ['krb5-config', 'krb5-user'],
    template: 'krb5-config/',
    effect: 'no Kerberos realm is set',
  },
];
