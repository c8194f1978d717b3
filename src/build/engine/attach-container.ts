import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';

/**
 * Input and output of a container, as they are on the wire. Not by dockerode's attach(), which sends the options as the
 * request's body, too: Podman hands that to the container as its first input. Rejects with an error of the client.
 */
export function attachContainer(client: Docker, id: string): Promise<Duplex> {
  const { modem } = client as unknown as { readonly modem: Dialler };
  const request = {
    path: `/containers/${id}/attach?`,
    method: 'POST',
    file: Buffer.alloc(0),
    hijack: true,
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options: { stream: true, stdin: true, stdout: true, stderr: true },
  };
  return new Promise((resolve, reject) => {
    modem.dial(request, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}

/** What is used of docker-modem, which has no types of its own. */
interface Dialler {
  dial(request: object, done: (error: Error | null, stream: Duplex) => void): void;
}
