/** A server that speaks GitHub's API, and whose accounts VS Code knows. */
export interface GitHubServer {
  /** As remotes name it, without a port. */
  readonly host: string;
  /** Of its pages, without a slash at its end. */
  readonly web: string;
  /** Of its API, without a slash at its end. */
  readonly api: string;
  /** Of VS Code's authentication: an account of one server is nobody's business on another. */
  readonly accounts: string;
}

/** GitHub's own API. */
const usualApi = 'https://api.github.com';
/** What speaks for GitHub on this very machine is a test's, which brings its own accounts. */
const standIn = 'pi-gen-github-stand-in';

/**
 * The servers whose runs can be asked for: github.com, and the user's own.
 * @param api in the place of GitHub's own address, as GitHub itself hands it to programs in GITHUB_API_URL
 * @param enterprise VS Code's setting `github-enterprise.uri`
 */
export function githubServers(
  api: string | undefined,
  enterprise: string | undefined,
): readonly GitHubServer[] {
  const own = enterpriseServer(enterprise);
  return own === undefined ? [usualServer(api)] : [usualServer(api), own];
}

function usualServer(address: string | undefined): GitHubServer {
  const url = trustworthy(address);
  const api = url === undefined ? usualApi : withoutSlash(url.href);
  const accounts = api === usualApi ? 'github' : url?.protocol === 'http:' ? standIn : 'github-enterprise';
  return { host: 'github.com', web: 'https://github.com', api, accounts };
}

function enterpriseServer(address: string | undefined): GitHubServer | undefined {
  const url = trustworthy(address);
  if (url === undefined || url.hostname === 'github.com') return undefined;
  return {
    host: url.hostname,
    web: url.origin,
    // Enterprise Cloud with a domain of its own has its API beside it, Enterprise Server below it.
    api: url.hostname.endsWith('.ghe.com') ? `https://api.${url.hostname}` : `${url.origin}/api/v3`,
    accounts: url.protocol === 'http:' ? standIn : 'github-enterprise',
  };
}

/** A token goes over no open line but to this very machine. */
function trustworthy(address: string | undefined): URL | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isHere = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere) ? url : undefined;
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, '');
}
