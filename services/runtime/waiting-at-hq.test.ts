import { beforeEach, expect, it } from 'vitest';
import { TABLES } from '@/lib/domain/naming';
import { Faults } from '@/lib/drivers/memory/faults';
import { createMemoryTables, MemoryTableStore } from '@/lib/drivers/memory/tables';
import type { Tables } from '@/lib/ports';
import { type WaitingAtHq, watchWaitingAtHq } from './waiting-at-hq';

let nowMs: number;
let tables: Tables;
let waiting: WaitingAtHq;
const clock = { now: () => nowMs, sleep: () => Promise.resolve() };

beforeEach(async () => {
  nowMs = 0;
  tables = createMemoryTables(new MemoryTableStore(), new Faults());
  await tables.ensureTable(TABLES.assets);
  waiting = watchWaitingAtHq(tables, clock);
});

const at = (second: number) => new Date(second * 1000).toISOString();
const put = (id: string, status: string, second: number) =>
  tables.put(TABLES.assets, { _id: id, status, updatedAt: at(second) });

it('asks when an asset becomes ready, and then not again', async () => {
  expect(await waiting.isAskDue()).toBe(false);
  await put('a', 'ready', 1);
  expect(await waiting.isAskDue()).toBe(true);
  expect(await waiting.isAskDue()).toBe(false);
});

it('asks when one asset is delivered and another becomes ready between two looks', async () => {
  await put('a', 'ready', 1);
  await waiting.isAskDue();
  await put('a', 'delivered', 2);
  await put('b', 'ready', 3);
  expect(await waiting.isAskDue()).toBe(true);
  expect(await waiting.isAskDue()).toBe(false);
});

it('asks again when the same asset is requested and staged once more', async () => {
  await put('a', 'ready', 1);
  await waiting.isAskDue();
  await put('a', 'ready', 9);
  expect(await waiting.isAskDue()).toBe(true);
});

it('asks once in a while though nothing changed, more often while something waits', async () => {
  nowMs = 60_000;
  expect(await waiting.isAskDue()).toBe(false);
  nowMs = 300_000;
  expect(await waiting.isAskDue()).toBe(true);
  await put('a', 'ready', 1);
  await waiting.isAskDue();
  nowMs += 60_000;
  expect(await waiting.isAskDue()).toBe(true);
});

it('asks at once when what it knew is of no use', async () => {
  await put('a', 'ready', 1);
  await waiting.isAskDue();
  waiting.forget();
  expect(await waiting.isAskDue()).toBe(true);
  expect(await waiting.isAskDue()).toBe(false);
});
