import { describe, expect, it } from 'vitest';
import { parseCondition } from './condition';
import { normalizeDocument } from './document';
import { matchesCondition } from './evaluate';

/** HPE documentation, "OJAI Query Condition Examples". */
const IPODS = [
  { _id: '001', tags: ['electronics', 'ipod', 'apple'] },
  { _id: '002', tags: 'ipod' },
  { _id: '003', tags: 10 },
  { _id: '004', tags: [10, 'ipod', { t: 'ipod' }] },
  { _id: '005', tags: { t: 'ipod' } },
  { _id: '006', tags: [{ t: 'ipod' }, { t: 'apple' }] },
  {
    _id: '007',
    tags: [
      { t: 'ipod', v: 10 },
      { t: 'apple', v: 9 },
    ],
  },
  { _id: '008', tags: { t: 'ipod', v: 10 } },
];
const matching = (condition: unknown, documents: readonly object[] = IPODS) => {
  const parsed = parseCondition(condition);
  return documents
    .map((document) => normalizeDocument(document))
    .filter((document) => matchesCondition(parsed, document))
    .map((document) => document._id);
};
const holds = (condition: unknown, document: object) => matching(condition, [{ _id: 'x', ...document }]).length === 1;

describe('the worked examples of the documentation', () => {
  it.each([
    [{ $exists: 'tags.v' }, ['008']],
    [{ $eq: { tags: 10 } }, ['003']],
    [{ $eq: { 'tags.t': 'ipod' } }, ['005', '008']],
    [{ $eq: { tags: { t: 'ipod' } } }, ['005']],
    [{ $eq: { tags: { v: 10, t: 'ipod' } } }, ['008']],
    [{ $eq: { tags: ['electronics', 'ipod', 'apple'] } }, ['001']],
    [{ $eq: { tags: ['ipod', 'electronics', 'apple'] } }, []],
    [{ $between: { tags: [5, 15] } }, ['003']],
    [{ $like: { 'tags[1]': 'ip%' } }, ['001', '004']],
    [{ $typeof: { tags: 'map' } }, ['005', '008']],
    [{ $typeof: { tags: 'array' } }, ['001', '004', '006', '007']],
    [{ $sizeof: { tags: { $ge: 3 } } }, ['001', '002', '004']],
    [{ $in: { tags: ['ipod', 10, { t: 'ipod' }] } }, ['002', '003', '005']],
  ])('%j', (condition, ids) => expect(matching(condition)).toEqual(ids));
});

describe('container paths', () => {
  it.each([
    [{ $eq: { 'tags[]': 'ipod' } }, ['001', '002', '004']],
    [{ $eq: { 'tags[]': 10 } }, ['003', '004']],
    [{ $eq: { 'tags[].t': 'ipod' } }, ['004', '005', '006', '007', '008']],
    [{ $gt: { 'tags[].v': 9 } }, ['007', '008']],
    [{ $exists: 'tags[].v' }, ['007', '008']],
    [{ $notexists: 'tags[].v' }, ['001', '002', '003', '004', '005', '006']],
    [{ $ne: { 'tags[]': 'ipod' } }, ['003', '005', '006', '007', '008']],
    // Two conditions may be met by different elements; $elementAnd wants one element to meet both.
    [{ $and: [{ $eq: { 'tags[].t': 'ipod' } }, { $eq: { 'tags[].v': 9 } }] }, ['007']],
    [{ $elementAnd: { 'tags[]': [{ $eq: { t: 'ipod' } }, { $eq: { v: 9 } }] } }, []],
    [{ $elementAnd: { 'tags[]': [{ $eq: { t: 'apple' } }, { $eq: { v: 9 } }] } }, ['007']],
  ])('%j', (condition, ids) => expect(matching(condition)).toEqual(ids));
});

describe('operators', () => {
  it('and-s several operators and several fields of one object', () => {
    expect(holds({ $ge: { age: 18 }, $ne: { age: 20 } }, { age: 19 })).toBe(true);
    expect(holds({ $ge: { age: 18 }, $ne: { age: 20 } }, { age: 20 })).toBe(false);
    expect(holds({ $eq: { a: 1, b: 2 } }, { a: 1, b: 3 })).toBe(false);
  });

  it('accepts the $where wrapper, and {} for everything', () => {
    expect(holds({ $where: { $and: [{ $eq: { a: 1 } }] } }, { a: 1 })).toBe(true);
    expect(holds({}, {})).toBe(true);
  });

  it('negates exactly, also where the field is missing', () => {
    for (const [positive, negative] of [
      [{ $eq: { a: 1 } }, { $ne: { a: 1 } }],
      [{ $in: { a: [1, 'x'] } }, { $notin: { a: [1, 'x'] } }],
      [{ $like: { a: 'x%' } }, { $notlike: { a: 'x%' } }],
      [{ $matches: { a: '^x' } }, { $notmatches: { a: '^x' } }],
      [{ $typeof: { a: 'string' } }, { $nottypeof: { a: 'string' } }],
      [{ $exists: 'a' }, { $notexists: 'a' }],
    ])
      for (const document of [{}, { a: 1 }, { a: 'x' }, { a: null }, { a: [] }])
        expect(holds(positive, document)).toBe(!holds(negative, document));
  });

  it('tells null from missing', () => {
    expect(holds({ $eq: { a: null } }, { a: null })).toBe(true);
    expect(holds({ $eq: { a: null } }, {})).toBe(false);
    expect(holds({ $exists: 'a' }, { a: null })).toBe(true);
  });

  it('orders within a type only', () => {
    expect(holds({ $gt: { a: 5 } }, { a: '6' })).toBe(false);
    expect(holds({ $lt: { a: 'b' } }, { a: 'a' })).toBe(true);
    expect(holds({ $gt: { a: false } }, { a: true })).toBe(true);
    expect(holds({ $gt: { a: [1] } }, { a: [2] })).toBe(false);
    expect(holds({ $lt: { a: '\uffff' } }, { a: '\u{1f600}' })).toBe(false);
  });

  it('compares numbers of all types by value, longs exactly', () => {
    const long = (digits: string) => ({ $numberLong: digits });
    expect(holds({ $eq: { a: 5 } }, { a: { $numberLong: 5 } })).toBe(true);
    expect(holds({ $eq: { a: { $numberInt: 5 } } }, { a: { $decimal: '5.00' } })).toBe(true);
    expect(holds({ $gt: { a: long('9007199254740992') } }, { a: long('9007199254740993') })).toBe(true);
    expect(holds({ $eq: { a: long('9007199254740992') } }, { a: long('9007199254740993') })).toBe(false);
    expect(holds({ $lt: { a: 2 ** 53 } }, { a: long('9007199254740993') })).toBe(false);
    expect(holds({ $lt: { a: { $decimal: '0.3' } } }, { a: 0.3 })).toBe(true);
  });

  it('compares dates, times and time stamps by what they mean', () => {
    expect(
      holds({ $eq: { a: { $date: '2012-10-20T14:42:46.123Z' } } }, { a: { $date: '2012-10-20T07:42:46.123-07:00' } }),
    ).toBe(true);
    expect(
      holds(
        { $between: { a: [{ $dateDay: '2012-01-01' }, { $dateDay: '2012-12-31' }] } },
        { a: { $dateDay: '2012-10-20' } },
      ),
    ).toBe(true);
    expect(holds({ $gt: { a: { $time: '07:42' } } }, { a: { $time: '07:42:00.001' } })).toBe(true);
    expect(holds({ $eq: { a: '2012-10-20' } }, { a: { $dateDay: '2012-10-20' } })).toBe(false);
  });

  it('LIKE has wildcards and an escape', () => {
    expect(holds({ $like: { a: 'i_o%' } }, { a: 'ipod touch' })).toBe(true);
    expect(holds({ $like: { a: 'ipod' } }, { a: 'ipods' })).toBe(false);
    expect(holds({ $like: { a: ['00\\%2%', '\\'] } }, { a: '00%25' })).toBe(true);
    expect(holds({ $like: { a: ['00\\%2%', '\\'] } }, { a: '00125' })).toBe(false);
    expect(holds({ $like: { a: '_' } }, { a: '\u{1f600}' })).toBe(true);
    expect(holds({ $like: { a: '%a%b%' } }, { a: 'xxaxxbxx' })).toBe(true);
    expect(holds({ $like: { a: '%' } }, { a: '' })).toBe(true);
  });

  it('size counts characters, elements and fields', () => {
    expect(holds({ $sizeof: { a: { $eq: 2 } } }, { a: { x: 1, y: 2 } })).toBe(true);
    expect(holds({ $sizeof: { a: { $ne: 2 } } }, { a: 'abc' })).toBe(true);
    expect(holds({ $sizeof: { a: { $ge: 0 } } }, { a: 5 })).toBe(false);
    expect(holds({ $sizeof: { a: { $ge: 0 } } }, { a: { $numberLong: 5 } })).toBe(false);
  });
});

describe('a wrong condition', () => {
  it.each([
    [{ $gte: { a: 1 } }, /\$gte.*\$ge/],
    [{ a: 1 }, /"a" is no operator/],
    [{ $eq: 'a' }, /\$eq needs/],
    [{ $and: [] }, /\$and/],
    [{ $and: { $eq: { a: 1 } } }, /\$and/],
    [{ $between: { a: [1] } }, /\$between on "a"/],
    [{ $sizeof: { a: 3 } }, /\$sizeof on "a"/],
    [{ $typeof: { a: 'number' } }, /\$typeof on "a"/],
    [{ $in: { a: 1 } }, /\$in on "a"/],
    [{ $eq: { 'a..b': 1 } }, /a\.\.b.*character 3/],
    [{ $eq: { 'a[x]': 1 } }, /array index.*character 3/],
    [{ $eq: { a: { $numberLong: 'x' } } }, /\$numberLong/],
    [{ $elementAnd: { a: [{ $exists: 'b' }] } }, /container path/],
    [{ $like: { a: ['x\\y', '\\'] } }, /escape/],
    ['text', /A condition is an object/],
    [null, /A condition is an object/],
  ])('%j is refused in words', (condition, words) => {
    expect(() => parseCondition(condition)).toThrowError(
      expect.objectContaining({ code: 'CONDITION_INVALID', message: expect.stringMatching(words) }),
    );
  });

  it('is refused when it is too deep or too large', () => {
    let deep: unknown = { $exists: 'a' };
    for (let i = 0; i < 50; i++) deep = { $and: [deep] };
    expect(() => parseCondition(deep)).toThrowError(/nested deeper/);
    expect(() => parseCondition({ $or: Array.from({ length: 1001 }, () => ({ $exists: 'a' })) })).toThrowError(
      /more than/,
    );
  });
});
