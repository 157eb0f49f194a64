import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sealer } from '@/lib/secrets';
import { openGateways } from '../admin';
import { createDialer, createUpstream } from '../links';
import { SealedRecords } from './sealed-records';

interface Record {
  cluster: string;
  host: string;
  secret?: { password: string };
}
const HQ: Record = { cluster: 'hq', host: 'h:1', secret: { password: 'no-such-word' } };
const PLAIN: Record = { cluster: 'other', host: 'o:1' };

let directory: string;
let file: string;
let keyFile: string;
let sealer: Sealer;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fieldline-sealed-'));
  file = path.join(directory, 'alpha', 'records.json');
  keyFile = path.join(directory, 'secrets', 'key');
  sealer = new Sealer({ keyFile, generateKey: true });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (by = sealer) => SealedRecords.open<Record>({ file, secret: 'secret', title: 'gateway', sealer: by });
const changeKey = () => writeFile(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`);
async function expectNothingInTheClear() {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      expect(await readFile(path.join(entry.parentPath, entry.name), 'utf8')).not.toContain('no-such-word');
}

it('keeps records over a restart, their secrets sealed; those without one need no key', async () => {
  const records = await open();
  await records.set(PLAIN);
  expect(await readdir(directory)).toEqual(['alpha']);
  expect(await records.set(HQ)).toBe(true);
  expect(await records.set({ ...HQ })).toBe(false);
  await expectNothingInTheClear();
  const again = await open();
  expect(again.list()).toEqual([PLAIN, HQ]);
  expect(await again.delete('hq')).toBe(true);
  expect((await open()).list()).toEqual([PLAIN]);
});

it('seals what a former build left in the clear when it is opened', async () => {
  await (await open()).set(PLAIN);
  await writeFile(file, JSON.stringify([HQ, PLAIN]));
  expect((await open()).list()).toEqual([HQ, PLAIN]);
  await expectNothingInTheClear();
  expect((await open()).list()).toEqual([HQ, PLAIN]);
});

it('has a record without its secret, and one sentence, while the key is another one or is gone', async () => {
  await (await open()).set(HQ);
  await changeKey();
  const records = await open();
  expect(records.list()).toEqual([{ cluster: 'hq', host: 'h:1' }]);
  expect(records.troubles()).toEqual([
    `The stored secret "gateway to hq" can not be opened: it was sealed with another key than ${keyFile}. Restore that key, or enter the secret again`,
  ]);
  await rm(keyFile);
  expect((await open()).troubles()).toEqual([expect.stringContaining(`${keyFile}, can not be read`)]);
  const named = await open(new Sealer({ keyFile, generateKey: false }));
  await expect(named.set({ ...HQ, host: 'elsewhere:1' })).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  // Set again, it is whole again.
  const last = await open();
  expect(await last.set(HQ)).toBe(true);
  expect(last.troubles()).toEqual([]);
  expect((await open()).list()).toEqual([HQ]);
});

it('lets no link dial without the credentials that it should show', async () => {
  const gateway = { cluster: 'hq', gateways: '127.0.0.1:1', security: { tls: {} } };
  await (await openGateways(file, sealer)).set(gateway);
  await changeKey();
  const gateways = await openGateways(file, sealer);
  const upstream = createUpstream({ dialer: createDialer(), gateways });
  await expect(upstream.resolve()).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  await gateways.set(gateway);
  // Nothing listens there, but it dials.
  await expect(upstream.resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  upstream.close();
});
