import assert from 'node:assert/strict';
import { NodeFileSystem } from '../../../src/pigen/files/node-file-system';
import { loadStageTree } from '../../../src/pigen/tree/load-stage-tree';
import { outlineOf } from '../../../src/pigen/tree/stage-outline';
import { plainAssignments } from './plain-assignments';
import { TemporaryFolder } from './temporary-folder';

describe('the outline of a tree', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  /** @param list of a repository with stage-x, that has no pi-gen */
  async function outline(name: string, list: string) {
    await folder.write(`${name}/.git`, '');
    await folder.write(`${name}/config`, `STAGE_LIST="${list}"\n`);
    await folder.write(`${name}/stage-x/00-net/00-run.sh`, '', 0o755);
    const root = `${folder.path}/${name}`;
    return outlineOf(await loadStageTree(new NodeFileSystem(), root, { readAssignments: plainAssignments }));
  }

  it('tells every line of all trees from all others, also of what is not here', async () => {
    const nodes = [
      ...(await outline('one', 'stage0 stage-gone stage-x stage0')),
      ...(await outline('two', 'stage0 stage-gone stage-x')),
    ];
    const keys = nodes.map((node) => (node.kind === 'stage' ? node.key : node.item.name));
    assert.equal(keys.length, 7);
    assert.equal(new Set(keys).size, 7, keys.join());
  });

  it('has a stage that is listed twice once, with its steps once', async () => {
    const [first, ...others] = await outline('twice', 'stage-x stage-x');
    assert.deepEqual(others, []);
    assert.ok(first?.kind === 'stage');
    assert.deepEqual(
      first.children.map(
        (child) => child.kind === 'sub-stage' && child.steps.map(({ item }) => item.position),
      ),
      [[1]],
    );
  });
});
