import assert from 'node:assert/strict';
import { parseProbe } from '../../../../src/build/preflight/machine-probe';

const whole = `some warning of the shell
pigen:machine=x86_64
pigen:kernel=6.12.0
pigen:page-size=4096
pigen:disk-free=1024
pigen:mount=yes
pigen:linux32=no
pigen:binfmt=yes
pigen:format=qemu-arm enabled
pigen:format=qemu-arm interpreter /usr/bin/qemu-arm static
pigen:format=qemu-arm flags: POCF
pigen:format=qemu-arm offset 0
pigen:format=qemu-arm magic 7f45
pigen:format=python3.11 disabled
pigen:loop=yes
pigen:loop-partitions=no
pigen:end=yes
`;

describe('the look at the machine of an engine', () => {
  it('is read as facts', () => {
    assert.deepEqual(parseProbe(whole), {
      machine: 'x86_64',
      kernel: '6.12.0',
      pageSize: 4096,
      canMount: true,
      canMakeDevices: false,
      formats: [
        {
          name: 'qemu-arm',
          enabled: true,
          interpreter: '/usr/bin/qemu-arm static',
          flags: 'POCF',
          magic: '7f45',
        },
        { name: 'python3.11', enabled: false, interpreter: '', flags: '', magic: '' },
      ],
      linux32: false,
      loopDevices: true,
      loopPartitions: false,
      diskFree: 1024 * 1024,
    });
  });

  it('leaves open what an image has no tool to find out', () => {
    const facts = parseProbe('pigen:machine=aarch64\npigen:page-size=\npigen:end=yes\n');
    assert.equal(facts?.pageSize, undefined);
    assert.equal(facts?.formats, undefined);
    assert.equal(facts?.loopDevices, undefined);
    assert.equal(facts?.diskFree, undefined);
  });

  it('counts for nothing where it was cut short', () => {
    assert.equal(parseProbe(whole.slice(0, whole.indexOf('pigen:loop='))), undefined);
    assert.equal(parseProbe(''), undefined);
  });
});
