import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import type Docker from 'dockerode';
import { asProblem } from './engine-calls';
import type { EngineAddress, EngineEndpoint } from './engine-endpoint';
import { EngineWatch } from './engine-watch';
import type { EnginePatience } from './engine-watch';
import { SshAgent } from './ssh-connection';

/** The client library's own object, for src/build/ alone. */
export interface EngineClient {
  readonly client: Docker;
  readonly watch: EngineWatch;
}

/**
 * Connects to nothing yet. Rejects as openEngine() does.
 */
export async function openClient(endpoint: EngineEndpoint, patience?: EnginePatience): Promise<EngineClient> {
  const { default: Client } = await import('dockerode');
  const agent = agentFor(endpoint.address);
  try {
    const client = new Client(shownShort(clientOptions(endpoint.address, agent)));
    return { client, watch: new EngineWatch(client, agent, patience) };
  } catch (error) {
    // docker-modem reads DOCKER_HOST and DOCKER_CERT_PATH itself, and throws where it cannot.
    throw asProblem(error, 'connect', endpoint.label);
  }
}

function agentFor(address: EngineAddress): HttpAgent {
  if (address.kind === 'ssh') return new SshAgent(address);
  if (address.kind === 'socket') return new HttpAgent({ keepAlive: false });
  if (address.tls === undefined) return watchful(new HttpAgent({ keepAlive: false }));
  const { ca, certificate: cert, key, verify } = address.tls;
  return watchful(new HttpsAgent({ keepAlive: false, ca, cert, key, rejectUnauthorized: verify }));
}

function clientOptions(address: EngineAddress, agent: HttpAgent): Docker.DockerOptions {
  // Undefined on purpose: docker-modem would fill in from DOCKER_HOST what is not named here.
  const unset = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };
  switch (address.kind) {
    case 'socket':
      return options({ ...unset, socketPath: address.path, protocol: 'http', agent });
    case 'ssh':
      // Nothing is looked up by the host: the agent is the way there.
      return options({
        ...unset,
        socketPath: undefined,
        host: 'localhost',
        pathPrefix: '/',
        protocol: 'http',
        agent,
      });
    case 'tcp': {
      const { host, port, tls } = address;
      const protocol = tls === undefined ? 'http' : 'https';
      return options({ ...unset, socketPath: undefined, host, port, pathPrefix: '/', protocol, agent });
    }
  }
}

/** Milliseconds of silence after which the system asks whether the other side is still there; ten seconds later it is not. */
const silence = 30_000;

/** Milliseconds in which a connection has to come about. */
const patience = 20_000;

/**
 * A network that is cut ends no connection: who only reads would wait for ever. (Agent's own keepAlive also keeps connections
 * for later requests.)
 */
function watchful<Kind extends HttpAgent>(agent: Kind): Kind {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...words) => {
    const connection = connect(...words);
    if (connection instanceof Socket) {
      connection.setKeepAlive(true, silence);
      const giveUp = setTimeout(() => {
        connection.destroy(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }));
      }, patience);
      const done = () => {
        clearTimeout(giveUp);
      };
      connection
        .once(connection instanceof TLSSocket ? 'secureConnect' : 'connect', done)
        .once('close', done);
    }
    return connection;
  };
  return agent;
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
