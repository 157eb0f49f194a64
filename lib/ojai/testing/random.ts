/** Documents and conditions by chance, the same each time: what judges conditions otherwise (in SQL) is compared with lib/ojai on them. */

/** A small repeatable source of chance. */
export function chance(seed: number) {
  let state = seed;
  const next = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return { next, pick: <T>(list: readonly T[]): T => list[next(list.length)]! };
}

const SCALARS = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  10,
  0.1,
  1e15,
  'a',
  'b',
  'ab',
  '',
  'é',
  '\u{1f600}',
  '\uffee',
  "it's",
  '10',
  'true',
];
const SPECIAL = [
  { $numberLong: 1 },
  { $numberLong: '9007199254740993' },
  { $dateDay: '2020-01-01' },
  2 ** 60,
  1e-12,
  'a\0b',
  { $decimal: '0.1' },
];
const FIELDS = ['a', 'b', 'c', 'a.b', 'c[0]', 'c[]', 'c[].x', '_id', 'b"q', 'ü'];

function values(random: ReturnType<typeof chance>, special: boolean): (depth?: number) => unknown {
  const value = (depth = 0): unknown => {
    const kind = random.next(depth > 2 ? 6 : 9);
    if (kind < 6) return random.pick<unknown>(special && random.next(4) === 0 ? SPECIAL : SCALARS);
    if (kind < 7) return Array.from({ length: random.next(3) }, () => value(depth + 1));
    return Object.fromEntries(['a', 'b', 'x'].slice(0, random.next(4)).map((key) => [key, value(depth + 1)]));
  };
  return value;
}

/** Makes conditions of all kinds; `special`: with type tags and awkward values in them. */
export function randomConditions(random: ReturnType<typeof chance>, special: boolean) {
  const value = values(random, special);
  const leaf = (): object => {
    const field = field_();
    return random.pick<() => object>([
      () => ({ [random.pick(['$eq', '$ne', '$gt', '$ge', '$lt', '$le'])]: { [field]: value() } }),
      () => ({ [random.pick(['$exists', '$notexists'])]: field }),
      () => ({ $between: { [field]: [value(), value()] } }),
      () => ({ [random.pick(['$in', '$notin'])]: { [field]: [value(), value(), value()] } }),
      () => ({
        [random.pick(['$like', '$notlike'])]: {
          [field]: random.pick([
            'a%',
            '%b',
            '_',
            '%',
            '',
            'ab',
            '%a%',
            'A%',
            '%é%',
            '_b',
            'a%b',
            '%\u{1f600}',
            '%1%0%',
            'a\0%',
            'true',
          ]),
        },
      }),
      () => ({ [random.pick(['$matches', '$notmatches'])]: { [field]: random.pick(['^a', 'b$', '1']) } }),
      () => ({
        [random.pick(['$typeof', '$nottypeof'])]: {
          [field]: random.pick(['null', 'boolean', 'double', 'long', 'string', 'array', 'map']),
        },
      }),
      () => ({ $sizeof: { [field]: { $ge: random.next(3) } } }),
    ])();
  };
  const field_ = () => {
    const field = random.pick(FIELDS);
    return field === 'b"q' ? '`b"q`' : field;
  };
  const condition = (depth = 0): object =>
    depth < 3 && random.next(3) === 0
      ? { [random.pick(['$and', '$or'])]: Array.from({ length: 1 + random.next(3) }, () => condition(depth + 1)) }
      : leaf();
  return condition;
}

/** Documents with the fields that the conditions ask for; `special`: with type tags and awkward values in them. */
export function randomDocuments(random: ReturnType<typeof chance>, count: number, special: boolean) {
  const value = values(random, special);
  return Array.from({ length: count }, (_, i) => {
    const names = ['a', 'b', 'c', 'b"q', 'ü'].filter(() => random.next(4) > 0);
    return {
      _id: random.pick(['id-', 'Ü-', '\u{1f600}-', '\uffee-']) + i,
      ...Object.fromEntries(names.map((key) => [key, value()])),
    };
  });
}
