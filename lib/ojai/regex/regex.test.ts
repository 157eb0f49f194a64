import { describe, expect, it } from 'vitest';
import { Regex } from './regex';

/** Patterns that mean the same to JavaScript, so that its engine is the reference. */
const SHARED = [
  'abc',
  '^a',
  'c$',
  '^$',
  'a.c',
  'a|b',
  '^(a|b)+$',
  'ab*c',
  'ab+c',
  'ab?c',
  '(ab)*c',
  'a{2}',
  'a{2,}',
  '^a{1,2}$',
  '(?:a|bc){2,3}',
  '[abc]',
  '[^abc]',
  '[a-c]x',
  '[-a]',
  '[]x]?',
  '\\d+',
  '\\D',
  '\\w+@\\w+',
  '\\W',
  '\\s',
  '\\S',
  '\\bcat\\b',
  '\\Bcat',
  'a\\.b',
  '\\\\',
  '\\x41',
  '\\u0041',
  '(a*)*b',
  '(a|a)*b',
  'x*y*z*',
  '(a?){3}a{3}',
  '^[A-Z][a-z]*$',
  '.*ipod.*',
  'a*?b',
  '()',
  '(|a)b',
  '\\t',
  '[\\d-]+',
  'é',
  '\\p{Lu}',
  '[\\p{L}]+!',
];
const TEXTS = [
  '',
  'a',
  'b',
  'abc',
  'aabbcc',
  'abcabc',
  'ac',
  'axc',
  'x',
  '-',
  'cat',
  'concat',
  'a cat sat',
  'a.b',
  'a\\b',
  'AbC',
  'A',
  'me@home',
  '42',
  '4-2',
  'aaa',
  'aaaaaaaa',
  'aaaab',
  '\t',
  ' ',
  'an ipod touch',
  'éa',
  'École!',
  'zzz',
  'line\nbreak',
  '\u{1f600}',
  ']x',
];

describe('Regex', () => {
  it('agrees with JavaScript on what both understand', () => {
    for (const pattern of SHARED.filter((p) => p !== '[]x]?'))
      for (const text of TEXTS)
        expect([pattern, text, new Regex(pattern).test(text)]).toEqual([
          pattern,
          text,
          new RegExp(pattern, 'u').test(text),
        ]);
  });

  it('agrees on random patterns and texts', () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * n);
    };
    const part = (depth: number): string => {
      const kind = random(depth > 3 ? 4 : 8);
      if (kind < 3) return 'abc'[kind]!;
      if (kind === 3) return '.';
      if (kind === 4) return `(${part(depth + 1)}|${part(depth + 1)})`;
      if (kind === 5) return `(?:${part(depth + 1)})${['*', '+', '?', '{2}', '{0,2}', '{1,}'][random(6)]}`;
      if (kind === 6) return `${part(depth + 1)}${part(depth + 1)}`;
      return ['^', '$', '\\b', '[ab]', '[^a]'][random(5)]!;
    };
    for (let i = 0; i < 3000; i++) {
      const pattern = part(0);
      const text = Array.from({ length: random(8) }, () => 'abc '[random(4)]).join('');
      expect([pattern, text, new Regex(pattern).test(text)]).toEqual([
        pattern,
        text,
        new RegExp(pattern, 'u').test(text),
      ]);
    }
  });

  it('knows flags, quoting and Java anchors', () => {
    expect(new Regex('(?i)IPOD').test('my iPod')).toBe(true);
    expect(new Regex('(?i)[A-Z]+É').test('abcé')).toBe(true);
    expect(new Regex('(?s)a.b').test('a\nb')).toBe(true);
    expect(new Regex('a.b').test('a\nb')).toBe(false);
    expect(new Regex('(?m)^b$').test('a\nb\nc')).toBe(true);
    expect(new Regex('^b$').test('a\nb\nc')).toBe(false);
    expect(new Regex('\\Qa.b*\\E+').test('xa.b**')).toBe(true);
    expect(new Regex('\\Qa.b\\E').test('axb')).toBe(false);
    expect(new Regex('\\\\Q.').test('\\Qx')).toBe(true);
    expect(new Regex('\\Aab\\z').test('ab')).toBe(true);
    expect(new Regex('[]a]').test(']')).toBe(true);
  });

  it('stays linear where a backtracking engine takes for ever', () => {
    const text = `${'a'.repeat(5000)}!`;
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '^(a|a)*$', '(.*a){20}b', '(a*)*b', '(a?){50}a{50}b'])
      expect(new Regex(pattern).test(text)).toBe(false);
  });

  it.each([
    '(',
    ')',
    '[',
    '[b-a]',
    'a**b(',
    '*a',
    '(?=a)',
    '(?<n>a)',
    '\\1',
    'a++',
    '\\',
    'a{3,2}',
    'a{2000}',
    '(a{1000}){1000}',
    '[[a]]',
    '\\p{Nope}',
    '\\xZZ',
    'x'.repeat(1001),
    '('.repeat(60),
  ])('%s is refused', (pattern) =>
    expect(() => new Regex(pattern)).toThrowError(expect.objectContaining({ code: 'CONDITION_INVALID' })),
  );
});
