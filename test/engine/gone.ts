import type Docker from 'dockerode';

/** Resolves when the containers are there no more. */
export async function gone(docker: Docker, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => oneGone(docker, id)));
}

async function oneGone(docker: Docker, id: string): Promise<void> {
  try {
    await docker.getContainer(id).wait({ condition: 'removed' });
  } catch (error) {
    if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error;
  }
}
