import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeDataDirectory } from './data-dir';

const fresh = () => mkdtempSync(path.join(tmpdir(), 'fieldline-data-'));

describe('takeDataDirectory', () => {
  it('refuses a second holder until the first lets go', async () => {
    const directory = fresh();
    const first = await takeDataDirectory(directory, 'hq');
    await expect(takeDataDirectory(directory, 'hq')).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await first.release();
    const second = await takeDataDirectory(directory, 'hq');
    await second.release();
  });

  it('refuses the same directory under another name', async () => {
    const directory = fresh();
    const first = await takeDataDirectory(directory, 'hq');
    await expect(takeDataDirectory(`${directory}/../${path.basename(directory)}`, 'hq')).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
    });
    await first.release();
  });

  it("refuses another site's directory and leaves it as it was", async () => {
    const directory = fresh();
    await (await takeDataDirectory(directory, 'hq')).release();
    const before = readFileSync(path.join(directory, 'format.json'), 'utf8');
    await expect(takeDataDirectory(directory, 'alpha')).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    expect(readFileSync(path.join(directory, 'format.json'), 'utf8')).toBe(before);
  });

  it('refuses a newer format and a damaged one', async () => {
    const directory = fresh();
    writeFileSync(path.join(directory, 'format.json'), '{"version":99,"site":"hq"}');
    await expect(takeDataDirectory(directory, 'hq')).rejects.toThrow(/format 99/);
    writeFileSync(path.join(directory, 'format.json'), '{"vers');
    await expect(takeDataDirectory(directory, 'hq')).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
  });

  it('says so when the directory can not be made', async () => {
    const directory = fresh();
    writeFileSync(path.join(directory, 'file'), '');
    chmodSync(directory, 0o755);
    await expect(takeDataDirectory(path.join(directory, 'file', 'below'), 'hq')).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
    });
  });
});
