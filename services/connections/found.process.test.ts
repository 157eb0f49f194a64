/** What had the mission's names on a fabric before it came there stays when the mission is removed. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createFilesVolumes } from '@/lib/drivers/files';
import { FabricProcess } from '@/lib/drivers/testing/fabric-process';
import type { Volumes } from '@/lib/ports';
import {
  discardDraft,
  draftConnection,
  getConnection,
  prepareConnection,
  removeConnection,
} from '../operations/connections';
import { type ConnectedMission, startConnectedMission, WAIT } from './testing';

let mission: ConnectedMission;
let other: FabricProcess;
let theirs: Volumes;

beforeAll(async () => {
  mission = await startConnectedMission(['one']);
});
afterAll(async () => {
  await mission?.stop();
});
beforeEach(async () => {
  const fabric = await new FabricProcess('hq', path.join(mission.directory, `other-${Math.random()}`)).start();
  theirs = createFilesVolumes({ baseUrl: fabric.baseUrl, mission: 'missionx', site: 'hq' });
  await theirs.ensureVolume('assets');
  await theirs.put('assets', 'theirs', Buffer.from('x'));
  other = fabric;
  return async () => {
    await theirs.close();
    await fabric.kill();
  };
});

const runtime = () => mission.runtime();
const draft = () => getConnection(runtime(), 'hq').draft!;
const volumesThere = async () => {
  const { data } = await (await fetch(`${other.baseUrl}/rest/volume/list`)).json();
  return (data as { volumename: string }[]).map(({ volumename }) => volumename);
};
const streamThere = async () =>
  (await (await fetch(`${other.baseUrl}/rest/stream/info?path=/missionx/pipeline`)).json()).status;
async function done() {
  const { steps } = await mission.jobDone();
  expect(steps.filter(({ error }) => error)).toEqual([]);
  return steps;
}
const remove = () => removeConnection(runtime(), 'hq', { id: draft().id, confirm: 'missionx' });

it('also where the app was killed while it prepared, and what was entered was entered again', async () => {
  await draftConnection(runtime(), 'hq', mission.embedded(other));
  expect(draft().removal).toBe('named');
  await prepareConnection(runtime(), 'hq');
  const began = () => getConnection(runtime(), 'hq').job?.steps.find(({ title }) => title.startsWith('Topic'))?.state;
  await expect.poll(began, { timeout: 60_000, interval: 1 }).not.toBe('waiting');
  await mission.restart();
  expect(draft().removal).toBe('made');
  await draftConnection(runtime(), 'hq', mission.embedded(other));
  expect(draft().removal).toBe('made');
  await prepareConnection(runtime(), 'hq');
  expect((await done())[0]).toMatchObject({ state: 'skipped' });
  expect(await volumesThere()).toEqual(expect.arrayContaining(['missionx.assets', 'missionx.outbound-alpha']));

  await remove();
  const steps = await done();
  expect(steps.find(({ title }) => title === 'The volumes of missionx')?.detail).toBe(
    'missionx.outbound-alpha; kept: missionx.assets, which was there before',
  );
  expect(await volumesThere()).toEqual(['missionx.assets']);
  expect((await theirs.list('assets')).map((file) => file.path)).toEqual(['theirs']);
  expect(await streamThere()).toBe('ERROR');
});

it('but not where nobody wrote it down, which is said before and after', async () => {
  await draftConnection(runtime(), 'hq', mission.embedded(other));
  await prepareConnection(runtime(), 'hq');
  await done();
  // As a build left it that wrote nothing down.
  const file = path.join(mission.directory, 'connections', 'hq.json');
  const { found: _none, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  expect(draft().removal).toBe('named');
  await prepareConnection(runtime(), 'hq');
  expect((await done())[0]).toMatchObject({ state: 'skipped', detail: 'the mission was there before' });
  await remove();
  const detail = (await done()).find(({ title }) => title === 'The volumes of missionx')?.detail;
  expect(detail).toMatch(/missionx\.assets.*by name: what was there before was not written down/);
  expect(await volumesThere()).toEqual([]);
});

it('and a draft that is discarded is no reason to forget it', async () => {
  await draftConnection(runtime(), 'hq', mission.embedded(other));
  await prepareConnection(runtime(), 'hq');
  await done();
  await discardDraft(runtime(), 'hq');
  await draftConnection(runtime(), 'hq', mission.embedded(other));
  await remove();
  await done();
  await expect.poll(volumesThere, WAIT).toEqual(['missionx.assets']);
});
