/** JSON text with 64-bit integers kept exact, which `JSON.parse` and `JSON.stringify` do not. */
import { type ErrorCode, FieldlineError } from '@/lib/errors';
import type { OjaiValue } from './types';
import { BIG_LITERAL_KEY, isMap, normalize, type OjaiMap, tagOf } from './values';

/** Only a text with so long a run of digits, where a value begins, can hold an integer beyond 2^53: digests have such runs in their middle. */
const LONG_DIGITS = /(?:^|[[:,\s])-?\d{16}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses text into a normalised value (see values.ts). Fails with `code` on text that is no JSON and on malformed tags. */
export function parseValue(text: string, where: string, code: ErrorCode): OjaiValue {
  return normalize(parseJson(text, where, code), where, code);
}

/** As `JSON.parse`, with integer literals beyond 2^53 marked for `normalize`: bare they are doubles, under `$numberLong` exact. */
export function parseJson(text: string, where: string, code: ErrorCode): unknown {
  try {
    return JSON.parse(LONG_DIGITS.test(text) ? text.replace(STRING_OR_NUMBER, markBigInteger) : text);
  } catch (cause) {
    throw new FieldlineError(code, `${where} is not JSON`, { cause });
  }
}

function markBigInteger(token: string): string {
  if (token.length < 16 || !/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
  return `{"\\u0000${BIG_LITERAL_KEY.slice(1)}":"${token}"}`;
}

/**
 * A normalised value as JSON text. With tags, a long is `{"$numberLong":9223372036854775807}`; without, the bare digits, and
 * dates, times, decimals and binaries are strings (HPE documentation, parameter `withTags`).
 */
export function stringifyValue(value: OjaiValue, withTags: boolean): string {
  const text = JSON.stringify(withTags ? value : stripTags(value));
  // An unescaped quote can not stand inside a JSON string, so this matches tagged longs only.
  return text.replace(/\{"\$numberLong":"(-?\d+)"\}/g, withTags ? '{"$numberLong":$1}' : '$1');
}

/** The value without type tags; a long beyond 2^53 keeps its tag here, since a JavaScript number can not hold it. */
export function stripTags(value: OjaiValue): OjaiValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(stripTags);
  if (!isMap(value)) {
    const tag = tagOf(value)!;
    const inner = (value as OjaiMap)[tag]!;
    return tag === '$numberLong' && typeof inner === 'string' ? value : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stripTags(item)]));
}
