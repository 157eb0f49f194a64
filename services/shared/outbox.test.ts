import { afterEach, describe, expect, it } from 'vitest';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { announcedRow, type HqAssetRow, toDocument } from '../rows';
import { ManualClock } from '../testing/manual-clock';
import { messagesOf, sampleAsset } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { createSweep, type Outbox } from './outbox';

const outbox: Outbox = {
  name: 'ASSET_FEED',
  topic: TOPICS.assetFeed,
  message: (row) => ({ key: row._id, value: JSON.stringify({ id: row._id }) }),
};

let process: ServiceProcess;
afterEach(() => process.stop());

async function begin() {
  const clock = new ManualClock();
  process = await createTestFabrics({ clock }).process('hq');
  const context = process.context();
  const owe = async (id: string) => {
    const row: HqAssetRow = { ...announcedRow(sampleAsset(id), {}, clock.now()), outbox: 'ASSET_FEED' };
    await process.ports.tables.insert(TABLES.assets, toDocument(row));
  };
  return { clock, context, owe };
}
const announced = () => messagesOf(process.ports, TOPICS.assetFeed);

describe('the sweep of an outbox', () => {
  it('announces what a crash left behind, at once and once', async () => {
    const { clock, context, owe } = await begin();
    await owe('left');
    await clock.advance(1);
    const sweep = createSweep(context, outbox);
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
    expect(await announced()).toHaveLength(1);
  });

  it('leaves alone what its writer is just announcing, until that has plainly failed', async () => {
    const { clock, context, owe } = await begin();
    const sweep = createSweep(context, outbox);
    await owe('in-hand');
    expect(await sweep()).toBe(0);
    expect(await announced()).toHaveLength(0);
    await clock.advance(60_000);
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
    expect(await announced()).toHaveLength(1);
  });
});
