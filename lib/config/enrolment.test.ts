import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEnrolment, withEnrolments, writeEnrolment } from './enrolment';

const TOKEN = {
  ...{ address: 'hq.example:18443', site: 'hq', edge: 'alpha', mission: 'missionx' },
  ...{ id: 'i', secret: 's', expiresAt: 0 },
};
const CREDENTIAL = { username: 'alpha', password: 'made here' };

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-enrolment-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** The upstream that an edge goes by whose settings say `upstream`. */
const upstreamFor = (upstream: unknown) => {
  const sites = [{ id: 'alpha', role: 'edge', ...(upstream !== undefined && { upstream }) }];
  return (withEnrolments({ sites }, dataDir) as { sites: { upstream: unknown }[] }).sites[0]?.upstream;
};

it('goes before what it replaced, and before nothing else that the settings say', async () => {
  await writeEnrolment({ dataDir }, TOKEN, CREDENTIAL, 'old.example:18443');
  const { upstream } = readEnrolment(dataDir, 'alpha')!;
  expect(upstreamFor(undefined)).toEqual(upstream);
  expect(upstreamFor('old.example:18443')).toEqual(upstream);
  expect(upstreamFor('new.example:18443')).toBe('new.example:18443');
  const own = { address: 'old.example:18443', sasl: { username: 'x', passwordFile: '/run/secrets/x' } };
  expect(upstreamFor(own)).toEqual(own);
});

it('replaces no address where it was made before the edge ran', async () => {
  await writeEnrolment({ dataDir }, TOKEN, CREDENTIAL);
  expect(upstreamFor(TOKEN.address)).toBe(TOKEN.address);
});

it('is what the settings go on by that the launcher wrote by a former one', async () => {
  await writeEnrolment({ dataDir }, TOKEN, CREDENTIAL);
  const { upstream: former } = readEnrolment(dataDir, 'alpha')!;
  await writeEnrolment({ dataDir }, { ...TOKEN, address: 'moved.example:18443' }, CREDENTIAL);
  expect(upstreamFor(former)).toMatchObject({ address: 'moved.example:18443' });
});
