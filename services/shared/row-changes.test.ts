import { beforeEach, expect, it } from 'vitest';
import { MemorySite } from '@/lib/drivers/memory';
import type { JsonDocument, Tables } from '@/lib/ports';
import { instruments } from '../telemetry/instruments';
import { changeRow, changeRows } from './row-changes';

interface Row {
  _id: string;
  rev: number;
  note?: string;
}
const parse = (document: JsonDocument) => document as unknown as Row;
const lost = async () =>
  (await instruments().rowChangesLost.get()).values.find(({ labels }) => labels.table === 'assets')?.value ?? 0;

let tables: Tables;
/** Somebody else is faster this often. */
let faster: number;
beforeEach(async () => {
  const memory = new MemorySite('hq').process().ports.tables;
  await memory.ensureTable('assets');
  await memory.insert('assets', { _id: 'a', rev: 1 });
  tables = Object.assign(Object.create(memory) as Tables, {
    async get(table: string, id: string) {
      const document = await memory.get(table, id);
      if (document && faster-- > 0) await memory.put(table, { ...document, rev: Number(document.rev) + 1 });
      return document;
    },
  });
});
const change = () => changeRow<Row>(tables, 'assets', 'a', parse, () => ({ note: 'mine' }));

it('tries again what others were faster with, and counts each try that was lost', async () => {
  const before = await lost();
  faster = 3;
  expect(await change()).toEqual({ _id: 'a', rev: 5, note: 'mine' });
  expect((await lost()) - before).toBe(3);
});

it('gives up on a row that never holds still, by name', async () => {
  const before = await lost();
  faster = Number.POSITIVE_INFINITY;
  await expect(change()).rejects.toMatchObject({ code: 'CONFLICT', message: 'The row a of assets keeps changing' });
  expect((await lost()) - before).toBe(8);
});

it('counts what was left out of a change of many, and nothing that is gone', async () => {
  const before = await lost();
  await tables.insert('assets', { _id: 'b', rev: 7 });
  const rows = [
    { _id: 'a', rev: 1 },
    { _id: 'b', rev: 6 },
    { _id: 'gone', rev: 1 },
  ];
  const changed = await changeRows<Row>(
    tables,
    'assets',
    rows.map((row) => ({ row, patch: { note: 'mine' } })),
  );
  expect(changed.map(({ _id }) => _id)).toEqual(['a']);
  expect((await lost()) - before).toBe(1);
});
