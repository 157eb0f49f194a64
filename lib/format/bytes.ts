const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const STEP = 1000;
/** What stands where a figure is not known. */
export const UNKNOWN = '–';

/** Three significant digits, never an exponent: 1.24, 12.4, 124. */
function threeDigits(value: number): string {
  if (value >= 99.95) return Math.round(value).toString();
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Bytes in decimal units, as link rates are: `0 B`, `812 B`, `1.24 MB`. Null or undefined: a dash. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return UNKNOWN;
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${UNITS[unit]}`;
}

/** The exact figure, for hover: `1,240,312 bytes`. */
export function formatBytesExact(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return 'Size not known';
  return `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** Bytes a second: `1.24 MB/s`. */
export function formatByteRate(bytesPerSecond: number | null | undefined): string {
  return bytesPerSecond === null || bytesPerSecond === undefined ? UNKNOWN : `${formatBytes(bytesPerSecond)}/s`;
}

/** Whole numbers with grouping: `10,000`. */
export function formatCount(count: number | null | undefined): string {
  return count === null || count === undefined ? UNKNOWN : COUNT.format(count);
}
const COUNT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** Work a minute: `0/min`, `4.5/min`, `120/min`. */
export function formatPerMinute(rate: number): string {
  return `${rate === 0 || rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1)}/min`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
