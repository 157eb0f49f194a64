import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compareDocuments,
  matchesCondition,
  normalizeDocument,
  type OjaiDocument,
  parseCondition,
  parseOrderBy,
} from '@/lib/ojai';
import { chance, randomConditions, randomDocuments } from '@/lib/ojai/testing/random';
import type { FindOptions, JsonDocument, Tables } from '@/lib/ports';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createPostgresTables } from '.';
import { compileCondition } from './compile';

const DOCUMENTS = 150;
const FINDS = 400;
const ORDERED_FINDS = 150;
const T = 'things';

describe.skipIf(!engine('postgres').home)('on a real PostgreSQL', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  describe.each([
    ['plain documents', 'plain', false, 11],
    ['documents with type tags and awkward values', 'awkward', true, 23],
  ])('finds on %s', (_name, mission, special, seed) => {
    let tables: Tables;
    let documents: OjaiDocument[];
    beforeAll(async () => {
      tables = createPostgresTables({ ...server, mission });
      await tables.ensureTable(T);
      const random = randomDocuments(chance(seed), DOCUMENTS, special) as JsonDocument[];
      await tables.putMany(T, random);
      documents = random.map((document) => normalizeDocument(JSON.parse(JSON.stringify(document))));
    });
    afterAll(() => tables?.close());
    const idsOf = async (options: FindOptions) => (await tables.find(T, options)).map((document) => document._id);

    it('have the results of lib/ojai', async () => {
      const condition = randomConditions(chance(seed + 1), special);
      const byId = compareDocuments([]);
      let exact = 0;
      for (let round = 0; round < FINDS; round++) {
        const json = condition() as FindOptions['condition'];
        const node = parseCondition(json);
        if (compileCondition(node).exact) exact++;
        const expected = documents.filter((document) => matchesCondition(node, document)).sort(byId);
        const where = JSON.stringify(json);
        expect([where, await idsOf({ condition: json })]).toEqual([where, expected.map((document) => document._id)]);
        expect([where, await tables.count(T, json)]).toEqual([where, expected.length]);
      }
      // The comparison means nothing if SQL were hardly ever used.
      expect(exact).toBeGreaterThan(FINDS / 5);
    });

    it('have the order of lib/ojai, with offset and limit', async () => {
      const random = chance(seed + 2);
      const condition = randomConditions(random, special);
      for (let round = 0; round < ORDERED_FINDS; round++) {
        const orderBy = Array.from({ length: 1 + random.next(2) }, () => ({
          field: random.pick(['a', 'b', 'c', 'a.b', 'c[0]', '_id', 'ü', '`b"q`']),
          direction: random.pick(['asc', 'desc'] as const),
        }));
        const json = (random.next(2) ? condition() : {}) as FindOptions['condition'];
        const [offset, limit] = [random.next(20), random.next(40)];
        const node = parseCondition(json);
        const terms = parseOrderBy(orderBy.map(({ field, direction }) => ({ [field]: direction })));
        const expected = documents
          .filter((document) => matchesCondition(node, document))
          .sort(compareDocuments(terms))
          .slice(offset, offset + limit)
          .map((document) => document._id);
        const asked = JSON.stringify([json, orderBy, offset, limit]);
        expect([asked, await idsOf({ condition: json, orderBy, offset, limit })]).toEqual([asked, expected]);
      }
    });

    it('give the documents as they were put', async () => {
      const random = chance(seed);
      for (const document of randomDocuments(random, DOCUMENTS, false) as JsonDocument[]) {
        await tables.put('things', { ...document, _id: `again-${document._id}` });
        expect(await tables.get(T, `again-${document._id}`)).toEqual({ ...document, _id: `again-${document._id}` });
      }
    });
  });
});
