/**
 * OJAI's types in JSON (ojai `Types` and `Values`; HPE documentation "OJAI data types"). A bare JSON number is a DOUBLE;
 * the other scalar types are a map with one tag, e.g. `{"$numberLong": 1}`. Tagged values stay in that form throughout;
 * a long that a double can not hold has its digits as a string.
 */
import { type ErrorCode, FieldlineError } from '@/lib/errors';
import type { OjaiValue } from './types';

export type OjaiMap = { [key: string]: OjaiValue };
export const OJAI_TYPES = [
  'null',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'decimal',
  'string',
  'date',
  'time',
  'timestamp',
  'interval',
  'binary',
  'array',
  'map',
] as const;
export type OjaiType = (typeof OJAI_TYPES)[number];

/** Deeper values are refused: SQLite's JSON functions and recursion end at about 1000. */
export const VALUE_DEPTH_MAX = 100;
const DECIMAL_LENGTH_MAX = 400;
const DECIMAL_EXPONENT_MAX = 1000;
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** Marks an integer literal that a double can not hold, between parsing and `normalize`. */
export const BIG_LITERAL_KEY = '\u0000int';

export const INTEGER_RANGES = {
  byte: [-(2n ** 7n), 2n ** 7n - 1n],
  short: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [LONG_MIN, LONG_MAX],
} as const;
export type IntegerType = keyof typeof INTEGER_RANGES;

export const TAG_TYPES: Readonly<Record<string, OjaiType>> = {
  $numberByte: 'byte',
  $numberShort: 'short',
  $numberInt: 'int',
  $numberLong: 'long',
  $numberFloat: 'float',
  $decimal: 'decimal',
  $dateDay: 'date',
  $time: 'time',
  $date: 'timestamp',
  $interval: 'interval',
  $binary: 'binary',
};
export const TYPE_TAGS = Object.fromEntries(Object.entries(TAG_TYPES).map(([tag, type]) => [type, tag])) as Partial<
  Record<OjaiType, string>
>;

/** The tag of a tagged scalar; undefined for every other value. */
export function tagOf(value: OjaiValue): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  let only: string | undefined;
  for (const key in value) {
    if (only !== undefined) return undefined;
    only = key;
  }
  return only !== undefined && only.charCodeAt(0) === 36 && Object.hasOwn(TAG_TYPES, only) ? only : undefined;
}

export function typeOf(value: OjaiValue): OjaiType {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      if (Array.isArray(value)) return 'array';
      return TAG_TYPES[tagOf(value) ?? ''] ?? 'map';
  }
}

export const isMap = (value: OjaiValue | undefined): value is OjaiMap =>
  value !== undefined &&
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  tagOf(value) === undefined;

/** What is inside a tag; the value itself where there is none. */
export function untagged(value: OjaiValue): OjaiValue {
  const tag = tagOf(value);
  return tag === undefined ? value : (value as OjaiMap)[tag]!;
}

/** A tagged integer of that type from its exact value, which must be in range. */
export function integerValue(type: IntegerType, value: bigint): OjaiValue {
  const small = Number(value);
  return { [TYPE_TAGS[type]!]: Number.isSafeInteger(small) ? small : String(value) };
}

/**
 * Checks a parsed JSON value and brings its tags into the one form the rest relies on. Fails with `code`.
 * `where` names the value in messages. What is in that form already is returned as it is, not as a copy.
 */
export function normalize(value: unknown, where: string, code: ErrorCode, depth = 0): OjaiValue {
  if (depth > VALUE_DEPTH_MAX)
    throw new FieldlineError(code, `${where} is nested deeper than ${VALUE_DEPTH_MAX} levels`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FieldlineError(code, `${where} is not a finite number`);
    return value;
  }
  if (Array.isArray(value)) return normalizeArray(value, where, code, depth);
  if (typeof value !== 'object') throw new FieldlineError(code, `${where} is no JSON value`);
  const map = value as Record<string, unknown>;
  const keys = Object.keys(map);
  const key = keys[0];
  if (keys.length === 1 && key !== undefined) {
    if (key === BIG_LITERAL_KEY) return Number(map[key]);
    if (Object.hasOwn(TAG_TYPES, key)) return { [key]: normalizeScalar(key, map[key], where, code) };
  }
  return normalizeMap(map, keys, where, code, depth);
}

function normalizeArray(list: unknown[], where: string, code: ErrorCode, depth: number): OjaiValue[] {
  const items = list.map((item) => normalize(item, where, code, depth + 1));
  return items.every((item, index) => item === list[index]) ? (list as OjaiValue[]) : items;
}

/** The map itself when all in it is in the right form, as nearly all is: a bulk of documents is not copied once more to be checked. */
function normalizeMap(
  map: Record<string, unknown>,
  keys: string[],
  where: string,
  code: ErrorCode,
  depth: number,
): OjaiMap {
  let result: OjaiMap | undefined;
  for (let index = 0; index < keys.length; index++) {
    const name = keys[index]!;
    const item = map[name];
    // As JSON.stringify has it.
    const normal = item === undefined ? undefined : normalize(item, where, code, depth + 1);
    if (result === undefined) {
      if (normal === item && normal !== undefined) continue;
      result = {};
      for (const before of keys.slice(0, index)) setField(result, before, map[before] as OjaiValue);
    }
    if (normal !== undefined) setField(result, name, normal);
  }
  return result ?? (map as OjaiMap);
}

/** Sets a field, whatever its name: `__proto__` by assignment would change the object instead. */
export function setField(map: OjaiMap, name: string, value: OjaiValue): void {
  if (name === '__proto__')
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
  else map[name] = value;
}

function normalizeScalar(tag: string, raw: unknown, where: string, code: ErrorCode): OjaiValue {
  const fail = (what: string): never => {
    throw new FieldlineError(code, `${where}: ${tag} needs ${what}, not ${JSON.stringify(raw)?.slice(0, 60)}`);
  };
  const type = TAG_TYPES[tag]!;
  switch (type) {
    case 'byte':
    case 'short':
    case 'int':
    case 'long': {
      const exact = exactInteger(raw) ?? fail('an integer');
      const [low, high] = INTEGER_RANGES[type];
      if (exact < low || exact > high) fail(`an integer from ${low} to ${high}`);
      return untagged(integerValue(type, exact));
    }
    case 'float':
      return typeof raw === 'number' && Number.isFinite(raw) ? raw : fail('a number');
    case 'interval': {
      const exact = exactInteger(raw);
      const small = Number(exact);
      return exact !== undefined && Number.isSafeInteger(small) ? small : fail('an integer of milliseconds');
    }
    case 'decimal': {
      const text = typeof raw === 'number' ? String(raw) : raw;
      return typeof text === 'string' && isDecimal(text) ? text : fail('a decimal number as a string');
    }
    case 'date':
      return typeof raw === 'string' && isDay(raw) ? raw : fail('a day as "YYYY-MM-DD"');
    case 'time':
      return typeof raw === 'string' && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?$/.test(raw)
        ? raw
        : fail('a time as "HH:MM:SS.mmm"');
    case 'timestamp':
      return typeof raw === 'string' && isTimestamp(raw) ? raw : fail('a time stamp as ISO 8601 with an offset');
    default:
      return typeof raw === 'string' && raw.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(raw)
        ? raw
        : fail('base64');
  }
}

function exactInteger(raw: unknown): bigint | undefined {
  if (typeof raw === 'number') return Number.isInteger(raw) ? BigInt(raw) : undefined;
  const digits = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[BIG_LITERAL_KEY] : raw;
  return typeof digits === 'string' && /^-?\d{1,25}$/.test(digits) ? BigInt(digits) : undefined;
}

function isDecimal(text: string): boolean {
  const match = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,5}))?$/.exec(text);
  return match !== null && text.length <= DECIMAL_LENGTH_MAX && Math.abs(Number(match[1] ?? 0)) <= DECIMAL_EXPONENT_MAX;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isTimestamp(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
