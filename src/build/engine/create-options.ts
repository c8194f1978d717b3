import type Docker from 'dockerode';
import type { Mount, RunOptions } from '../plan/docker-options';
import type { ContainerRequest, HelperRequest } from './engine';

/**
 * What the engine is asked for to make a helper.
 *
 * @param pidMode the process namespace in which it lives, where that is another container's
 */
export function helperOptions(
  request: HelperRequest,
  pidMode: string | undefined,
): Docker.ContainerCreateOptions {
  const { privileged, terminal, readOnly } = request;
  return {
    Image: request.image,
    Entrypoint: [],
    Cmd: [...request.command],
    Env: [...request.environment],
    Labels: { ...request.labels },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
    HostConfig: {
      AutoRemove: true,
      Privileged: privileged,
      NetworkMode: request.network,
      ...(pidMode === undefined ? {} : { PidMode: pidMode }),
      VolumesFrom: request.volumesFrom.map((name) => (readOnly ? `${name}:ro` : name)),
      Mounts: request.mounts.map(mountOptions),
    },
  };
}

function mountOptions({ type, source, target, readOnly }: Mount): Docker.MountSettings {
  return { Type: type, Source: source ?? '', Target: target, ReadOnly: readOnly };
}

/** What the engine is asked for to make the container of a build. */
export function createOptions(request: ContainerRequest): Docker.ContainerCreateOptions {
  const { options: run } = request;
  return {
    name: request.name,
    ...(run.platform === undefined ? {} : { platform: run.platform }),
    Image: request.image,
    Cmd: [...request.command],
    ...(request.takesInput === true ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
    Env: [...run.environment],
    Labels: { ...run.labels, ...request.labels },
    Volumes: Object.fromEntries(run.anonymousVolumes.map((path) => [path, {}])),
    ...(run.workingFolder === undefined ? {} : { WorkingDir: run.workingFolder }),
    ...(run.user === undefined ? {} : { User: run.user }),
    ...(run.hostname === undefined ? {} : { Hostname: run.hostname }),
    HostConfig: hostOptions(run),
  };
}

function hostOptions(run: RunOptions): Docker.HostConfig {
  return {
    Privileged: true,
    // The engine's own log is what a build is followed by after a lost connection: whole, whatever the engine's default is.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1t' } },
    Binds: [...run.binds],
    Mounts: run.mounts.map(mountOptions),
    ...(run.network === undefined ? {} : { NetworkMode: run.network }),
    ExtraHosts: [...run.extraHosts],
    Devices: run.devices.map((device) => ({
      PathOnHost: device.host,
      PathInContainer: device.container,
      CgroupPermissions: device.permissions,
    })),
    CapAdd: [...run.addedCapabilities],
    CapDrop: [...run.droppedCapabilities],
    ...(run.memory === undefined ? {} : { Memory: run.memory }),
    ...(run.nanoProcessors === undefined ? {} : { NanoCpus: run.nanoProcessors }),
    ...(run.cpuSet === undefined ? {} : { CpusetCpus: run.cpuSet }),
    Dns: [...run.dns],
    DnsSearch: [...run.dnsSearch],
    Tmpfs: { ...run.tmpfs },
    ...(run.sharedMemory === undefined ? {} : { ShmSize: run.sharedMemory }),
    Ulimits: run.ulimits.map((limit) => ({ Name: limit.name, Soft: limit.soft, Hard: limit.hard })),
    SecurityOpt: [...run.securityOptions],
    Sysctls: { ...run.sysctls },
    ...(run.pidMode === undefined ? {} : { PidMode: run.pidMode }),
    ...(run.ipcMode === undefined ? {} : { IpcMode: run.ipcMode }),
    ...(run.init === undefined ? {} : { Init: run.init }),
  };
}
