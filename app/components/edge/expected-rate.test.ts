import { describe, expect, it } from 'vitest';
import { aLink } from '@/lib/queries/testing/fixtures';
import { expectedRate, formatRate } from './expected-rate';

const measured = (bytesPerSecond: number) => ({ bytesPerSecond, orMore: false });

describe('the rate that a transfer can expect', () => {
  it('is the measured one, never above what the conditioner lets through', () => {
    const conditions = { cut: false, bytesPerSecond: 8000, latencyMs: 0 };
    expect(expectedRate(aLink({ estimatedBytesPerSecond: 5000, conditions }))).toEqual(measured(5000));
    expect(expectedRate(aLink({ estimatedBytesPerSecond: 50_000, conditions }))).toEqual(measured(8000));
    expect(expectedRate(aLink({ provenBytesPerSecond: 50_000, conditions }))).toEqual(measured(8000));
    expect(expectedRate(aLink({ estimatedBytesPerSecond: 5000, provenBytesPerSecond: 9000 }))).toEqual(measured(5000));
  });

  it('is what the link carried at least while it was never measured, and says so', () => {
    const rate = expectedRate(aLink({ provenBytesPerSecond: 2_000_000 }))!;
    expect(rate).toEqual({ bytesPerSecond: 2_000_000, orMore: true });
    expect(formatRate(rate)).toBe('2.00 MB/s or more');
  });

  it('is not known of a link that is not up, or that has carried nothing', () => {
    expect(expectedRate(aLink())).toBeNull();
    expect(expectedRate(aLink({ state: 'down', estimatedBytesPerSecond: 5000 }))).toBeNull();
    expect(expectedRate(undefined)).toBeNull();
  });
});
