import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
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
        const agent = watchful(new HttpAgent({ keepAlive: false }));
        return options({ ...place, protocol: 'http', agent });
      }
      const material = { ca: tls.ca, cert: tls.certificate, key: tls.key };
      const agent = watchful(
        new HttpsAgent({ keepAlive: false, ...material, rejectUnauthorized: tls.verify }),
      );
      return options({ ...place, protocol: 'https', agent });
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
