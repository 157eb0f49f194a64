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

/** A small repeatable source of chance. */
function chance(seed: number) {
  let state = seed;
  const next = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return { next, pick: <T>(list: readonly T[]): T => list[next(list.length)]! };
}

const SCALARS = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  10,
  0.1,
  1e15,
  'a',
  'b',
  'ab',
  '',
  'é',
  '\u{1f600}',
  '\uffee',
  "it's",
  '10',
  'true',
];
const SPECIAL = [
  { $numberLong: 1 },
  { $numberLong: '9007199254740993' },
  { $dateDay: '2020-01-01' },
  2 ** 60,
  1e-12,
  'a\0b',
  { $decimal: '0.1' },
];
const FIELDS = ['a', 'b', 'c', 'a.b', 'c[0]', 'c[]', 'c[].x', '_id', 'b"q', 'ü'];

function values(random: ReturnType<typeof chance>, special: boolean): (depth?: number) => unknown {
  const value = (depth = 0): unknown => {
    const kind = random.next(depth > 2 ? 6 : 9);
    if (kind < 6) return random.pick<unknown>(special && random.next(4) === 0 ? SPECIAL : SCALARS);
    if (kind < 7) return Array.from({ length: random.next(3) }, () => value(depth + 1));
    return Object.fromEntries(['a', 'b', 'x'].slice(0, random.next(4)).map((key) => [key, value(depth + 1)]));
  };
  return value;
}

function conditions(random: ReturnType<typeof chance>, special: boolean) {
  const value = values(random, special);
  const leaf = (): object => {
    const field = field_();
    return random.pick<() => object>([
      () => ({ [random.pick(['$eq', '$ne', '$gt', '$ge', '$lt', '$le'])]: { [field]: value() } }),
      () => ({ [random.pick(['$exists', '$notexists'])]: field }),
      () => ({ $between: { [field]: [value(), value()] } }),
      () => ({ [random.pick(['$in', '$notin'])]: { [field]: [value(), value(), value()] } }),
      () => ({
        [random.pick(['$like', '$notlike'])]: {
          [field]: random.pick([
            'a%',
            '%b',
            '_',
            '%',
            '',
            'ab',
            '%a%',
            'A%',
            '%é%',
            '_b',
            'a%b',
            '%\u{1f600}',
            '%1%0%',
            'a\0%',
            'true',
          ]),
        },
      }),
      () => ({ [random.pick(['$matches', '$notmatches'])]: { [field]: random.pick(['^a', 'b$', '1']) } }),
      () => ({
        [random.pick(['$typeof', '$nottypeof'])]: {
          [field]: random.pick(['null', 'boolean', 'double', 'long', 'string', 'array', 'map']),
        },
      }),
      () => ({ $sizeof: { [field]: { $ge: random.next(3) } } }),
    ])();
  };
  const field_ = () => {
    const field = random.pick(FIELDS);
    return field === 'b"q' ? '`b"q`' : field;
  };
  const condition = (depth = 0): object =>
    depth < 3 && random.next(3) === 0
      ? { [random.pick(['$and', '$or'])]: Array.from({ length: 1 + random.next(3) }, () => condition(depth + 1)) }
      : leaf();
  return condition;
}

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
  const value = values(random, special);
  const documents = Array.from({ length: count }, (_, i) => {
    const names = ['a', 'b', 'c', 'b"q', 'ü'].filter(() => random.next(4) > 0);
    return {
      _id: random.pick(['id-', 'Ü-', '\u{1f600}-', '\uffee-']) + i,
      ...Object.fromEntries(names.map((key) => [key, value()])),
    };
  });
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
    const condition = conditions(random, special);
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
        const json = random.next(2) ? conditions(random, true)() : {};
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
