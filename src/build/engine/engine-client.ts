import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import type Docker from 'dockerode';
import { asProblem } from './engine-calls';
import type { EngineAddress, EngineEndpoint } from './engine-endpoint';
import { SshAgent } from './ssh-connection';

/** The client library's own object, for src/build/ alone. Rejects as openEngine() does. */
export async function openClient(endpoint: EngineEndpoint): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  try {
    return new Client(shownShort(clientOptions(endpoint.address)));
  } catch (error) {
    // docker-modem reads DOCKER_HOST and DOCKER_CERT_PATH itself, and throws where it cannot.
    throw asProblem(error, 'connect', endpoint.label);
  }
}

function clientOptions(address: EngineAddress): Docker.DockerOptions {
  // Undefined on purpose: docker-modem would fill in from DOCKER_HOST what is not named here.
  const unset = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };
  switch (address.kind) {
    case 'socket':
      return options({
        ...unset,
        socketPath: address.path,
        protocol: 'http',
        agent: new HttpAgent({ keepAlive: false }),
      });
    case 'ssh':
      return options({
        ...unset,
        socketPath: undefined,
        // Nothing is looked up by it: the agent is the way there.
        host: 'localhost',
        pathPrefix: '/',
        protocol: 'http',
        agent: new SshAgent(address),
      });
    case 'tcp': {
      const { tls } = address;
      const place = {
        ...unset,
        socketPath: undefined,
        host: address.host,
        port: address.port,
        pathPrefix: '/',
      };
      if (tls === undefined) {
        return options({ ...place, protocol: 'http', agent: new HttpAgent({ keepAlive: false }) });
      }
      const material = { ca: tls.ca, cert: tls.certificate, key: tls.key };
      const agent = new HttpsAgent({ keepAlive: false, ...material, rejectUnauthorized: tls.verify });
      return options({ ...place, protocol: 'https', agent });
    }
  }
}

/**
 * docker-modem writes out all of its options for each request, whether or not anybody reads that: with the sockets and timers
 * of the agent that is half of what a request costs here.
 */
function shownShort(client: Docker.DockerOptions): Docker.DockerOptions {
  const { agent } = client as { readonly agent: HttpAgent };
  Object.assign(agent, { [inspect.custom]: () => agent.constructor.name });
  return client;
}

/** The types know no undefined values, which docker-modem takes as "not this". */
function options(values: object): Docker.DockerOptions {
  return values;
}
