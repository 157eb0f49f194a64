/**
 * The expected production shape as real processes: HQ's app on Apache Kafka, PostgreSQL and S3, and two edges, each an installation of its
 * own with an embedded fabric, that dial the brokers and the bucket. First in peace, then with every part of it killed in turn.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { expectEachGetsWhatItAskedFor, expectKnownAtHq } from './support/edges';
import { type FeedServer, startFeedServer } from './support/feed-server';
import { Installation, until } from './support/installation';
import { assetsAt, expectSettled, type Place, requestsAt, startMirror } from './support/settled';

const SET_UP_TIMEOUT_MS = 400_000;
const TEST_TIMEOUT_MS = 600_000;
const READY_TIMEOUT_MS = 120_000;
const BUCKET = 'missions';
const ASSETS = 12;
const PER_ROUND = 3;
/** Within a round, when the blow falls. */
const DELAYS_MS = [300, 1200, 50, 900, 600, 0, 1800];

interface Engine {
  start(): Promise<unknown>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('a mixed mission', () => {
  const engines = new Map<string, Engine>();
  const places = new Map<string, Place>();
  const digests = new Map<string, string>();
  const asked = new Map<string, Set<string>>();
  let directory: string;
  let feed: FeedServer;
  const at = (site: string) => places.get(site)!;
  const edges = () => [at('alpha'), at('bravo')];

  async function started<T extends Engine>(name: string, starting: Promise<T>): Promise<T> {
    const running = await starting;
    engines.set(name, running);
    return running;
  }
  async function install(site: string, options: Partial<Parameters<typeof Installation.start>[0]>): Promise<void> {
    const limits = { requestResendMs: 3000, downloadIdleMsMax: 5000 };
    places.set(site, { at: await Installation.start({ sites: [site], config: { limits }, ...options }), site });
  }
  function publish(title: string): void {
    digests.set(title, feed.digest(feed.publish(title)));
  }

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldline-mixed-'));
    const secret = (name: string, text: string) => {
      const file = path.join(directory, name);
      writeFileSync(file, `${text}\n`, { mode: 0o600 });
      return file;
    };
    feed = await startFeedServer('mixed');
    for (let n = 0; n < ASSETS; n++) publish(`Scene ${n}`);
    const [kafka, postgres, s3] = await Promise.all([
      started('kafka', startKafka()),
      started('postgres', startPostgres()),
      started('s3', startS3()),
    ]);
    await nameBucket(s3, BUCKET);
    const { endpoint, region, accessKeyId } = s3;
    const store = {
      endpoint,
      region,
      bucket: BUCKET,
      accessKeyId,
      secretAccessKeyFile: secret('s3', s3.secretAccessKey),
    };
    const { host, port, user, database } = postgres;
    const passwordFile = secret('postgres', postgres.password);
    await install('hq', {
      feeds: [feed.definition],
      hqFabric: {
        kind: 'kafka',
        brokers: kafka.brokers,
        replicationFactor: 1,
        postgres: { host, port, user, database, passwordFile },
        s3: store,
      },
    });
    for (const site of ['alpha', 'bravo']) await install(site, { upstream: { kafka: kafka.broker, s3: store } });
  }, SET_UP_TIMEOUT_MS);
  afterAll(async () => {
    for (const { at } of [...places.values()].reverse()) await at.stop();
    for (const running of engines.values()) await running.stop();
    await feed?.close();
    rmSync(directory, { recursive: true, force: true });
  }, SET_UP_TIMEOUT_MS);

  const isReady = async () => {
    for (const { at } of places.values()) if (!(await fetch(`${at.url}/api/health/ready`)).ok) return false;
    return true;
  };
  /** One more asset, and a mirror run; either may meet a part that is dying. */
  async function ask(edge: Place): Promise<void> {
    const [next] = (await assetsAt(edge)).filter((asset) => asset.status === 'available');
    if (next) {
      await edge.at.api(`/api/sites/${edge.site}/requests`, { method: 'POST', body: { assetIds: [next.id] } });
      asked.get(edge.site)!.add(next.id);
    }
    await startMirror(edge);
  }

  it(
    'each edge ends up with exactly what it asked for, and HQ knows',
    async () => {
      await expectEachGetsWhatItAskedFor({ hq: at('hq'), alpha: at('alpha'), bravo: at('bravo') }, ASSETS);
      await expectKnownAtHq(at('hq'), edges());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses nothing, doubles nothing and leaves nothing stuck, whatever is killed',
    async () => {
      for (const edge of edges())
        asked.set(edge.site, new Set((await requestsAt(edge)).map((request) => request.assetId)));
      // An engine comes back only when somebody starts it; the processes of an installation come back by themselves.
      const killed = (name: string) => async () => {
        await engines.get(name)!.kill();
        await engines.get(name)!.start();
      };
      const victims: [string, () => Promise<void>][] = [
        ["HQ's app", async () => at('hq').at.kill('app-hq')],
        ['the broker', killed('kafka')],
        ["an edge's app", async () => at('alpha').at.kill('app-alpha')],
        ['PostgreSQL', killed('postgres')],
        ["an edge's fabric", async () => at('bravo').at.kill('fabric-bravo')],
        ['S3', killed('s3')],
        ['all engines', async () => void (await Promise.all([...engines.keys()].map((name) => killed(name)())))],
      ];
      let inVain = 0;
      for (const [round, [victim, kill]] of victims.entries()) {
        await until(`all is ready before ${victim} is killed`, isReady, READY_TIMEOUT_MS);
        for (let n = 0; n < PER_ROUND; n++) publish(`Picture ${round}.${n}`);
        const working = Promise.all(edges().map(ask)).catch(() => {
          inVain += 1;
        });
        await new Promise((resolve) => setTimeout(resolve, DELAYS_MS[round]!));
        await kill();
        await working;
      }
      expect(inVain).toBeLessThan(victims.length);
      await until('all is ready in the end', isReady, READY_TIMEOUT_MS);
      await expectSettled({ hq: at('hq'), edges: edges(), digests, asked });
    },
    TEST_TIMEOUT_MS,
  );
});
