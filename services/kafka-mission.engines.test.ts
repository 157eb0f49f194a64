/**
 * A mission all on the kafka fabric: HQ and two edges as three processes, each with a broker, a database and a bucket of its own, and
 * MirrorMaker 2 between them; processes and Connect are killed with -9 on the way.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import type { LinkStatus } from '@/lib/ports';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startConnect, startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { StartedEngines } from '@/scripts/engines/started';
import type { RemoteEdge } from './operations/remote-edges';
import { contentOf } from './testing/samples';
import { buildSiteProgram, SiteProcess } from './testing/site-process';

/** Generous: nothing here is about speed. */
const WAIT = { timeout: 120_000, interval: 250 };
const SITES = ['hq', 'alpha', 'bravo'] as const;
type Site = (typeof SITES)[number];
const missing = (['kafka', 'postgres', 's3'] as const).map((name) => engine(name).why).find((why) => why !== null);

describe.skipIf(missing)(`a mission on Kafka alone${missing ? ` (${missing})` : ''}`, () => {
  const engines = new StartedEngines();
  const sites = {} as Record<Site, SiteProcess>;
  const edges = ['alpha', 'bravo'] as const;
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let connect: Awaited<ReturnType<typeof startConnect>>;
  const names = (all: string[]) => writeFileSync(path.join(temporary.directory, 'names.json'), JSON.stringify(all));

  beforeAll(async () => {
    temporary = await temporaryDirectory();
    const { directory } = temporary;
    mkdirSync(path.join(directory, 'secrets'));
    const secret = (name: string, text: string) => {
      writeFileSync(path.join(directory, 'secrets', name), text, { mode: 0o600 });
      return `secrets/${name}`;
    };
    names(['one', 'two', 'three']);
    await buildSiteProgram();
    const postgres = await engines.add(startPostgres());
    const s3 = await engines.add(startS3());
    const brokers = {} as Record<Site, string[]>;
    for (const site of SITES) ({ brokers: brokers[site] } = await engines.add(startKafka()));
    connect = await engines.add(startConnect({ broker: brokers.alpha[0]! }));

    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    for (const site of SITES) {
      await nameBucket(s3, `bucket-${site}`);
      await postgres.query(`CREATE DATABASE site_${site}`);
    }

    const { host, port, user } = postgres;
    const secretAccessKeyFile = secret('s3', secretAccessKey);
    const passwordFile = secret('postgres', postgres.password);
    const bucketOf = (site: Site) => ({ endpoint, region, bucket: `bucket-${site}`, accessKeyId, secretAccessKeyFile });
    for (const id of SITES) {
      const isHq = id === 'hq';
      const fabric = {
        kind: 'kafka',
        brokers: brokers[id],
        replicationFactor: 1,
        postgres: { host, port, user, database: `site_${id}`, passwordFile },
        s3: bucketOf(id),
        ...(!isHq && { connect: { url: connect.url } }),
      };
      const upstream = isHq ? {} : { upstream: { brokers: brokers.hq, s3: bucketOf('hq') } };
      const file = path.join(directory, `${id}.json`);
      const site = { id, role: isHq ? 'hq' : 'edge', fabric, ...upstream };
      writeFileSync(file, JSON.stringify({ sites: [site], limits: { requestResendMs: 3000 } }));
      sites[id] = new SiteProcess(file, path.join(directory, 'names.json')).start();
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(sites).map((site) => site.kill()));
    await engines.stop();
    await temporary?.remove();
  });

  const statuses = (site: Site): Promise<Record<string, string>> =>
    sites[site].ask<Record<string, string>>('statuses').catch(() => ({}));
  const startMirror = (site: Site) => sites[site].ask<string>('startMirror').catch((error) => error.code);
  /** Presses the button until all of them are delivered: a run brings what HQ had staged when it began. */
  async function bring(site: Site, wanted: string[]): Promise<void> {
    const all = (of: Record<string, string>) => wanted.map((name) => of[name]);
    await expect
      .poll(async () => {
        const now = all(await statuses(site));
        if (now.some((status) => status === 'ready')) await startMirror(site);
        return now;
      }, WAIT)
      .toEqual(wanted.map(() => 'delivered'));
  }
  const filesOf = (wanted: string[]) => wanted.map((name) => [name, contentOf(name).toString('utf8')]).sort();

  it('lists at both edges what HQ ingested', async () => {
    const available = { one: 'available', two: 'available', three: 'available' };
    for (const edge of edges) await expect.poll(() => statuses(edge), WAIT).toEqual(available);
    for (const edge of edges)
      await expect
        .poll(async () => {
          const { inbound, outbound } = await sites[edge].ask<LinkStatus>('link');
          return [inbound.state, inbound.lagRecords, outbound.state, outbound.lagRecords];
        }, WAIT)
        .toEqual(['up', 0, 'up', 0]);
  });

  it('brings each edge what it asked for, and nothing else', async () => {
    await sites.alpha.ask('request', ['one', 'two']);
    await sites.bravo.ask('request', ['two', 'three']);
    await Promise.all([bring('alpha', ['one', 'two']), bring('bravo', ['two', 'three'])]);
    expect(await sites.alpha.ask('files')).toEqual(filesOf(['one', 'two']));
    expect(await sites.bravo.ask('files')).toEqual(filesOf(['two', 'three']));
    const received = ['alpha received', 'alpha received', 'bravo received', 'bravo received'];
    await expect.poll(() => sites.hq.ask('requests'), WAIT).toEqual(received);
  });

  it('tells HQ how its edges do, though HQ asks none', async () => {
    const heard = async () => (await sites.hq.ask<RemoteEdge[]>('edges')).map(({ id, lagRecords }) => [id, lagRecords]);
    await expect.poll(heard, WAIT).toEqual([
      ['alpha', 0],
      ['bravo', 0],
    ]);
    for (const { lastSeenAt } of await sites.hq.ask<RemoteEdge[]>('edges')) expect(lastSeenAt).not.toBeNull();
  });

  it('ends with everything once after all processes, and Connect, were killed in the middle', async () => {
    names(['one', 'two', 'three', 'four', 'five']);
    for (const edge of edges) await expect.poll(async () => (await statuses(edge)).five, WAIT).toBe('available');
    await sites.alpha.ask('request', ['four', 'three']);
    await sites.hq.kill();
    await sites.bravo.ask('request', ['five']);
    await Promise.all([sites.alpha.kill(), connect.kill()]);
    await sites.bravo.kill();
    sites.hq.start();
    await connect.start();
    for (const edge of edges) sites[edge].start();
    await expect.poll(async () => (await statuses('alpha')).four, WAIT).toMatch(/ready|delivered/);
    void startMirror('alpha');
    await sites.alpha.kill();
    sites.alpha.start();
    await Promise.all([bring('alpha', ['one', 'two', 'three', 'four']), bring('bravo', ['two', 'three', 'five'])]);
    expect(await sites.alpha.ask('files')).toEqual(filesOf(['one', 'two', 'three', 'four']));
    expect(await sites.bravo.ask('files')).toEqual(filesOf(['two', 'three', 'five']));
    for (const edge of edges)
      expect(Object.keys(await statuses(edge)).sort()).toEqual(['five', 'four', 'one', 'three', 'two']);
    expect(await sites.hq.ask('assets')).toBe(5);
    const received = [...Array(4).fill('alpha received'), ...Array(3).fill('bravo received')];
    await expect.poll(() => sites.hq.ask('requests'), WAIT).toEqual(received);
  });
});
