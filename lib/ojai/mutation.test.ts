import { describe, expect, it } from 'vitest';
import { applyMutation } from './apply';
import { normalizeDocument } from './document';
import { parseMutation } from './mutation';

const mutate = (document: object, mutation: unknown) => {
  const { _id, ...rest } = applyMutation(normalizeDocument({ _id: 'x', ...document }), parseMutation(mutation));
  expect(_id).toBe('x');
  return rest;
};

describe('mutations', () => {
  it('$set changes, creates, and keeps the type', () => {
    expect(mutate({ a: 1 }, { $set: { a: 2, 'b.c[1].d': 'new' } })).toEqual({ a: 2, b: { c: [null, { d: 'new' }] } });
    expect(() => mutate({ a: 1 }, { $set: { a: 'text' } })).toThrowError(/"a".*type double where string/);
    expect(() => mutate({ a: 1 }, { $set: { 'a.b': 1 } })).toThrowError(/type double where map/);
    expect(() => mutate({ a: { $numberInt: 1 } }, { $set: { a: 1 } })).toThrowError(/type int where double/);
    expect(() => mutate({ a: null }, { $set: { a: 1 } })).toThrowError(/type null/);
  });

  it('$put replaces whatever is there', () => {
    expect(mutate({ a: 1, b: 'x' }, { $put: { a: 'text', 'b.c': 1 } })).toEqual({ a: 'text', b: { c: 1 } });
    expect(mutate({}, { $put: { 'list[0]': null } })).toEqual({ list: [null] });
  });

  it('$append lengthens arrays, strings, binaries, and maps by an entry', () => {
    expect(
      mutate(
        { l: [1], s: 'a', b: { $binary: 'AQ==' }, m: { x: 1 } },
        {
          $append: [{ l: [2, 3] }, { l: 4 }, { s: 'b' }, { b: { $binary: 'Ag==' } }, { m: { y: 2 } }, { n: [1] }],
        },
      ),
    ).toEqual({ l: [1, 2, 3, 4], s: 'ab', b: { $binary: 'AQI=' }, m: { x: 1, y: 2 }, n: [1] });
    expect(() => mutate({ s: 'a' }, { $append: { s: 1 } })).toThrowError(/\$append/);
    expect(() => mutate({ s: 1 }, { $append: { s: 1 } })).toThrowError(/\$append/);
  });

  it('$merge puts a map into a map', () => {
    expect(mutate({ a: { c: { d: 1, e: 2 } } }, { $merge: { 'a.c': { d: 55 } } })).toEqual({
      a: { c: { d: 55, e: 2 } },
    });
    expect(mutate({}, { $merge: { a: { b: 1 } } })).toEqual({ a: { b: 1 } });
    expect(() => mutate({ a: 1 }, { $merge: { a: { b: 1 } } })).toThrowError(/where map/);
    expect(() => mutate({ a: {} }, { $merge: { a: 1 } })).toThrowError(/needs a map/);
  });

  it('$increment and $decrement keep the stored type and cut to it', () => {
    expect(
      mutate(
        { i: { $numberInt: 60 }, d: 60, m: { $decimal: '0.1' } },
        { $increment: { i: 5.675, d: 5.5, m: { $decimal: '0.2' } } },
      ),
    ).toEqual({ i: { $numberInt: 65 }, d: 65.5, m: { $decimal: '0.3' } });
    expect(mutate({ b: 1 }, { $increment: [{ b: 5 }, { 'a.w': 66 }], $decrement: { z: 2 } })).toEqual({
      b: 6,
      a: { w: 66 },
      z: -2,
    });
    expect(mutate({ n: 1 }, { $increment: 'n', $decrement: ['k'] })).toEqual({ n: 2, k: -1 });
    expect(mutate({ l: { $numberLong: '9007199254740993' } }, { $increment: { l: 1 } })).toEqual({
      l: { $numberLong: '9007199254740994' },
    });
    expect(() => mutate({ l: { $numberLong: '9223372036854775807' } }, { $increment: { l: 1 } })).toThrowError(
      /does not fit/,
    );
    expect(() => mutate({ s: 'x' }, { $increment: { s: 1 } })).toThrowError(/where number/);
    expect(() => mutate({}, { $increment: { s: 'x' } })).not.toThrow();
  });

  it('$delete removes fields and elements, and minds nothing missing', () => {
    expect(
      mutate({ q: { s: { d: 1, e: 2 } }, l: [1, 2, 3] }, { $delete: ['q.s.d', 'l[1]', 'no.such[3].field'] }),
    ).toEqual({
      q: { s: { e: 2 } },
      l: [1, 3],
    });
    expect(mutate({ a: 1 }, { $delete: 'a' })).toEqual({});
  });

  it('applies all or nothing, and leaves the given document as it is', () => {
    const document = normalizeDocument({ _id: 'x', a: { b: [1] }, s: 'text' });
    const before = JSON.stringify(document);
    const steps = parseMutation({ $append: { 'a.b': [2] }, $set: { s: 1 } });
    expect(() => applyMutation(document, steps)).toThrowError(expect.objectContaining({ code: 'MUTATION_INVALID' }));
    applyMutation(document, parseMutation({ $append: { 'a.b': [2] } }));
    expect(JSON.stringify(document)).toBe(before);
  });

  it('does not let a path reach a prototype', () => {
    const result = mutate({}, { $set: { '__proto__.polluted': 1, 'constructor.prototype.polluted': 1 } });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(result)).toEqual(['__proto__', 'constructor']);
  });

  it.each([
    [{ $set: { _id: 'y' } }, /"_id"/],
    [{ $delete: '_id' }, /"_id"/],
    [{ $put: { '_id.x': 1 } }, /"_id"/],
    [{ $unset: { a: 1 } }, /\$unset/],
    [{ $set: 'a' }, /\$set needs/],
    [{ $set: { 'a[]': 1 } }, /"\[\]"/],
    [{ $delete: { a: 1 } }, /\$delete needs/],
    [{}, /empty/],
    [[], /object/],
    [{ $set: { 'a[5000]': 1 } }, /too few/],
  ])('%j is refused in words', (mutation, words) => {
    expect(() => mutate({ a: [] }, mutation)).toThrowError(
      expect.objectContaining({ code: 'MUTATION_INVALID', message: expect.stringMatching(words) }),
    );
  });
});
