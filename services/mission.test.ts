/** The whole mission on memory fabrics: from a feed to a delivered file, with what goes wrong on the way. */
import { afterEach, describe, expect, it } from 'vitest';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { createRequests } from './operations/requests';
import { EdgeAssetRow, HqRequestRow } from './rows';
import { createMissionFabrics, type MissionFabrics, type MissionProcess } from './testing/memory-runtime';
import { contentOf, entry, sampleFeed, sampleItem } from './testing/samples';

const WAIT = { timeout: 15_000 };
const NAMES = ['one', 'two', 'three', 'four', 'five'];
let processes: MissionProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.map((process) => process.runtime.stop()));
  processes = [];
});
function run(fabrics: MissionFabrics, before?: Parameters<MissionFabrics['run']>[0]['before']) {
  const feed = sampleFeed('test', () => NAMES.map((name) => entry(sampleItem(name))));
  const process = fabrics.run({ feeds: [feed], before });
  processes.push(process);
  return process;
}
async function kill(process: MissionProcess) {
  await process.kill();
  processes = processes.filter((other) => other !== process);
}
const portsOf = (process: MissionProcess, site: string) => process.runtime.sites.get(site)!.ports;
async function edgeRows(process: MissionProcess): Promise<EdgeAssetRow[]> {
  const documents = await portsOf(process, 'alpha').tables.find(TABLES.assets);
  return documents.map((document) => EdgeAssetRow.parse(document));
}
const statuses = async (process: MissionProcess, ids: readonly string[]) =>
  (await edgeRows(process)).filter((row) => ids.includes(row._id)).map((row) => row.status);
async function listed(process: MissionProcess): Promise<string[]> {
  await expect.poll(() => edgeRows(process).catch(() => []), WAIT).toHaveLength(NAMES.length);
  return (await edgeRows(process)).map((row) => row._id);
}
const all = (status: string, count: number) => Array(count).fill(status);

/** Exactly the assets asked for are there, whole, and HQ knows. */
async function expectDelivered(process: MissionProcess, ids: readonly string[]) {
  await expect.poll(() => statuses(process, ids), WAIT).toEqual(all('delivered', ids.length));
  const files = await portsOf(process, 'alpha').volumes.list(VOLUMES.inbound);
  const rows = (await edgeRows(process)).filter((row) => ids.includes(row._id));
  const expected = rows.map((row) => [`${row._id}/${row.file!.fileName}`, row.file!.sha256]);
  expect(files.map((file) => [file.path, file.sha256])).toEqual(expected.sort());
  await expect
    .poll(async () => {
      const requests = await portsOf(process, 'hq').tables.find(TABLES.requests);
      return requests.map((document) => HqRequestRow.parse(document).status);
    }, WAIT)
    .toEqual(all('received', ids.length));
}

describe('a mission', () => {
  it('brings what was asked for, and nothing else', async () => {
    const process = run(createMissionFabrics());
    const ids = (await listed(process)).slice(0, 3);
    await createRequests(process.runtime, 'alpha', ids);
    await expect.poll(() => statuses(process, ids), WAIT).toEqual(all('ready', 3));
    expect(await portsOf(process, 'alpha').volumes.list(VOLUMES.inbound)).toEqual([]);
    await portsOf(process, 'alpha').volumes.startMirror(VOLUMES.inbound);
    await expectDelivered(process, ids);
    const row = (await edgeRows(process)).find(({ _id }) => _id === ids[0])!;
    const content = await portsOf(process, 'alpha').volumes.get(VOLUMES.inbound, `${row._id}/${row.file!.fileName}`);
    const name = row.asset.sourceId;
    expect(Buffer.concat((await content!.stream.toArray()) as Buffer[]).equals(contentOf(name))).toBe(true);
    expect(row.timeline.map((line) => line.what)).toEqual([
      'available',
      'requesting',
      'requested',
      'ready',
      ...(row.timeline.some((line) => line.what === 'mirroring') ? ['mirroring'] : []),
      'delivered',
    ]);
  });

  it('keeps requests while the link is cut, and finishes when it is back', async () => {
    const process = run(createMissionFabrics());
    const ids = (await listed(process)).slice(0, 2);
    const { links } = portsOf(process, 'alpha');
    await links!.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await createRequests(process.runtime, 'alpha', ids);
    await expect.poll(() => statuses(process, ids), WAIT).toEqual(all('requested', 2));
    await links!.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    await expect.poll(() => statuses(process, ids), WAIT).toEqual(all('ready', 2));
    await portsOf(process, 'alpha').volumes.startMirror(VOLUMES.inbound);
    await expectDelivered(process, ids);
  });

  it.each([
    ['hq', 'tables.insertMany', 'assets'],
    ['hq', 'streams.produce', 'ASSET_FEED'],
    ['hq', 'volumes.put', 'assets'],
    ['hq', 'streams.produce', 'ASSET_DOWNLOADED'],
    ['hq', 'streams.produce', 'ASSET_BROADCAST'],
    ['alpha', 'tables.insertMany', 'assets'],
  ] as const)('survives kill -9 at %s %s %s: listed once, all of them', async (site, operation, target) => {
    const fabrics = createMissionFabrics();
    const first = run(fabrics, (faults) =>
      faults.get(site)!.plan({ operation, target, when: 'after', effect: 'kill' }),
    );
    await expect.poll(() => first.faults.get(site)!.killed, WAIT).toBe(true);
    await kill(first);
    const second = run(fabrics);
    await listed(second);
    expect(await portsOf(second, 'hq').tables.count(TABLES.assets)).toBe(NAMES.length);
  });

  it.each([
    ['alpha', 'streams.produce', 'ASSET_REQUEST.alpha'],
    ['hq', 'volumes.copy', 'outbound-alpha'],
    ['hq', 'streams.produce', 'ASSET_RESPONSE'],
    ['alpha', 'volumes.startMirror', 'inbound'],
    ['alpha', 'streams.produce', 'ASSET_RECEIPT.alpha'],
  ] as const)('survives kill -9 at %s %s %s: delivered once', async (site, operation, target) => {
    const fabrics = createMissionFabrics();
    const first = run(fabrics, (faults) =>
      faults.get(site)!.plan({ operation, target, when: 'after', effect: 'kill' }),
    );
    const ids = (await listed(first)).slice(1, 3);
    await createRequests(first.runtime, 'alpha', ids);
    const driven = drive(first, ids);
    await expect.poll(() => first.faults.get(site)!.killed, WAIT).toBe(true);
    await kill(first);
    void driven;

    const second = run(fabrics);
    await listed(second);
    await drive(second, ids);
    await expectDelivered(second, ids);
  });
});

/** What the field team does: once all is ready, it starts the mirror. */
async function drive(process: MissionProcess, ids: readonly string[]): Promise<void> {
  const further = ['ready', 'mirroring', 'delivered'];
  await expect
    .poll(async () => (await statuses(process, ids)).every((status) => further.includes(status)), WAIT)
    .toBe(true);
  await portsOf(process, 'alpha').volumes.startMirror(VOLUMES.inbound);
}
