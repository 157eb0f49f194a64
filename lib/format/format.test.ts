import { describe, expect, it } from 'vitest';
import {
  ageMs,
  formatAge,
  formatAgo,
  formatByteRate,
  formatBytes,
  formatBytesExact,
  formatClock,
  formatCount,
  formatDuration,
  formatEstimate,
  formatLag,
  formatPerMinute,
  formatPlace,
  formatTimestamp,
  plural,
} from './index';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [999.6, '1.00 kB'],
    [1000, '1.00 kB'],
    [1_240_312, '1.24 MB'],
    [12_400_000, '12.4 MB'],
    [99_960_000, '100 MB'],
    [999_600_000, '1.00 GB'],
    [5e15, '5.00 PB'],
    [5e18, '5000 PB'],
    [-5, '0 B'],
    [null, '–'],
    [undefined, '–'],
  ])('%s is %s', (value, text) => expect(formatBytes(value)).toBe(text));

  it('gives the exact figure for hover', () => {
    expect(formatBytesExact(1)).toBe('1 byte');
    expect(formatBytesExact(1_240_312)).toBe('1,240,312 bytes');
    expect(formatBytesExact(null)).toBe('Size not known');
  });

  it('gives rates and counts', () => {
    expect(formatByteRate(40_000)).toBe('40.0 kB/s');
    expect(formatByteRate(null)).toBe('–');
    expect(formatCount(10_000)).toBe('10,000');
    expect(formatPerMinute(0)).toBe('0/min');
    expect(formatPerMinute(4.52)).toBe('4.5/min');
    expect(formatPerMinute(1200.4)).toBe('1,200/min');
    expect(plural(1, 'file')).toBe('1 file');
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('time', () => {
  it.each([
    [0, 'now'],
    [-4000, 'now'],
    [999, 'now'],
    [1000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [3_600_000, '1 h'],
    [86_400_000, '1 d'],
    [null, '–'],
  ])('an age of %s ms is %s', (value, text) => expect(formatAge(value)).toBe(text));

  it('says ago, except for now and the unknown', () => {
    expect(formatAgo(3000)).toBe('3 s ago');
    expect(formatAgo(0)).toBe('now');
    expect(formatAgo(null)).toBe('–');
  });

  it.each([
    [0.2, 'under 1 s'],
    [42, '42 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [7200, '2 h'],
    [273_600, '3 d 4 h'],
    [Number.POSITIVE_INFINITY, '–'],
    [null, '–'],
  ])('a duration of %s s is %s', (value, text) => expect(formatDuration(value)).toBe(text));

  it('says of an estimate that it is one', () => {
    expect(formatEstimate(42)).toBe('about 42 s');
    expect(formatEstimate(42, true)).toBe('at most 42 s');
    expect(formatEstimate(0.3)).toBe('under 1 s');
    expect(formatEstimate(null)).toBe('–');
  });

  it('gives lags, clocks and time stamps in UTC', () => {
    expect(formatLag(0)).toBe('0 ms');
    expect(formatLag(3210)).toBe('3.2 s');
    expect(formatLag(65_000)).toBe('1 min');
    expect(formatLag(null)).toBe('–');
    expect(formatClock('2026-11-22T17:54:03.123Z')).toBe('17:54:03');
    expect(formatTimestamp('2026-11-22T17:54:03.123Z')).toBe('2026-11-22 17:54:03 UTC');
    expect(ageMs('2026-11-22T17:54:03.000Z', Date.parse('2026-11-22T17:54:05.000Z'))).toBe(2000);
    expect(ageMs(null, 0)).toBeNull();
  });
});

it('gives a place with its hemispheres', () => {
  expect(formatPlace({ lat: -33.92, lon: 18.42 })).toBe('33.9° S, 18.4° E');
  expect(formatPlace({ lat: 31.2, lon: -7 })).toBe('31.2° N, 7.0° W');
});
