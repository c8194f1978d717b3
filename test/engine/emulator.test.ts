import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { emulatorRegistration } from '../../src/build/plan/emulator';
import { fixtures } from './bench';

describe('a machine whose kernel does not know how to run programs of the image', () => {
  it('is told by the container of the build, once', async () => {
    const script = await readFile(`${fixtures}/emulator/register-anew.sh`, 'utf8');
    const command = ['bash', '-e', '-c', script, 'bash', emulatorRegistration('arm64')];
    const output = new PassThrough();
    const told = text(output);
    await new Docker().run('debian:trixie', command, output, {
      Tty: true,
      HostConfig: { Privileged: true, AutoRemove: true },
    });
    assert.match(
      (await told).replaceAll('\r', ''),
      /^Registering qemu-aarch64 for binfmt_misc\.\.\.\nenabled\ninterpreter \/usr\/bin\/qemu-aarch64-static\nflags: F\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n1\n$/,
    );
  });
});
