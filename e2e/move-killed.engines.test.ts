/** A move of HQ to Apache Kafka, PostgreSQL and S3 that is killed again and again (support/killed-move.ts). */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { StartedEngines } from '@/scripts/engines/started';
import { expectMoveSurvives, type KilledMove, startKilledMove } from './support/killed-move';

const BUCKET = 'missions';
const SET_UP_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 600_000;
const missing = (['kafka', 'postgres', 's3'] as const).map((name) => engine(name).why).find((why) => why !== null);

describe.skipIf(missing)(`a move to engines${missing ? ` (${missing})` : ''}`, () => {
  const engines = new StartedEngines();
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let killed: KilledMove;
  beforeAll(async () => {
    [kafka, postgres, s3] = await Promise.all([
      engines.add(startKafka()),
      engines.add(startPostgres()),
      engines.add(startS3()),
    ]);
    await nameBucket(s3, BUCKET);
    killed = await startKilledMove();
  }, SET_UP_TIMEOUT_MS);
  afterAll(async () => {
    await killed?.stop();
    await engines.stop();
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
