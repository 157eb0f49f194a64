import { describe, expect, it } from 'vitest';
import { Backoff } from '../backoff';
import { AdaptiveSize, DirectionFigures } from './figures';

describe('AdaptiveSize', () => {
  const make = () => new AdaptiveSize({ startBytes: 64, minBytes: 16, maxBytes: 256 });

  it('grows while full transfers are fast, up to its limit', () => {
    const size = make();
    for (let index = 0; index < 5; index++) size.observe(size.bytes, 10);
    expect(size.bytes).toBe(256);
  });

  it('learns nothing from small transfers', () => {
    const size = make();
    size.observe(3, 1);
    expect(size.bytes).toBe(64);
  });

  it('shrinks on slow and failed transfers, down to its limit', () => {
    const size = make();
    size.observe(64, 10_000);
    expect(size.bytes).toBe(32);
    for (let index = 0; index < 5; index++) size.shrink();
    expect(size.bytes).toBe(16);
  });
});

describe('Backoff', () => {
  it('grows from half a second to fifteen, and begins anew after a success', () => {
    const backoff = new Backoff(() => 0);
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('spreads', () => {
    expect(new Backoff(() => 1).next()).toBe(350);
  });
});

describe('DirectionFigures', () => {
  it('estimates what waits in bytes from what was carried', () => {
    const figures = new DirectionFigures();
    figures.lag(10, null, 5);
    expect(figures.lagBytes).toBeNull();
    figures.carried(100, 50_000);
    figures.lag(10, null, 5);
    expect(figures).toMatchObject({ lagRecords: 10, lagBytes: 5_000, lagMs: 5 });
    figures.lag(0, null, 99);
    expect(figures).toMatchObject({ lagRecords: 0, lagBytes: 0, lagMs: 0 });
  });
});
