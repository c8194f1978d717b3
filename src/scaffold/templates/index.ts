import { aptRepository } from './apt-repository';
import { copyFiles } from './copy-files';
import { firstBoot } from './first-boot';
import { kernelSettings } from './kernel-settings';
import { kiosk } from './kiosk';
import { pythonApp } from './python-app';
import { service } from './service';
import { sshKeys } from './ssh-keys';
import type { Template } from './template';

/** The common jobs of a sub-stage, in the order in which they are offered. */
export const templates: readonly Template[] = [
  service,
  firstBoot,
  pythonApp,
  copyFiles,
  aptRepository,
  sshKeys,
  kiosk,
  kernelSettings,
];

/** The template of that id. */
export function findTemplate(id: string): Template | undefined {
  return templates.find((template) => template.id === id);
}
