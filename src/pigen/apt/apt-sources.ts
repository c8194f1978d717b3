/** A repository as an apt source names it. */
export interface AptSource {
  /** With `/` at its end. Placeholders such as RELEASE may still stand in it, and in the suites. */
  readonly uri: string;
  /** A suite that ends in `/` is a folder of a flat repository, which has no components. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Undefined: every architecture of the image. */
  readonly architectures: readonly string[] | undefined;
}

/** What one Packages file of a repository is about. */
export interface RepositoryPart {
  /** `http://` or `https://`, with `/` at its end. */
  readonly uri: string;
  readonly suite: string;
  /** Empty for a flat repository. */
  readonly component: string;
  /** Debian's name: armhf, arm64, amd64, i386. */
  readonly architecture: string;
}

/** What a text of apt sources names. */
export interface ReadSources {
  readonly sources: readonly AptSource[];
  /** It names more than can be read out of it, so that nobody knows what apt will find. */
  readonly unknown: boolean;
}

export const noSources: ReadSources = { sources: [], unknown: false };

/** Reads a file of `/etc/apt`: by its name in deb822 (`*.sources`), or one source a line. */
export function readAptSources(name: string, text: string): ReadSources {
  return name.endsWith('.sources') ? readStanzas(text) : readSourceLines(text);
}

/** Reads lines such as `deb [arch=armhf] http://host/path/ suite component…`; every other line is passed over. */
export function readSourceLines(text: string): ReadSources {
  return together(text.split(/\r?\n/).map(readSourceLine));
}

function readSourceLine(line: string): ReadSources {
  const found = /^[ \t]*deb(?:[ \t]+\[([^\]]*)\])?[ \t]+(\S.*)$/.exec(line);
  if (found === null) return noSources;
  const [, options = '', rest = ''] = found;
  const [uri = '', suite = '', ...components] = rest
    .replace(/#.*$/, '')
    .split(/[ \t]+/)
    .filter((word) => word !== '');
  let architectures: readonly string[] | undefined;
  for (const option of options.split(/[ \t]+/)) {
    const [key = '', value = ''] = splitOnce(option, '=');
    if (key === 'arch') architectures = value.split(',').filter((name) => name !== '');
    // `arch+=` and `arch-=` change what apt.conf says, which nobody reads here.
    else if (key.startsWith('arch')) return { sources: [], unknown: true };
  }
  return { sources: [{ uri: withSlash(uri), suites: [suite], components, architectures }], unknown: false };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function withSlash(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}

/** Reads deb822: stanzas of `Field: value`, folded lines begin with a blank. */
function readStanzas(text: string): ReadSources {
  const lines = text.split(/\r?\n/).filter((line) => !line.startsWith('#'));
  const stanzas = lines.join('\n').split(/\n[ \t]*(?:\n[ \t]*)*\n/);
  return together(stanzas.map(readStanza));
}

function readStanza(stanza: string): ReadSources {
  const fields = new Map<string, readonly string[]>();
  for (const [, name = '', value = ''] of stanza.matchAll(/^([\w-]+)[ \t]*:(.*(?:\n[ \t].*)*)/gm)) {
    fields.set(
      name.toLowerCase(),
      value.split(/\s+/).filter((word) => word !== ''),
    );
  }
  const of = (name: string): readonly string[] => fields.get(name) ?? [];
  if (!of('types').includes('deb') || /^(?:no|false|without|off|disable|0)$/i.test(of('enabled')[0] ?? ''))
    return noSources;
  if (fields.has('architectures-add') || fields.has('architectures-remove'))
    return { sources: [], unknown: true };
  const architectures = fields.get('architectures');
  const common = { suites: of('suites'), components: of('components'), architectures };
  return { sources: of('uris').map((uri) => ({ uri: withSlash(uri), ...common })), unknown: false };
}

/** Puts together what several texts name. */
export function together(all: readonly ReadSources[]): ReadSources {
  return {
    sources: all.flatMap(({ sources }) => sources),
    unknown: all.some(({ unknown }) => unknown),
  };
}

/** What is known of an image when its sources are worked out. */
export interface SourceContext {
  /** Stands for `RELEASE` in them, as pi-gen's own scripts put it there. */
  readonly release: string | undefined;
  /** The image's own architecture and those that dpkg is told of. */
  readonly architectures: readonly string[];
}

/**
 * The parts of a repository that apt reads for a source. Undefined where they cannot be known or fetched: a placeholder that
 * is not RELEASE, an address that is not HTTP, or one that holds a password.
 */
export function partsOf(source: AptSource, context: SourceContext): readonly RepositoryPart[] | undefined {
  const fill = (text: string): string =>
    context.release === undefined ? text : text.replaceAll('RELEASE', context.release);
  const uri = repositoryUri(fill(source.uri));
  if (uri === undefined || source.suites.length === 0) return undefined;
  const architectures = (source.architectures ?? context.architectures).filter((name) =>
    context.architectures.includes(name),
  );
  const parts: RepositoryPart[] = [];
  for (const suite of source.suites.map(fill)) {
    const isFlat = suite.endsWith('/');
    const components = isFlat ? [''] : source.components.map(fill);
    if (components.length === 0 || !isPathText(isFlat ? `${suite}x` : suite)) return undefined;
    for (const component of components) {
      if (!isFlat && !isPathText(component)) return undefined;
      parts.push(...architectures.map((architecture) => ({ uri, suite, component, architecture })));
    }
  }
  return parts;
}

/** The address as it is asked for; undefined where it is none of HTTP's, or carries what is nobody's business. */
function repositoryUri(text: string): string | undefined {
  if (!/^https?:\/\/[\w.[\]:-]+\/[\w.~+,=:@%/-]*$/.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, href } = new URL(text);
  return username !== '' || password !== '' ? undefined : href;
}

/** A suite or component: a relative path without a way up, and without a placeholder such as `@CODENAME@`. */
function isPathText(text: string): boolean {
  return (
    /^[a-z0-9.][\w.+~-]*(?:\/[\w.+~-]+)*$/.test(text) &&
    !/[A-Z_]{3}/.test(text) &&
    !text.split('/').includes('..')
  );
}

/** One text for a part, the same for the same part. */
export function partKey({ uri, suite, component, architecture }: RepositoryPart): string {
  return [uri, suite, component, architecture].join(' ');
}
