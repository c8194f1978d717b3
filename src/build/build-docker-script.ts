/** What a tree's build-docker.sh does that decides how its image builds, for one kind of machine. Plain data. */
export interface BuildDockerScript {
  /** The value of `--build-arg BASE_IMAGE=`; undefined where it gives none (the Dockerfile then names its own). */
  readonly baseImage: string | undefined;
  readonly imageTag: string;
  readonly containerName: string;
  /** What bash in the container runs, `${BUILD_OPTS}` still in it where the script passes options on. */
  readonly startLine: string;
  /** Options of `docker run` besides those that the plan sets itself, as the script writes them. */
  readonly runOptions: string;
}

/** What stands in a start line for the options of build.sh. */
export const buildOptionsPlace = '${BUILD_OPTS}';
