/**
 * Equality and order of OJAI values. Numbers of all types compare by their exact value (an int equals a double of the same value);
 * other types compare within their type only. Strings compare by code point, which is the byte order of UTF-8.
 */
import type { OjaiValue } from './types';
import { type OjaiMap, type OjaiType, typeOf, untagged } from './values';

/** Classes whose values compare with each other, in the order they sort in. A missing value sorts before all. */
export const TYPE_RANKS: Readonly<Record<OjaiType, number>> = {
  null: 1,
  boolean: 2,
  byte: 3,
  short: 3,
  int: 3,
  long: 3,
  float: 3,
  double: 3,
  decimal: 3,
  string: 4,
  date: 5,
  time: 6,
  timestamp: 7,
  interval: 8,
  binary: 9,
  array: 10,
  map: 11,
};
export const MISSING_RANK = 0;
const ARRAY_RANK = TYPE_RANKS.array;

/** Deep equality; the order of a map's fields does not matter, that of an array's elements does. */
export function equalValues(a: OjaiValue, b: OjaiValue): boolean {
  if (a === b) return true;
  const type = typeOf(a);
  const other = typeOf(b);
  if (type === 'array' && other === 'array') {
    const [left, right] = [a as OjaiValue[], b as OjaiValue[]];
    return left.length === right.length && left.every((item, index) => equalValues(item, right[index]!));
  }
  if (type === 'map' && other === 'map') {
    const [left, right] = [a as OjaiMap, b as OjaiMap];
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && equalValues(left[key]!, right[key]!))
    );
  }
  return compareScalars(a, b) === 0;
}

/** Negative, zero or positive; undefined where the two have no order: different classes, arrays, maps. */
export function compareScalars(a: OjaiValue, b: OjaiValue): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const type = typeOf(a);
  const rank = TYPE_RANKS[type];
  if (rank !== TYPE_RANKS[typeOf(b)] || rank >= ARRAY_RANK) return undefined;
  const [left, right] = [untagged(a), untagged(b)];
  switch (type) {
    case 'null':
      return 0;
    case 'string':
    case 'date':
      return compareStrings(left as string, right as string);
    case 'boolean':
    case 'interval':
      return Number(left) - Number(right);
    case 'time':
      return timeOfDay(left as string) - timeOfDay(right as string);
    case 'timestamp':
      return Date.parse(left as string) - Date.parse(right as string);
    case 'binary':
      return Buffer.compare(Buffer.from(left as string, 'base64'), Buffer.from(right as string, 'base64'));
    default:
      return compareNumbers(left as number | string, right as number | string);
  }
}

/** A total order for sorting: by class, then by value; arrays are equal among themselves, as are maps. Undefined: the field is missing. */
export function orderValues(a: OjaiValue | undefined, b: OjaiValue | undefined): number {
  const left = a === undefined ? MISSING_RANK : TYPE_RANKS[typeOf(a)];
  const right = b === undefined ? MISSING_RANK : TYPE_RANKS[typeOf(b)];
  if (left !== right) return left - right;
  return left === MISSING_RANK ? 0 : (compareScalars(a!, b!) ?? 0);
}

/** Code point order. UTF-16 order differs where a surrogate meets a code unit above it. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    return left >= 0xd800 && right >= 0xd800 ? codePointRank(left) - codePointRank(right) : left - right;
  }
  return a.length - b.length;
}

/** Moves surrogates above U+E000..U+FFFF. */
const codePointRank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

/** Milliseconds (with fraction) since midnight of `HH:MM[:SS[.fff]]`. */
function timeOfDay(text: string): number {
  const [hours, minutes, seconds] = text.split(':');
  return (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds ?? 0) * 1000;
}

function compareNumbers(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = exactDecimal(a);
  const right = exactDecimal(b);
  const scale = Math.max(left.scale, right.scale);
  const difference =
    left.digits * 10n ** BigInt(scale - left.scale) - right.digits * 10n ** BigInt(scale - right.scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The exact value `digits / 10^scale` of a double, or of a decimal or long as text; scale >= 0. */
export function exactDecimal(value: number | string): { digits: bigint; scale: number } {
  if (typeof value === 'number') {
    // Doubling is exact and ends within 1074 steps; x = n / 2^k = n * 5^k / 10^k.
    let scale = 0;
    let scaled = value;
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      scale++;
    }
    return { digits: BigInt(scaled) * 5n ** BigInt(scale), scale };
  }
  const [mantissa = '0', exponent = '0'] = value.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const digits = BigInt(`${whole}${fraction}` || '0') * (mantissa.startsWith('-') ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
