import { afterEach, describe, expect, it } from 'vitest';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { availableRow, cancelChange, EdgeAssetRow, requestChange, toDocument } from '../rows';
import { ManualClock, settle } from '../testing/manual-clock';
import { messagesOf, sampleAsset, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { requester } from './definition';
import { sendRequests } from './handler';

const topic = TOPICS.request('alpha');
let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
async function begin(fabrics = createTestFabrics({ clock: new ManualClock() })) {
  const process = await fabrics.process('alpha');
  open.push(process);
  return { fabrics, process };
}
const rowOf = async (process: ServiceProcess, id: string) =>
  EdgeAssetRow.parse(await process.ports.tables.get(TABLES.assets, id));
async function ask(process: ServiceProcess, id: string, requestId: string) {
  await process.ports.tables.insert(TABLES.assets, toDocument(availableRow(sampleAsset(id), sampleFile(id), 0)));
  const { mutation, condition } = requestChange(await rowOf(process, id), {
    requestId,
    by: 'test',
    nowMs: 0,
    trace: '',
  });
  await process.ports.tables.update(TABLES.assets, id, mutation, condition);
}
async function withdraw(process: ServiceProcess, id: string) {
  const { mutation, condition } = cancelChange(await rowOf(process, id), { by: 'test', nowMs: 0 });
  await process.ports.tables.update(TABLES.assets, id, mutation, condition);
}
const sent = async (process: ServiceProcess) =>
  (await messagesOf(process.ports, topic)).map((message) => `${message.type} ${message.requestId}`);

describe('the requester', () => {
  it('writes the request and moves the row', async () => {
    const { process } = await begin();
    await ask(process, 'a', 'request-1');
    await sendRequests(process.context());
    expect(await sent(process)).toEqual(['asset.request request-1']);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'requested', requestId: 'request-1' });
    expect(process.events.map((event) => event.name)).toEqual(['asset', 'request']);
    await sendRequests(process.context());
    expect(await sent(process)).toHaveLength(1);
  });

  it('wakes at once', async () => {
    const { process } = await begin();
    const service = await process.start(requester);
    await settle();
    await ask(process, 'a', 'request-1');
    service.wake?.('a row was written');
    await settle();
    expect(await sent(process)).toEqual(['asset.request request-1']);
  });

  it('writes again, under the same id, after a crash between the message and the row', async () => {
    const { fabrics, process } = await begin();
    await ask(process, 'a', 'request-1');
    process.faults.plan({ operation: 'streams.produce', when: 'after', effect: 'kill' });
    void sendRequests(process.context());
    await expect.poll(() => process.faults.killed).toBe(true);

    const { process: next } = await begin(fabrics);
    expect((await rowOf(next, 'a')).status).toBe('requesting');
    await sendRequests(next.context());
    expect(await sent(next)).toEqual(['asset.request request-1', 'asset.request request-1']);
    expect((await rowOf(next, 'a')).status).toBe('requested');
  });

  it('sends a request again when no answer comes, but not while the link stands still', async () => {
    const clock = new ManualClock();
    const fabrics = createTestFabrics({ clock });
    const { process } = await begin(fabrics);
    await ask(process, 'a', 'request-1');
    await sendRequests(process.context());
    await clock.advance(fabrics.config.limits.requestResendMs - 1);
    await sendRequests(process.context());
    expect(await sent(process)).toHaveLength(1);

    await process.ports.links!.pause('inbound');
    await clock.advance(1);
    await sendRequests(process.context());
    expect(await sent(process)).toHaveLength(1);

    await process.ports.links!.resume('inbound');
    await sendRequests(process.context());
    expect(await sent(process)).toEqual(['asset.request request-1', 'asset.request request-1']);
    await sendRequests(process.context());
    expect(await sent(process)).toHaveLength(2);
  });

  it('cancels, and asks anew under a new id, in this order', async () => {
    const { process } = await begin();
    await ask(process, 'a', 'request-1');
    await sendRequests(process.context());
    await withdraw(process, 'a');
    await ask(process, 'a', 'request-2');
    await sendRequests(process.context());
    expect(await sent(process)).toEqual([
      'asset.request request-1',
      'asset.cancel request-1',
      'asset.request request-2',
    ]);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'requested', cancelDue: false, pendingCancels: [] });
  });

  it('cancels also what was never sent, for it may have been', async () => {
    const { process } = await begin();
    await ask(process, 'a', 'request-1');
    await withdraw(process, 'a');
    await sendRequests(process.context());
    expect(await sent(process)).toEqual(['asset.cancel request-1']);
    expect((await rowOf(process, 'a')).status).toBe('cancelled');
  });

  it('leaves a row that is withdrawn while its request is being written, and cancels it', async () => {
    const { process } = await begin();
    await ask(process, 'a', 'request-1');
    const { streams } = process.ports;
    const produce = streams.produce.bind(streams);
    streams.produce = async (...call) => {
      await produce(...call);
      streams.produce = produce;
      await withdraw(process, 'a');
    };
    await sendRequests(process.context());
    expect((await rowOf(process, 'a')).status).toBe('cancelled');
    await sendRequests(process.context());
    expect(await sent(process)).toEqual(['asset.request request-1', 'asset.cancel request-1']);
  });
});
