/**
 * Numbers as Grafana's units write them, for the units that our dashboards use. https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
 * `bytes` counts in powers of 1024, `Bps` in powers of 1000, as there.
 */
const IEC = { base: 1024, prefixes: ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] };
const SI = { base: 1000, prefixes: ['', 'k', 'M', 'G', 'T', 'P'] };
const SHORT = { base: 1000, prefixes: ['', 'K', 'Mil', 'Bil', 'Tri'] };
const SECONDS = [
  [604_800, 'weeks'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
];

const UNITS = {
  short: (value) => scaled(value, SHORT, ''),
  none: (value) => digits(value),
  bytes: (value) => scaled(value, IEC, 'B'),
  Bps: (value) => scaled(value, SI, 'B/s'),
  cps: (value) => scaled(value, SHORT, 'c/s'),
  reqps: (value) => scaled(value, SHORT, 'req/s'),
  percentunit: (value) => `${digits(value * 100)}%`,
  s: seconds,
};

/** A value with its unit, in three digits or so. Fails for a unit that is not written here: a picture must not say something else. */
export function formatValue(value, unit = 'none') {
  const format = UNITS[unit];
  if (!format) throw new Error(`The unit "${unit}" is not known here: add it to scripts/dashboards/units.mjs`);
  return Number.isFinite(value) ? format(value) : String(value);
}

/** What an axis of this unit counts in, so that its marks are round numbers; null: powers of ten. */
export function axisSteps(unit) {
  if (unit === 'bytes') return Array.from({ length: 50 }, (_, power) => 2 ** power);
  if (unit === 's') {
    const below = [-6, -5, -4, -3, -2, -1].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power));
    return [...below, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800];
  }
  return null;
}

function scaled(value, { base, prefixes }, suffix) {
  const size = Math.abs(value);
  let power = 0;
  while (power < prefixes.length - 1 && size >= base ** (power + 1)) power++;
  const unit = `${prefixes[power]}${suffix}`;
  return `${digits(value / base ** power)}${unit && ' '}${unit}`;
}

function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  const [factor, unit] = SECONDS.find(([least]) => size >= least) ?? SECONDS.at(-1);
  return `${digits(value / factor)} ${unit}`;
}

/** Three significant digits, no zeros that say nothing. */
function digits(value) {
  const size = Math.abs(value);
  const places =
    size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(places)));
}
