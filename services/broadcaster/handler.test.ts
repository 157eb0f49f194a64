import { afterEach, describe, expect, it } from 'vitest';
import { AssetDownloadedMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import { listDeadLetters, resendDeadLetter } from '../dead-letters';
import { announcedRow, toDocument } from '../rows';
import { messagesOf, sampleAsset, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { broadcaster } from './definition';

const downloaded = (id: string) => ({
  key: id,
  value: encodeMessage(AssetDownloadedMessage, {
    type: 'asset.downloaded',
    at: '2026-01-02T03:04:05.000Z',
    asset: sampleAsset(id),
    file: sampleFile(id),
  }),
});
async function addRow(process: ServiceProcess, id: string) {
  const row = { ...announcedRow(sampleAsset(id), {}, 0), status: 'downloaded' as const, file: sampleFile(id) };
  await process.ports.tables.put(TABLES.assets, toDocument(row));
}
const statusOf = async (process: ServiceProcess, id: string) =>
  (await process.ports.tables.get(TABLES.assets, id))?.status;
const broadcasts = (process: ServiceProcess) => messagesOf(process.ports, TOPICS.assetBroadcast);

let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
async function begin(fabrics = createTestFabrics()) {
  const process = await fabrics.process('hq');
  open.push(process);
  return { fabrics, process };
}

describe('the broadcaster', () => {
  it('takes a backlog in parts, and a failure in the middle loses none', async () => {
    const { process } = await begin();
    const ids = Array.from({ length: 650 }, (_, n) => `asset-${n}`);
    for (const id of ids) await addRow(process, id);
    const away = new FieldlineError('UNAVAILABLE', 'The table is away');
    process.faults.plan({ operation: 'tables.updateMany', target: 'assets', times: 1, effect: away });
    await process.ports.streams.produce(TOPICS.assetDownloaded, ids.map(downloaded));
    await process.start(broadcaster);
    const marked = () => process.ports.tables.count(TABLES.assets, { $eq: { status: 'broadcast' } });
    await expect.poll(marked, { timeout: 10_000 }).toBe(ids.length);
    const told = new Set((await broadcasts(process)).map((message) => (message.asset as { id: string }).id));
    expect([...told].sort()).toEqual([...ids].sort());
    expect(process.reported.reasons).toContain('The table is away');
  });

  it('broadcasts what was downloaded and marks the row', async () => {
    const { process } = await begin();
    await addRow(process, 'a');
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [downloaded('a')]);
    await expect.poll(() => statusOf(process, 'a')).toBe('broadcast');
    const messages = await broadcasts(process);
    expect(messages).toEqual([
      expect.objectContaining({ type: 'asset.broadcast', asset: sampleAsset('a'), file: sampleFile('a') }),
    ]);
    expect(process.reported.processed).toBe(1);
    await expect.poll(() => process.events.filter((event) => event.name === 'asset')).toHaveLength(1);
    expect(process.events[0]?.payload).toMatchObject({ by: 'broadcaster', asset: { id: 'a', status: 'broadcast' } });
  });

  it('finishes after a crash between the broadcast and the row', async () => {
    const { fabrics, process } = await begin();
    await addRow(process, 'a');
    process.faults.plan({ operation: 'streams.produce', target: 'ASSET_BROADCAST', when: 'after', effect: 'kill' });
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [downloaded('a')]);
    await expect.poll(() => process.faults.killed).toBe(true);
    process.kill();

    const { process: next } = await begin(fabrics);
    expect(await statusOf(next, 'a')).toBe('downloaded');
    await next.start(broadcaster);
    await expect.poll(() => statusOf(next, 'a')).toBe('broadcast');
    // Twice on the stream, once at every edge: the listener's test holds that.
    expect(await broadcasts(next)).toHaveLength(2);
  });

  it('builds a row that the table lost from the message', async () => {
    const { process } = await begin();
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [downloaded('a')]);
    await expect.poll(() => statusOf(process, 'a')).toBe('broadcast');
  });

  it('keeps what it can not read, goes on, and takes it again when it is sent again', async () => {
    const { process } = await begin();
    await addRow(process, 'a');
    await addRow(process, 'b');
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [
      { key: 'x', value: 'no json' },
      { key: 'b', value: '{"type":"asset.downloaded"}' },
      downloaded('a'),
    ]);
    await expect.poll(() => statusOf(process, 'a')).toBe('broadcast');
    const letters = await listDeadLetters(process.ports);
    expect(letters.map((letter) => [letter.key, letter.code, letter.topic]).sort()).toEqual([
      ['b', 'MESSAGE_INVALID', 'pipeline/ASSET_DOWNLOADED'],
      ['x', 'MESSAGE_INVALID', 'pipeline/ASSET_DOWNLOADED'],
    ]);
    expect(process.reported.deadLetters).toBe(2);

    await resendDeadLetter(process.ports, letters[0]!.id, 0);
    await expect.poll(() => process.reported.deadLetters).toBe(3);
    const again = await listDeadLetters(process.ports);
    expect(again).toHaveLength(2);
    expect(again.map((letter) => letter.topic)).toContain('pipeline/RETRY.broadcaster');
    await expect(resendDeadLetter(process.ports, 'no such letter', 0)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes a message that was refused for a passing reason when it is sent again', async () => {
    const { process } = await begin();
    await addRow(process, 'a');
    const bug = new FieldlineError('INTERNAL', 'A bug');
    process.faults.plan({ operation: 'streams.produce', target: 'ASSET_BROADCAST', times: 2, effect: bug });
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [downloaded('a')]);
    await expect.poll(() => process.reported.deadLetters).toBe(1);
    expect(await statusOf(process, 'a')).toBe('downloaded');

    const [letter] = await listDeadLetters(process.ports);
    await resendDeadLetter(process.ports, letter!.id, 0);
    await expect.poll(() => statusOf(process, 'a')).toBe('broadcast');
    expect(await listDeadLetters(process.ports)).toEqual([]);
  });

  it.each([
    new FieldlineError('UNAVAILABLE', 'The broker is away'),
    new FieldlineError('NOT_FOUND', 'The topic does not exist', { retriable: true }),
    new FieldlineError('AUTH_FAILED', 'The password is not accepted'),
    new FieldlineError('FORBIDDEN', 'The topic may not be written'),
  ])('waits while the fabric does not take it ($code), says so, counts it, and loses nothing', async (away) => {
    const { process } = await begin();
    await addRow(process, 'a');
    process.faults.plan({ operation: 'streams.produce', target: 'ASSET_BROADCAST', times: 3, effect: away });
    await process.start(broadcaster);
    await process.ports.streams.produce(TOPICS.assetDownloaded, [downloaded('a')]);
    await expect.poll(() => statusOf(process, 'a')).toBe('broadcast');
    expect(process.reported.reasons).toContain(away.message);
    expect(process.reported.failed).toEqual([away.code, away.code, away.code]);
    await expect.poll(() => process.reported.degraded.size).toBe(0);
    expect(process.reported.deadLetters).toBe(0);
  });
});
