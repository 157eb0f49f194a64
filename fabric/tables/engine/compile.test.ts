import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compareDocuments,
  matchesCondition,
  normalizeDocument,
  type OjaiDocument,
  parseCondition,
  parseOrderByText,
} from '@/lib/ojai';
import { chance, randomConditions, randomDocuments } from '@/lib/ojai/testing/random';
import type { FindParameters } from '../types';
import { compileCondition } from './compile';
import { Reader } from './reader';
import { isPlainNumber } from './special';
import { Writer } from './writer';

const directory = mkdtempSync(path.join(tmpdir(), 'tables-'));
const file = path.join(directory, 'tables.db');
let writer: Writer;
let reader: Reader;
beforeAll(() => {
  writer = new Writer(file, null);
  reader = new Reader(file);
});
afterAll(() => {
  reader.close();
  writer.close();
  rmSync(directory, { recursive: true });
});

function find(table: string, parameters: Partial<FindParameters>): OjaiDocument[] {
  const texts: string[] = [];
  let resume: Parameters<Reader['find']>[2] = null;
  do {
    const portion = reader.find(table as `t${number}`, { withTags: true, ...parameters }, resume);
    for (const chunk of portion.chunks) texts.push(new TextDecoder().decode(chunk.bytes));
    resume = portion.next;
  } while (resume);
  return JSON.parse(`[${texts.join(',')}]`);
}

function fill(name: string, random: ReturnType<typeof chance>, count: number, special: boolean) {
  const [created] = writer.execute([{ kind: 'create', table: name }]);
  const table = (created as { result: `t${number}` }).result;
  const documents = randomDocuments(random, count, special);
  const [written] = writer.execute([{ kind: 'write', table, body: JSON.stringify(documents), mode: 'insert' }]);
  expect(written).toHaveProperty('result');
  return { table, documents: documents.map((document) => normalizeDocument(JSON.parse(JSON.stringify(document)))) };
}

describe.each([
  ['plain documents', false, 11],
  ['documents with type tags and awkward values', true, 23],
])('finds in SQL on %s', (_name, special, seed) => {
  it('have the results of lib/ojai', () => {
    const random = chance(seed);
    const { table, documents } = fill(`/t/find-${seed}`, random, 150, special);
    const condition = randomConditions(random, special);
    const byId = compareDocuments([]);
    let exact = 0;
    for (let round = 0; round < 500; round++) {
      const json = condition();
      const parsed = parseCondition(json);
      if (compileCondition(parsed).exact) exact++;
      const expected = documents
        .filter((document) => matchesCondition(parsed, document))
        .sort(byId)
        .map((d) => d._id);
      const text = JSON.stringify(json);
      expect([text, find(table, { condition: text, fields: '_id' }).map((d) => d._id)]).toEqual([text, expected]);
      expect([text, reader.count(table, { condition: text, withTags: true }).count]).toEqual([text, expected.length]);
    }
    // The comparison means nothing if SQL were hardly ever used.
    expect(exact).toBeGreaterThan(100);
  });

  it('have the order of lib/ojai, with offset and limit, and with indexes', () => {
    const random = chance(seed + 1);
    const { table, documents } = fill(`/t/order-${seed}`, random, 150, special);
    for (const pass of ['without', 'with']) {
      if (pass === 'with')
        for (const field of ['a', 'b', 'a.b', 'c[0]'])
          expect(writer.execute([{ kind: 'index', table, path: field }])).toEqual([{ result: true }]);
      for (let round = 0; round < 150; round++) {
        const orderBy = Array.from(
          { length: 1 + random.next(2) },
          () => `${random.pick(['a', 'b', 'c', 'a.b', 'c[0]', '_id', 'ü'])}:${random.pick(['asc', 'desc'])}`,
        ).join(',');
        const json = random.next(2) ? randomConditions(random, true)() : {};
        const [offset, limit] = [random.next(20), random.next(40)];
        const parsed = parseCondition(json);
        const expected = documents
          .filter((document) => matchesCondition(parsed, document))
          .sort(compareDocuments(parseOrderByText(orderBy)))
          .slice(offset, offset + limit)
          .map((document) => document._id);
        const condition = JSON.stringify(json);
        const found = find(table, { condition, orderBy, offset: String(offset), limit: String(limit) }).map(
          (d) => d._id,
        );
        expect([pass, orderBy, condition, found]).toEqual([pass, orderBy, condition, expected]);
      }
    }
  });

  it('page by id between two ends, as lib/ojai orders ids', () => {
    const random = chance(seed + 2);
    const { table, documents } = fill(`/t/page-${seed}`, random, 150, special);
    const sorted = [...documents].sort(compareDocuments([])).map((document) => document._id);
    const [from, to] = [sorted[20]!, sorted[120]!];
    expect(find(table, { fromId: from, toId: to }).map((d) => d._id)).toEqual(sorted.slice(20, 120));
    expect(find(table, { fromId: from, toId: to, offset: '10', limit: '30' }).map((d) => d._id)).toEqual(
      sorted.slice(30, 60),
    );
    expect(find(table, { limit: '0' })).toEqual([]);
  });
});

describe('numbers', () => {
  it('that count as plain are read by SQLite as the same doubles', () => {
    const db = new Database(':memory:');
    const equal = db.prepare("SELECT json_extract(?, '$') = ?").raw();
    const random = chance(5);
    const view = new DataView(new ArrayBuffer(8));
    let tried = 0;
    for (let i = 0; i < 60_000; i++) {
      view.setUint32(0, random.next(2 ** 32));
      view.setUint32(4, random.next(2 ** 32));
      const raw = i % 2 ? view.getFloat64(0) : (random.next(2 ** 32) / 2 ** 32) * 10 ** (random.next(26) - 10);
      if (!Number.isFinite(raw) || !isPlainNumber(raw)) continue;
      tried++;
      expect([raw, equal.get([JSON.stringify(raw), raw])]).toEqual([raw, [1]]);
    }
    expect(tried).toBeGreaterThan(20_000);
    db.close();
  });
});
