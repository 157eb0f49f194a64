import { describe, expect, it } from 'vitest';
import { normalizeDocument } from './document';
import { parseJson, parseValue, stringifyValue } from './json';
import { parsePath } from './path';
import { buildProjection, project } from './project';
import { compareDocuments, parseFields, parseOrderByText, parseQuery } from './query';
import { typeOf } from './values';

const roundTrip = (text: string, withTags = true) => stringifyValue(parseValue(text, 'v', 'REQUEST_INVALID'), withTags);

describe('values', () => {
  it('keeps longs beyond 2^53 to the last digit, with tags and without', () => {
    const text =
      '{"a":{"$numberLong":9223372036854775807},"b":{"$numberLong":-9223372036854775808},"c":{"$numberLong":5}}';
    expect(roundTrip(text)).toBe(text);
    expect(roundTrip(text, false)).toBe('{"a":9223372036854775807,"b":-9223372036854775808,"c":5}');
  });

  it('leaves digits inside strings alone, and a bare number a double', () => {
    const text = '{"a":"9223372036854775807 and \\"9223372036854775807\\"","b":[1,2.5]}';
    expect(roundTrip(text)).toBe(text);
    expect(typeOf(parseValue('9223372036854775807', 'v', 'REQUEST_INVALID'))).toBe('double');
    const fake = JSON.stringify({ a: '{"$numberLong":"1"}', b: '{', c: '{"' });
    expect(roundTrip(fake)).toBe(fake);
  });

  it('finds a long number wherever a value begins, and no digits in the middle of a text', () => {
    const long = '{"$numberLong":9007199254740993}';
    for (const text of [long, `[1, ${long}]`, `{"a":\t${long}}`, `{"sha":"a9007199254740993","n":${long}}`])
      expect(roundTrip(text)).toBe(text.replace(/\s/g, ''));
    expect(roundTrip('{"$numberLong":-9007199254740993}')).toBe('{"$numberLong":-9007199254740993}');
  });

  it('copies only what was not in the right form', () => {
    const plain = parseJson('{"_id":"x","a":{"b":[1,"2",null]}}', 'v', 'REQUEST_INVALID');
    expect(normalizeDocument(plain)).toBe(plain);
    const given = { a: 1, _id: 'x', gone: undefined, list: [{ gone: undefined, kept: 2 }], last: { $numberInt: '5' } };
    const normal = normalizeDocument(given);
    expect(Object.keys(normal)).toEqual(['_id', 'a', 'list', 'last']);
    expect(normal).toEqual({ _id: 'x', a: 1, list: [{ kept: 2 }], last: { $numberInt: 5 } });
    expect(given.last).toEqual({ $numberInt: '5' });
    const proto = normalizeDocument(JSON.parse('{"_id":"x","__proto__":{"a":1},"gone":{"$numberInt":"5"}}'));
    expect(Object.keys(proto)).toEqual(['_id', '__proto__', 'gone']);
  });

  it('names the types, and takes tags only where they stand alone', () => {
    const types = (value: unknown) => typeOf(parseValue(JSON.stringify(value), 'v', 'REQUEST_INVALID'));
    expect(types({ $dateDay: '2012-10-20' })).toBe('date');
    expect(types({ $date: '2012-10-20T07:42:46.123-07:00' })).toBe('timestamp');
    expect(types({ $time: '07:42:46.123' })).toBe('time');
    expect(types({ $interval: 1000 })).toBe('interval');
    expect(types({ $numberShort: 1 })).toBe('short');
    expect(types({ $decimal: '1.5' })).toBe('decimal');
    expect(types({ $binary: 'AQI=' })).toBe('binary');
    expect(types({ $numberLong: 1, other: 2 })).toBe('map');
    expect(types({ $unknown: 1 })).toBe('map');
    expect(types([])).toBe('array');
  });

  it('strips tags for clients that want plain JSON', () => {
    expect(roundTrip('{"d":{"$dateDay":"2012-10-20"},"n":[{"$numberInt":1}],"x":{"$decimal":"1.50"}}', false)).toBe(
      '{"d":"2012-10-20","n":[1],"x":"1.50"}',
    );
  });

  it.each([
    '{"$numberByte":128}',
    '{"$numberInt":1.5}',
    '{"$numberLong":9223372036854775808}',
    '{"$dateDay":"2012-02-30"}',
    '{"$time":"25:00"}',
    '{"$date":"yesterday"}',
    '{"$binary":"?"}',
    '{"$decimal":"1e99999"}',
    '{"$interval":"x"}',
    '{bad',
  ])('%s is refused', (text) =>
    expect(() => parseValue(text, 'v', 'REQUEST_INVALID')).toThrowError(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    ),
  );

  it('refuses documents that are none, ids that are none, and nesting without end', () => {
    for (const bad of [
      null,
      [],
      'x',
      {},
      { _id: 1 },
      { _id: '' },
      { _id: 'a\0b' },
      { _id: '\ud800' },
      { _id: 'x'.repeat(1001) },
    ])
      expect(() => normalizeDocument(bad)).toThrowError(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    const deep = parseJson(`{"_id":"x","a":${'['.repeat(200)}${']'.repeat(200)}}`, 'v', 'REQUEST_INVALID');
    expect(() => normalizeDocument(deep)).toThrowError(/nested deeper/);
  });
});

describe('paths', () => {
  it('parses fields, elements, containers and quotes', () => {
    expect(parsePath('a.b[0].c[]').segments).toEqual([
      { kind: 'field', name: 'a' },
      { kind: 'field', name: 'b' },
      { kind: 'index', index: 0 },
      { kind: 'field', name: 'c' },
      { kind: 'any' },
    ]);
    expect(parsePath('a.[1].x').segments).toEqual(parsePath('a[1].x').segments);
    expect(parsePath('"a.b"."c\\"d"').segments).toEqual([
      { kind: 'field', name: 'a.b' },
      { kind: 'field', name: 'c"d' },
    ]);
  });

  it.each(['', '.', 'a.', 'a..b', '[0]', 'a[', 'a[-1]', 'a[100000]', 'a"b"', '"a', 'a]', 'x'.repeat(1001)])(
    '%j is refused',
    (text) => expect(() => parsePath(text)).toThrowError(/Field path/),
  );
});

describe('queries', () => {
  const documents = [
    { _id: 'a', n: 2, s: 'x' },
    { _id: 'b', n: 1 },
    { _id: 'c', n: 'text' },
    { _id: 'd' },
    { _id: 'e', n: null },
    { _id: 'f', n: 2, s: 'a' },
    { _id: 'g', n: { $numberLong: 1 } },
  ].map((document) => normalizeDocument(document));
  const order = (text: string) =>
    [...documents]
      .sort(compareDocuments(parseOrderByText(text)))
      .map((d) => d._id)
      .join('');

  it('orders by class, value and then id', () => {
    expect(order('n')).toBe('debgafc');
    expect(order('n:desc,s:asc')).toBe('cfabged');
    expect(order('_id:desc')).toBe('gfedcba');
  });

  it('projects fields, nested ones and elements, with the id', () => {
    const pick = (document: object, ...fields: string[]) =>
      project(normalizeDocument({ _id: 'x', ...document }), buildProjection(parseFields(fields)));
    const document = { a: { b: 1, c: 2 }, l: [{ t: 1, v: 2 }, { t: 3 }, 5], z: 0 };
    expect(pick(document, 'a.b', 'no.such')).toEqual({ _id: 'x', a: { b: 1 } });
    expect(pick(document, 'l[1]', 'z')).toEqual({ _id: 'x', l: [{ t: 3 }], z: 0 });
    expect(pick(document, 'l[].t')).toEqual({ _id: 'x', l: [{ t: 1 }, { t: 3 }] });
    expect(pick(document, 'a', 'a.b')).toEqual({ _id: 'x', a: { b: 1, c: 2 } });
  });

  it('parses the query form in all its spellings', () => {
    const query = parseQuery({
      $select: 'name',
      $where: { $ge: { age: 26 } },
      $orderby: [{ name: 'asc' }, 'age'],
      $offset: 500,
      $limit: 5,
    });
    expect(query.fields?.map((f) => f.text)).toEqual(['name']);
    expect(query.orderBy?.map((o) => [o.path.text, o.descending])).toEqual([
      ['name', false],
      ['age', false],
    ]);
    expect([query.offset, query.limit]).toEqual([500, 5]);
    expect(parseQuery({ $orderby: { a: 'DESC' } }).orderBy?.[0]?.descending).toBe(true);
    for (const bad of [
      null,
      { $wher: {} },
      { $limit: -1 },
      { $limit: 1.5 },
      { $orderby: { a: 'up' } },
      { $orderby: 'a[]' },
      { $select: 1 },
    ])
      expect(() => parseQuery(bad)).toThrowError(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});
