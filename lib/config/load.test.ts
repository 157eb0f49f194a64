import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import { defaultSites } from './defaults';
import { loadConfig, parseConfig } from './load';

const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-config-'));
const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const failure = (run: () => unknown): FieldlineError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FieldlineError) return error;
    throw error;
  }
  throw new Error('expected a failure');
};

describe('loadConfig', () => {
  it('without a file is the one-machine demonstration on the documented ports', () => {
    const config = loadConfig({});
    expect(config.app).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(config.sites.map((s) => [s.id, s.role, s.fabric.kafkaPort, s.fabric.restPort])).toEqual([
      ['hq', 'hq', 19_092, 18_443],
      ['alpha', 'edge', 19_102, 18_453],
    ]);
  });

  it('takes relative paths from the folder of the file', () => {
    const file = write('good.json', JSON.stringify({ dataDir: 'd', feeds: ['f'], sites: defaultSites(['hq']) }));
    const config = loadConfig({ FIELDLINE_CONFIG: file });
    expect(config.dataDir).toBe(path.join(folder, 'd'));
    expect(config.feeds).toEqual([path.join(folder, 'f')]);
  });

  it('names the file when it is missing or not JSON', () => {
    expect(failure(() => loadConfig({ FIELDLINE_CONFIG: path.join(folder, 'none.json') })).message).toContain(
      'none.json',
    );
    const error = failure(() => loadConfig({ FIELDLINE_CONFIG: write('bad.json', '{"sites": [') }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('bad.json');
  });

  it.each([
    ['a port out of range', { app: { port: 70_000 }, sites: defaultSites(['hq']) }, 'app.port'],
    ['no site', { sites: [] }, 'sites'],
    ['a site twice', { sites: [...defaultSites(['hq']), ...defaultSites(['hq'])] }, 'used twice'],
    ['an edge that knows no HQ', { sites: defaultSites(['alpha']) }, 'upstream'],
    ['a setting that there is none of', { sites: defaultSites(['hq']), datadir: 'x' }, 'datadir'],
    ['a limit that there is none of', { sites: defaultSites(['hq']), limits: { assetBytes: 5 } }, 'assetBytes'],
    ['a site id that no topic can carry', { sites: [{ ...defaultSites(['hq'])[0], id: 'H Q/..' }] }, 'sites.0.id'],
  ])('says what is wrong with %s', (_name, raw, expected) => {
    const error = failure(() => parseConfig(raw, 'test'));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(expected);
  });
});
