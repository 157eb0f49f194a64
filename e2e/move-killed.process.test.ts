/** A move of HQ to another embedded fabric that is killed again and again (support/killed-move.ts). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectionInfo } from '@/lib/api/connections';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { expectMoveSurvives, type KilledMove, startKilledMove } from './support/killed-move';

const TEST_TIMEOUT_MS = 400_000;

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let other: FabricProcess;
let killed: KilledMove;

beforeAll(async () => {
  temporary = await temporaryDirectory();
  other = await new FabricProcess('hq', temporary.directory).start();
  killed = await startKilledMove();
}, 240_000);
afterAll(async () => {
  await killed?.stop();
  await other?.kill();
  await temporary?.remove();
}, 60_000);

it(
  'a move that is killed is run again and loses nothing, whenever that was',
  async () => {
    const [kafkaPort, restPort] = [other.kafka, other.rest].map((address) => Number(address.split(':')[1])) as [
      number,
      number,
    ];
    const fabric = { kind: 'embedded', host: '127.0.0.1', managed: false, kafkaPort, restPort } as const;
    await expectMoveSurvives(killed, { fabric });
    expect(await killed.at.api<ConnectionInfo>('/api/sites/hq/connection')).toMatchObject({
      inUse: { fabric: { kafkaPort } },
    });
  },
  TEST_TIMEOUT_MS,
);
