import { expect, it } from 'vitest';
import { systemClock } from '@/lib/clock/clock';
import { createTestFabrics } from '../testing/service-harness';
import { HealthRecord, probeFabric } from './fabric-watch';

const DOORS = ['streams', 'tables'] as const;

it('shows what a fabric says of itself, and keeps it apart from doors that do not answer', async () => {
  const process = await createTestFabrics().process('hq');
  const said: string[] = [];
  const ports = { ...process.ports, troubles: { read: async () => said, close: async () => undefined } };
  const health = new HealthRecord(systemClock);
  const look = async () => {
    health.setTroubles(await probeFabric(ports, DOORS, systemClock, new AbortController().signal), DOORS.length);
    return health.get();
  };
  expect(await look()).toMatchObject({ state: 'ok', reason: null });
  said.push('The disk is full', 'a/0 is damaged');
  expect(await look()).toMatchObject({ state: 'degraded', reason: 'The disk is full; a/0 is damaged' });
  ports.tables = {
    ...ports.tables,
    get: async () => {
      throw new Error('The table is away');
    },
  };
  expect((await look()).state).toBe('degraded');
  expect(health.get().reason).toContain('The disk is full');
  said.length = 0;
  expect((await look()).state).toBe('degraded');
  await process.stop();
});
