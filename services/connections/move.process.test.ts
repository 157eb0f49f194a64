/** HQ moves between two embedded fabrics, there and back, while an edge goes on. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '@/lib/domain/naming';
import { FabricProcess } from '@/lib/drivers/testing/fabric-process';
import {
  draftConnection,
  getConnection,
  moveConnection,
  prepareConnection,
  redraftConnection,
  removeConnection,
  testConnection,
} from '../operations/connections';
import { type ConnectedMission, startConnectedMission, WAIT } from './testing';

let mission: ConnectedMission;
let other: FabricProcess;

beforeAll(async () => {
  mission = await startConnectedMission(['one', 'two']);
  other = await new FabricProcess('hq', path.join(mission.directory, 'other')).start();
});
afterAll(async () => {
  await mission?.stop();
  await other?.kill();
});

const countOf = (table: string) => mission.runtime().sites.get('hq')!.ports.tables.count(table);
const failures = (job: { steps: { title: string; error: unknown }[] }) => job.steps.filter(({ error }) => error);

describe('moving HQ', () => {
  it('works before', async () => {
    await mission.deliver('one');
    await expect.poll(() => mission.statusOf('two'), WAIT).toBe('available');
  });

  it('prepares step by step, and skips what exists when it is done again', async () => {
    const runtime = mission.runtime();
    const drafted = await draftConnection(runtime, 'hq', mission.embedded(other));
    expect(drafted).toMatchObject({ draft: { target: { fabric: { kind: 'embedded' } } }, move: { possible: true } });
    expect(await testConnection(runtime, 'hq', 'draft')).toMatchObject({ ok: true });
    await prepareConnection(runtime, 'hq');
    const job = await mission.jobDone();
    expect(failures(job)).toEqual([]);
    expect(new Set(job.steps.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(job.steps.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['Topic replicated/ASSET_BROADCAST', 'Table assets', 'Volume outbound-alpha']),
    );
    await prepareConnection(runtime, 'hq');
    expect(new Set((await mission.jobDone()).steps.map(({ state }) => state))).toEqual(new Set(['skipped']));
    expect(getConnection(runtime, 'hq').inUse.source).toBe('configuration');
  });

  it('that is killed in the middle leaves HQ where it is, and goes on when it is done again', async () => {
    await moveConnection(mission.runtime(), 'hq');
    const copying = () =>
      getConnection(mission.runtime(), 'hq').job?.steps.find(({ title }) => title.startsWith('Rows'))?.state;
    await expect.poll(copying, { timeout: 60_000, interval: 5 }).not.toBe('waiting');
    await mission.restart();
    expect(getConnection(mission.runtime(), 'hq').inUse.source).toBe('configuration');
    await expect.poll(() => mission.runtime().health().ready, WAIT).toBe(true);
    mission.names.push('three');
    await expect.poll(() => mission.statusOf('three'), WAIT).toBe('available');
  });

  it('takes everything along, and the edge goes on', async () => {
    await moveConnection(mission.runtime(), 'hq');
    const job = await mission.jobDone();
    expect(failures(job)).toEqual([]);
    expect(job.state).toBe('done');
    expect(getConnection(mission.runtime(), 'hq')).toMatchObject({
      inUse: { source: 'connection', fabric: { kafkaPort: Number(other.kafka.split(':')[1]) } },
      draft: null,
      previous: [{ id: 'configured' }],
    });
    // The old one is not needed any more.
    await mission.fabrics.hq.kill();
    await mission.deliver('two');
    mission.names.push('four');
    await mission.deliver('four');
    await expect.poll(mission.requestStates, WAIT).toEqual(['received', 'received', 'received']);
    expect(await countOf(TABLES.assets)).toBe(4);
  });

  it('stays moved after a start', async () => {
    await mission.restart();
    await expect.poll(() => mission.runtime().health().ready, WAIT).toBe(true);
    mission.names.push('five');
    await mission.deliver('five');
  });

  it('goes back the same way', async () => {
    await mission.fabrics.hq.start();
    const runtime = mission.runtime();
    await redraftConnection(runtime, 'hq', { id: 'configured' });
    // What was left there is older than what is here, and goes away first.
    await expect(removeConnection(runtime, 'hq', { id: 'configured', confirm: 'yes' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await removeConnection(runtime, 'hq', { id: 'configured', confirm: 'missionx' });
    expect(failures(await mission.jobDone())).toEqual([]);
    expect(getConnection(runtime, 'hq').previous).toEqual([]);
    await moveConnection(runtime, 'hq');
    expect(failures(await mission.jobDone())).toEqual([]);
    mission.names.push('six');
    await mission.deliver('three');
    await mission.deliver('six');
    expect(await countOf(TABLES.assets)).toBe(6);
    await expect(removeConnection(runtime, 'hq', { id: 'configured', confirm: 'missionx' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
