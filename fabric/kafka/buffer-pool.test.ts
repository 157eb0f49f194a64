import { afterEach, expect, it, vi } from 'vitest';
import { collectGarbage } from '@/lib/process/collect-garbage';
import { BufferPool } from './buffer-pool';

const MB = 1024 * 1024;

afterEach(() => vi.useRealTimers());

it('gives a buffer again while there is work, and lets go of it when the work is over', () => {
  vi.useFakeTimers();
  const collect = vi.fn();
  const pool = new BufferPool(collect);
  const buffer = pool.take(MB);
  for (let second = 0; second < 20; second++) {
    pool.give(buffer);
    vi.advanceTimersByTime(1_000);
    // Compared here: the matchers would compare a million bytes one by one.
    expect(pool.take(MB) === buffer).toBe(true);
  }
  expect(collect).not.toHaveBeenCalled();
  pool.give(buffer);
  vi.advanceTimersByTime(60_000);
  expect(collect).toHaveBeenCalledOnce();
  expect(pool.take(MB) === buffer).toBe(false);
});

it('collects after frames that are too large to keep, once', () => {
  vi.useFakeTimers();
  const collect = vi.fn();
  const pool = new BufferPool(collect);
  pool.take(100);
  vi.advanceTimersByTime(60_000);
  expect(collect).not.toHaveBeenCalled();
  pool.give(pool.take(8 * MB));
  vi.advanceTimersByTime(600_000);
  expect(collect).toHaveBeenCalledOnce();
});

it('keeps what a link asks for at once', () => {
  const pool = new BufferPool();
  const buffer = pool.take(4 * MB);
  pool.give(buffer);
  expect(pool.take(4 * MB) === buffer).toBe(true);
});

it('lets go of a buffer that came back late', () => {
  vi.useFakeTimers();
  const pool = new BufferPool(() => undefined);
  const buffer = pool.take(MB);
  vi.advanceTimersByTime(60_000);
  pool.give(buffer);
  vi.advanceTimersByTime(60_000);
  expect(pool.take(MB) === buffer).toBe(false);
});

it('collects what nobody holds any more', () => {
  let big: Buffer | null = Buffer.allocUnsafeSlow(64 * MB);
  const held = process.memoryUsage().arrayBuffers;
  expect(held).toBeGreaterThanOrEqual(big.length);
  big = null;
  collectGarbage();
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(held - 32 * MB);
});
