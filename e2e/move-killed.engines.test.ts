/** A move of HQ to Apache Kafka, PostgreSQL and S3 that is killed again and again (support/killed-move.ts). */
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { bucketOf, openBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { expectMoveSurvives, type KilledMove, startKilledMove } from './support/killed-move';

const BUCKET = 'missions';
const SET_UP_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 600_000;
const missing = (['kafka', 'postgres', 's3'] as const).map((name) => engine(name).why).find((why) => why !== null);

describe.skipIf(missing)(`a move to engines${missing ? ` (${missing})` : ''}`, () => {
  const engines: { stop(): Promise<void> }[] = [];
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let killed: KilledMove;

  async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    engines.push(one);
    return one;
  }
  beforeAll(async () => {
    [kafka, postgres, s3] = await Promise.all([started(startKafka()), started(startPostgres()), started(startS3())]);
    const bucket = openBucket(bucketOf(s3, BUCKET));
    await bucket.client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    bucket.close();
    killed = await startKilledMove();
  }, SET_UP_TIMEOUT_MS);
  afterAll(async () => {
    await killed?.stop();
    for (const each of engines.reverse()) await each.stop();
  }, SET_UP_TIMEOUT_MS);

  it(
    'that is killed is run again and loses nothing, whenever that was',
    async () => {
      const { host, port, user, password, database } = postgres;
      const { endpoint, region, accessKeyId, secretAccessKey } = s3;
      await expectMoveSurvives(killed, {
        fabric: {
          kind: 'kafka',
          brokers: kafka.brokers,
          replicationFactor: 1,
          postgres: { host, port, user, password, database },
          s3: { endpoint, region, bucket: BUCKET, pathStyle: true, accessKeyId, secretAccessKey },
        },
      });
    },
    TEST_TIMEOUT_MS,
  );
});
