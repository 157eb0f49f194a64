/** What every driver of the tables port does. Each driver's test calls this with its own set-up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Condition, Mutation } from '@/lib/ojai/types';
import type { JsonDocument, Tables } from '@/lib/ports/tables';

const T = 'things';
/** Beyond any single bulk request of a driver. */
const MANY = 2500;
const WRITERS = 20;
const UPDATES_PER_WRITER = 5;

export function tablesConformance(
  name: string,
  make: () => Promise<{ tables: Tables; dispose(): Promise<void> }>,
): void {
  describe(`${name}: the tables port`, () => {
    let made: Awaited<ReturnType<typeof make>>;
    let tables: Tables;
    beforeEach(async () => {
      made = await make();
      tables = made.tables;
      await tables.ensureTable(T);
    });
    afterEach(async () => {
      await tables.close();
      await made.dispose();
    });
    const ids = (documents: readonly JsonDocument[]) => documents.map((document) => document._id);
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'done',
        (error: { code?: string }) => error.code,
      );

    describe('documents', () => {
      it('are what was put, whatever is in them', async () => {
        const document: JsonDocument = {
          _id: 'a/b c?d=é%2F"\u{1f600}',
          text: 'quote " backslash \\ newline \n unicode é \u{1f600}',
          numbers: [0, -1, 1.5, 1e-7, 123456789012, 0.1],
          nothing: null,
          yes: true,
          nested: { 'dotted.name': { 'with space': [{}, []] }, list: [[1], ['x']] },
        };
        await tables.put(T, document);
        expect(await tables.get(T, document._id)).toEqual(document);
        expect(await tables.find(T)).toEqual([document]);
        expect(await tables.getMany(T, [document._id])).toEqual([document]);
      });

      it('are null when they are not there', async () => {
        expect(await tables.get(T, 'none')).toBeNull();
        expect(await tables.getMany(T, ['none', 'nor this'])).toEqual([]);
        expect(await tables.getMany(T, [])).toEqual([]);
      });

      it('are inserted once, and put as often as one likes', async () => {
        expect(await tables.insert(T, { _id: 'x', n: 1 })).toBe(true);
        expect(await tables.insert(T, { _id: 'x', n: 2 })).toBe(false);
        expect(await tables.get(T, 'x')).toEqual({ _id: 'x', n: 1 });
        await tables.put(T, { _id: 'x', other: 3 });
        expect(await tables.get(T, 'x')).toEqual({ _id: 'x', other: 3 });
      });

      it('are deleted once', async () => {
        await tables.put(T, { _id: 'x' });
        expect(await tables.delete(T, 'x')).toBe(true);
        expect(await tables.delete(T, 'x')).toBe(false);
        expect(await tables.get(T, 'x')).toBeNull();
      });

      it('belong to their table', async () => {
        await tables.ensureTable('others');
        await tables.ensureTable('others');
        await tables.put('others', { _id: 'x' });
        expect(await tables.get(T, 'x')).toBeNull();
        expect(await tables.count('others')).toBe(1);
      });

      it('are the callers own: changing one changes nothing stored', async () => {
        const document = { _id: 'x', list: [1] };
        await tables.put(T, document);
        document.list.push(2);
        const read = (await tables.get(T, 'x')) as typeof document;
        read.list.push(3);
        expect(await tables.get(T, 'x')).toEqual({ _id: 'x', list: [1] });
      });

      it('of a table that is not there are an error, not an absence', async () => {
        for (const call of [
          () => tables.get('no-table', 'x'),
          () => tables.find('no-table'),
          () => tables.count('no-table'),
          () => tables.insert('no-table', { _id: 'x' }),
          () => tables.put('no-table', { _id: 'x' }),
          () => tables.update('no-table', 'x', { $put: { a: 1 } }),
          () => tables.delete('no-table', 'x'),
        ])
          expect(await codeOf(call())).toBe('NOT_FOUND');
      });
    });

    describe('many documents', () => {
      const many = Array.from({ length: MANY }, (_, i) => ({
        _id: `id-${String(i).padStart(6, '0')}`,
        n: i,
        even: i % 2 === 0,
      }));

      it('go in, come out and are counted, however many', async () => {
        await tables.putMany(T, many);
        expect(await tables.count(T)).toBe(MANY);
        expect(await tables.count(T, { $eq: { even: true } })).toBe(MANY / 2);
        expect(await tables.find(T)).toEqual(many);
        const wanted = many.filter((_, i) => i % 3 === 0);
        const got = await tables.getMany(T, [...ids(wanted), 'none', wanted[0]!._id]);
        expect(ids(got).sort()).toEqual(ids(wanted));
      });

      it('are inserted where the id is new, the others left alone', async () => {
        await tables.putMany(
          T,
          many.slice(0, 10).map((document) => ({ ...document, n: -1 })),
        );
        const inserted = await tables.insertMany(T, many.slice(5, 40));
        expect([...inserted].sort()).toEqual(ids(many.slice(10, 40)));
        expect(await tables.count(T, { $eq: { n: -1 } })).toBe(10);
        expect(await tables.insertMany(T, [])).toEqual([]);
      });

      it('with one id twice count once: the first', async () => {
        expect(
          await tables.insertMany(T, [
            { _id: 'x', n: 1 },
            { _id: 'x', n: 2 },
          ]),
        ).toEqual(['x']);
        expect(await tables.get(T, 'x')).toEqual({ _id: 'x', n: 1 });
      });

      it('are updated each by itself, outcomes in order', async () => {
        await tables.putMany(T, many.slice(0, 100));
        const outcomes = await tables.updateMany(T, [
          ...many.slice(0, 100).map(({ _id, n }) => ({
            id: _id,
            mutation: { $increment: { n: 1 } },
            condition: { $eq: { n: n % 10 === 3 ? -5 : n } },
          })),
          { id: 'none', mutation: { $put: { n: 1 } } },
          // A second update of the same document sees the first.
          { id: many[0]!._id, mutation: { $increment: { n: 1 } }, condition: { $eq: { n: 1 } } },
        ]);
        expect(outcomes).toEqual([
          ...many.slice(0, 100).map(({ n }) => (n % 10 === 3 ? 'unmatched' : 'updated')),
          'missing',
          'updated',
        ]);
        expect((await tables.get(T, many[0]!._id))?.n).toBe(2);
        expect((await tables.get(T, many[3]!._id))?.n).toBe(3);
        expect(await tables.get(T, 'none')).toBeNull();
        expect(await tables.updateMany(T, [])).toEqual([]);
      });
    });

    describe('finds', () => {
      const things: JsonDocument[] = [
        { _id: 'a', status: 'new', n: 3, tags: ['x', 'y'], place: { lat: 1.5 } },
        { _id: 'b', status: 'old', n: 1, tags: ['y'] },
        { _id: 'c', status: 'new', n: 2, note: null },
        { _id: 'd', status: 'done', title: 'The Quick Brown Fox' },
        { _id: 'e', status: 'done', n: '3', title: "100% o'clock_" },
      ];
      beforeEach(() => tables.putMany(T, things));

      const cases: [Condition, string][] = [
        [{ $eq: { status: 'new' } }, 'ac'],
        [{ $ne: { status: 'new' } }, 'bde'],
        [{ $eq: { n: 3 } }, 'a'],
        [{ $ne: { n: 3 } }, 'bcde'],
        [{ $gt: { n: 1 } }, 'ac'],
        [{ $ge: { n: 2 } }, 'ac'],
        [{ $lt: { n: 3 } }, 'bc'],
        [{ $le: { n: 2 } }, 'bc'],
        [{ $lt: { status: 'new' } }, 'de'],
        [{ $between: { n: [2, 3] } }, 'ac'],
        [{ $in: { status: ['old', 'done'] } }, 'bde'],
        [{ $notin: { status: ['old', 'done'] } }, 'ac'],
        [{ $exists: 'n' }, 'abce'],
        [{ $notexists: 'n' }, 'd'],
        [{ $exists: 'note' }, 'c'],
        [{ $eq: { note: null } }, 'c'],
        [{ $eq: { 'place.lat': 1.5 } }, 'a'],
        [{ $eq: { place: { lat: 1.5 } } }, 'a'],
        [{ $eq: { tags: ['x', 'y'] } }, 'a'],
        [{ $eq: { 'tags[]': 'y' } }, 'ab'],
        [{ $eq: { 'tags[0]': 'y' } }, 'b'],
        [{ $like: { title: '%Quick%' } }, 'd'],
        [{ $like: { title: '%quick%' } }, ''],
        [{ $like: { title: ['100!%%', '!'] } }, 'e'],
        [{ $notlike: { title: '%Quick%' } }, 'abce'],
        [{ $matches: { title: '(?i)qu[ij]ck|cl+uck' } }, 'd'],
        [{ $matches: { title: "^\\d+% o'clock" } }, 'e'],
        [{ $notmatches: { status: 'e' } }, 'b'],
        [{ $typeof: { n: 'string' } }, 'e'],
        [{ $nottypeof: { n: 'double' } }, 'de'],
        [{ $sizeof: { tags: { $ge: 2 } } }, 'a'],
        [{ $and: [{ $eq: { status: 'new' } }, { $gt: { n: 2 } }] }, 'a'],
        [{ $or: [{ $eq: { status: 'old' } }, { $eq: { n: 2 } }] }, 'bc'],
        [{ $and: [{ $or: [{ $eq: { _id: 'a' } }, { $eq: { _id: 'b' } }] }, { $notexists: 'note' }] }, 'ab'],
        [{ $ge: { _id: 'b' }, $lt: { _id: 'd' } } as Condition, 'bc'],
        [{ $eq: { status: "'; DROP TABLE t1; --" } }, ''],
      ];
      it.each(cases)('where %j', async (condition, expected) => {
        expect(ids(await tables.find(T, { condition })).join('')).toBe(expected);
        expect(await tables.count(T, condition)).toBe(expected.length);
      });

      it('order, by class, value and at last id', async () => {
        const order = async (...orderBy: { field: string; direction: 'asc' | 'desc' }[]) =>
          ids(await tables.find(T, { orderBy })).join('');
        expect(await order()).toBe('abcde');
        expect(await order({ field: '_id', direction: 'desc' })).toBe('edcba');
        expect(await order({ field: 'n', direction: 'asc' })).toBe('dbcae');
        expect(await order({ field: 'n', direction: 'desc' })).toBe('eacbd');
        expect(await order({ field: 'status', direction: 'asc' }, { field: '_id', direction: 'desc' })).toBe('edcab');
      });

      it('page, with and without an order', async () => {
        expect(ids(await tables.find(T, { limit: 2 })).join('')).toBe('ab');
        expect(ids(await tables.find(T, { offset: 3 })).join('')).toBe('de');
        expect(
          ids(await tables.find(T, { offset: 1, limit: 2, orderBy: [{ field: '_id', direction: 'desc' }] })).join(''),
        ).toBe('dc');
        expect(ids(await tables.find(T, { offset: 1, limit: 5, condition: { $eq: { status: 'new' } } })).join('')).toBe(
          'c',
        );
        expect(await tables.find(T, { limit: 0 })).toEqual([]);
        expect(await tables.find(T, { offset: 99 })).toEqual([]);
      });

      it('project, always with the id', async () => {
        expect(await tables.find(T, { fields: ['status', 'place.lat', 'no.such'], limit: 1 })).toEqual([
          { _id: 'a', status: 'new', place: { lat: 1.5 } },
        ]);
        expect(
          await tables.find(T, {
            fields: ['n'],
            condition: { $eq: { status: 'new' } },
            orderBy: [{ field: 'n', direction: 'asc' }],
          }),
        ).toEqual([
          { _id: 'c', n: 2 },
          { _id: 'a', n: 3 },
        ]);
      });

      it('take conditions far larger than a URL', async () => {
        const long = Array.from({ length: 300 }, (_, i) => `a rather long value, number ${i}`);
        const call = tables.find(T, { condition: { $in: { status: [...long, 'old'] } } });
        // A driver on a server without a way to say it fails; it never answers something else.
        const outcome = await call.then(ids, (error: { code?: string }) => error.code);
        expect([['b'], 'REQUEST_INVALID', 'UNAVAILABLE', 'PROTOCOL']).toContainEqual(outcome);
      });

      it('refuse a wrong condition', async () => {
        expect(await codeOf(tables.find(T, { condition: { $gte: { n: 1 } } as unknown as Condition }))).toBe(
          'CONDITION_INVALID',
        );
        expect(await codeOf(tables.count(T, { $matches: { n: '(' } }))).toBe('CONDITION_INVALID');
      });
    });

    describe('updates', () => {
      it('change what they say and nothing else', async () => {
        await tables.put(T, { _id: 'x', n: 1, s: 'a', l: [1], m: { k: 1 }, gone: true });
        const mutation: Mutation = {
          $set: { n: 2 },
          $put: { 'm.new': { deep: [null] } },
          $append: { l: [2, 3], s: 'b' },
          $merge: { m: { other: 'o' } },
          $increment: { count: 5 },
          $decrement: { 'm.k': 3 },
          $delete: ['gone', 'never'],
        };
        expect(await tables.update(T, 'x', mutation)).toBe('updated');
        expect(await tables.get(T, 'x')).toEqual({
          _id: 'x',
          n: 2,
          s: 'ab',
          l: [1, 2, 3],
          m: { k: -2, new: { deep: [null] }, other: 'o' },
          count: 5,
        });
      });

      it('happen only where the condition holds, and never make a document', async () => {
        await tables.put(T, { _id: 'x', status: 'new' });
        expect(await tables.update(T, 'x', { $set: { status: 'old' } }, { $eq: { status: 'other' } })).toBe(
          'unmatched',
        );
        expect(await tables.update(T, 'x', { $set: { status: 'old' } }, { $eq: { status: 'new' } })).toBe('updated');
        expect(await tables.update(T, 'none', { $set: { status: 'old' } })).toBe('missing');
        expect(await tables.update(T, 'none', { $set: { status: 'old' } }, { $notexists: 'status' })).toBe('missing');
        expect(await tables.get(T, 'x')).toEqual({ _id: 'x', status: 'old' });
        expect(await tables.get(T, 'none')).toBeNull();
      });

      it('apply as a whole or not at all', async () => {
        await tables.put(T, { _id: 'x', n: 1, s: 'a' });
        for (const mutation of [
          { $set: { n: 2, s: 5 } },
          { $increment: { n: 1 }, $append: { n: 'x' } },
          { $set: { n: 2, _id: 'y' } },
          { $nope: { n: 2 } },
        ] as Mutation[])
          expect(await codeOf(tables.update(T, 'x', mutation))).toBe('MUTATION_INVALID');
        expect(await tables.find(T)).toEqual([{ _id: 'x', n: 1, s: 'a' }]);
      });

      it('of many writers at once are all counted', async () => {
        await tables.put(T, { _id: 'x', n: 0 });
        await Promise.all(
          Array.from({ length: WRITERS * UPDATES_PER_WRITER }, () => tables.update(T, 'x', { $increment: { n: 1 } })),
        );
        expect((await tables.get(T, 'x'))?.n).toBe(WRITERS * UPDATES_PER_WRITER);
      });

      it('that check what they read lose none among 20 writers', async () => {
        await tables.put(T, { _id: 'x', n: 0, log: [] });
        await Promise.all(
          Array.from({ length: WRITERS }, async (_, writer) => {
            for (let done = 0; done < UPDATES_PER_WRITER; ) {
              const n = Number((await tables.get(T, 'x'))?.n);
              const outcome = await tables.update(
                T,
                'x',
                { $set: { n: n + 1 }, $append: { log: [`${writer}.${done}`] } },
                { $eq: { n } },
              );
              if (outcome === 'updated') done++;
            }
          }),
        );
        const { n, log } = (await tables.get(T, 'x')) as unknown as { n: number; log: string[] };
        expect(n).toBe(WRITERS * UPDATES_PER_WRITER);
        expect(new Set(log).size).toBe(WRITERS * UPDATES_PER_WRITER);
      });

      it('let only one of many inserts of an id win', async () => {
        const won = await Promise.all(
          Array.from({ length: WRITERS }, (_, writer) => tables.insert(T, { _id: 'x', writer })),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await tables.get(T, 'x'))?.writer).toBe(won.indexOf(true));
      });
    });
  });
}
