/** `$increment` and `$decrement`: the stored type stays, the result is cut to it (int 60 + 5.675 = 65; ojai `DocumentMutation.increment`). */
import { FieldlineError } from '@/lib/errors';
import { exactDecimal, TYPE_RANKS } from './compare';
import type { OjaiValue } from './types';
import { INTEGER_RANGES, type IntegerType, integerValue, tagOf, typeOf, untagged } from './values';

type Exact = ReturnType<typeof exactDecimal>;

export const isNumeric = (value: OjaiValue): boolean => TYPE_RANKS[typeOf(value)] === TYPE_RANKS.double;

export function negate(value: OjaiValue): OjaiValue {
  const inner = untagged(value) as number | string;
  const tag = tagOf(value);
  const negated =
    typeof inner === 'number' ? -inner : inner.startsWith('-') ? inner.slice(1) : `-${inner.replace('+', '')}`;
  return tag === undefined ? negated : { [tag]: negated };
}

/** The sum in the type of `stored`. Fails with MUTATION_INVALID when it does not fit that type. */
export function addNumbers(stored: OjaiValue, delta: OjaiValue, field: string): OjaiValue {
  const type = typeOf(stored);
  const [left, right] = [untagged(stored) as number | string, untagged(delta) as number | string];
  if (type === 'double' || type === 'float') {
    const sum = (left as number) + Number(right);
    if (!Number.isFinite(sum)) overflow(field, type);
    return type === 'double' ? sum : { $numberFloat: Math.fround(sum) };
  }
  const sum = addExact(exactDecimal(left), exactDecimal(right));
  if (type === 'decimal') return { $decimal: formatDecimal(sum) };
  const whole = sum.digits / 10n ** BigInt(sum.scale);
  const [low, high] = INTEGER_RANGES[type as IntegerType];
  if (whole < low || whole > high) overflow(field, type);
  return integerValue(type as IntegerType, whole);
}

function addExact(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  return { digits: a.digits * 10n ** BigInt(scale - a.scale) + b.digits * 10n ** BigInt(scale - b.scale), scale };
}

function formatDecimal({ digits, scale }: Exact): string {
  if (scale === 0) return String(digits);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const fraction = text.slice(-scale).replace(/0+$/, '');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}${fraction ? `.${fraction}` : ''}`;
}

function overflow(field: string, type: string): never {
  throw new FieldlineError(
    'MUTATION_INVALID',
    `The new value of ${JSON.stringify(field)} does not fit its type ${type}`,
  );
}
